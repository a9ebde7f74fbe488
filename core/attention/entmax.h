/* Attention whose weights are an α-entmax of the scores instead of their softmax: most weights are
 * exactly 0. What sparsemax, 1.5-entmax and α-entmax share; each of them is three functions of a
 * row.
 *
 * With ε = α − 1 and y_j = s_j − max s, the scores of a row below their largest (Peters et al.
 * 2019, arXiv 1905.05702, equation 10, scores and threshold divided by ε):
 *
 *     p_j = [ε·(y_j − c)]₊^(1/ε),   c such that Σ_j p_j = 1.
 *
 * Σ p falls as c grows, so there is one such c. No p_j is above 1, and that of y = 0 is
 * (−ε·c)^(1/ε): so −1/ε ≤ c < 0. Where only some of the y are looked at, Σ p is smaller and so is
 * the c that is found: a lower bound of the row's.
 *
 * Scores are computed in tiles of a few rows by all keys. Memory is O(n), with a support of some
 * hundred keys a row kept from forward to backward, and a larger one found again from c. */
#ifndef SBMT_CORE_ATTENTION_ENTMAX_H
#define SBMT_CORE_ATTENTION_ENTMAX_H

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"

/** One transformation of rows. `work` has room for `count` reals. */
struct sbmt_entmax {
    real epsilon; /**< α − 1 */
    real least;   /**< y − c up to this is as good as 0 */

    /** The c of the numbers among y (count) that are above `from`; one of them is 0, and
     * −1/ε ≤ from ≤ c. Overwrites y. */
    real (*threshold)(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                      int count, real *y, real *work, real from);

    /** p from x = y − c > least, in place. */
    void (*weights)(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels, int count,
                    real *x);

    /** ds from dp over the support, in place; returns Σ dp·∂p/∂α, 0 where α is fixed. */
    double (*backward)(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                       int count, const real *p, real *dp, real *work);
};

/** Moves the numbers of y that are above a threshold to the front; returns how many. */
int sbmt_entmax_keep(int count, real *y, real threshold);

/** dp ← slope·(dp − Σ slope·dp/Σ slope), the adjoint of every α-entmax, where the slope of p is
 * p^(2−α) (Peters et al. 2019, equation 14). */
void sbmt_entmax_adjoint(const struct sbmt_kernels *kernels, int count, const real *slope,
                         real *dp);

/** Forward of a head, as in struct sbmt_attention_ops. Counts the support as edges. */
SBMT_MUST_CHECK bool sbmt_entmax_forward(const struct sbmt_entmax *entmax,
                                         const struct sbmt_head *head, struct sbmt_pass *pass,
                                         void **saved, real *out, struct sbmt_error *err);

/** Backward of a head; *dalpha receives the gradient of α. */
SBMT_MUST_CHECK bool sbmt_entmax_backward(const struct sbmt_entmax *entmax,
                                          const struct sbmt_head *head, struct sbmt_pass *pass,
                                          const void *saved, const real *dout,
                                          const struct sbmt_head_grad *grad, double *dalpha,
                                          struct sbmt_error *err);

/** Operations of all scores and of values along the support; bytes of what is kept. */
struct sbmt_cost sbmt_entmax_cost(const void *config, int n, int d, double density);

#endif
