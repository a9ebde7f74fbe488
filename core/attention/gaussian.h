/* Kernelised attention (Chen et al. 2021, arXiv 2111.00035): weights are a Gaussian
 * kernel of queries and keys, and their rows are not normalised,
 *
 *     out_i = Σ_j κ(q_i, k_j) v_j,  κ(q, k) = e^{−scale·‖q − k‖²/2}.
 *
 * With a place more for each of the two squared lengths, the exponent is a product of a query and a
 * key, so that this is dense attention (dense.h), in tiles, without the division by its sums. */
#ifndef SBMT_CORE_ATTENTION_GAUSSIAN_H
#define SBMT_CORE_ATTENTION_GAUSSIAN_H

#include "core/attention/dense.h"

/** out (queries, width) of what `gaussian` says with sizes, rows and scale; it has no dropout, bias
 * or adjustment. False when scratch memory is out (the arena's sticky failure). */
bool sbmt_gaussian_forward(const struct sbmt_dense_attend *gaussian,
                           const struct sbmt_kernels *kernels, real *out, int out_stride,
                           struct sbmt_arena *scratch);

/** Adds the gradients, with the strides of q, k and v, given dout (queries, width). False as
 * forward. */
bool sbmt_gaussian_backward(const struct sbmt_dense_attend *gaussian,
                            const struct sbmt_kernels *kernels, struct sbmt_rows dout,
                            const struct sbmt_dense_grad *grad, struct sbmt_arena *scratch);

/** kernel (n, n) = κ(x_i, x_j) of x (n, d), without gaps between rows. False as forward. */
bool sbmt_gaussian_matrix_forward(int n, int d, const real *x, real scale,
                                  const struct sbmt_kernels *kernels, real *kernel,
                                  struct sbmt_arena *scratch);

/** Adds to dx (n, d); dkernel (n, n) is overwritten. False as forward. */
bool sbmt_gaussian_matrix_backward(int n, int d, const real *x, real scale,
                                   const struct sbmt_kernels *kernels, const real *kernel,
                                   real *dkernel, real *dx, struct sbmt_arena *scratch);

#endif
