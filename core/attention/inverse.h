/* The pseudo-inverse of a matrix, applied to some columns, by the iteration of third order that
 * Xiong et al. 2021 (arXiv 2102.03902) take from Razavi et al. 2014:
 *
 *     Z_0 = Aᵀ/‖A‖₁,  Z_{j+1} = ¼·Z_j·(13·I − A·Z_j·(15·I − A·Z_j·(7·I − A·Z_j))).
 *
 * A is non-negative and its largest singular value squared at most ‖A‖₁, so that the iteration
 * converges: this is so where rows add up to 1 (‖A‖∞ = 1), and for symmetric matrices that are
 * similar to such a one. Nystrom approximations of attention are of both sorts.
 *
 * P_j = A·Z_j and its polynomials are symmetric whatever A is. Forward computes half of them, and
 * an iteration costs 2.5 products of whole matrices in the place of 4. Backward takes the iterates
 * as Z_{j+1} = Z_j·F_j and P_{j+1} = P_j·F_j, F_j a polynomial of P_j: then the gradient of Z_j is
 * of low rank and that of P_j may be made symmetric, and an iteration costs 4 products in the place
 * of 8. (Forward could have P_{j+1} from P_j too, without Z, but rounding errors in small singular
 * values would then grow with every iteration.) */
#ifndef SBMT_CORE_ATTENTION_INVERSE_H
#define SBMT_CORE_ATTENTION_INVERSE_H

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/kernels/kernels.h"

/** One use. The first four are the caller's to fill in; forward leaves in the others what backward
 * needs. */
struct sbmt_inverse {
    int size, iterations; /**< at least 1 */
    int width;            /**< columns of x */
    const real *a;        /**< (size, size), borrowed until backward */

    real start;       /**< 1/‖A‖₁ */
    int start_column; /**< whose sum is ‖A‖₁ */
    real *z;          /**< (iterations, size, size) Z_j */
    real *p;          /**< (iterations, size, size) P_j */
    real *factor;     /**< (iterations, size, size) F_j */
    real *right;      /**< (iterations + 1, size, width) F_j·F_{j+1}·…·x */
};

/** y (size, width) = Z·x. Keeps memory in `saved`. False when memory is out (an arena's sticky
 * failure). */
bool sbmt_inverse_forward(struct sbmt_inverse *inverse, const struct sbmt_kernels *kernels,
                          const real *x, real *y, struct sbmt_arena *saved,
                          struct sbmt_arena *scratch);

/** dx (size, width) and da (size, size) are overwritten, given dy. False as forward. */
bool sbmt_inverse_backward(const struct sbmt_inverse *inverse, const real *dy, real *dx, real *da,
                           struct sbmt_arena *scratch);

/** Multiply-adds of forward. */
double sbmt_inverse_cost(int size, int iterations, int width);

#endif
