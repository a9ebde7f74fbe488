/* The mixed memberships of a stochastic block model: what an SBM head makes of its queries and keys
 * before it draws a graph (arXiv 2210.15541, section 3.1).
 *
 *   Y = σ(MLP(Q)·Cᵀ),  Z = σ(MLP(K)·Cᵀ)  (n, k);   B = softmax over all entries of C·Cᵀ  (k, k);
 *   P = (Y·B)·Zᵀ.  */
#ifndef SBMT_CORE_ATTENTION_MEMBERSHIP_H
#define SBMT_CORE_ATTENTION_MEMBERSHIP_H

#include "core/attention/attention.h"

/** The tensors of a layer. The MLP is shared by queries and keys and, as in the published code, by
 * heads; or every head has its own, and the MLP's tensors a leading axis of heads. */
struct sbmt_membership_params {
    const struct sbmt_tensor *hidden_weight, *hidden_bias; /**< ([heads,] d, d), ([heads,] d) */
    const struct sbmt_tensor *output_weight, *output_bias; /**< ([heads,] d, d), ([heads,] d) */
    const struct sbmt_tensor *clusters;                    /**< (heads, k, d) */
};

/** What forward makes; lives in the arena it was given. */
struct sbmt_memberships {
    int head; /**< within the layer */
    int n, d, stride, clusters;
    /** Reals from a row of an (n, k) matrix to the next: k and some padding, so that the same
     * columns of many rows do not compete for the same cache lines. */
    int width;
    const real *q, *k;   /**< (n, d), the head's stride */
    const real *cluster; /**< (k, d) of this head */
    real *block;         /**< (k, k) B, sums to 1 */
    real *mixed;         /**< (n, k) Y·B */
    real *key;           /**< (n, k) Z, in (0, 1) */
    real *query; /**< (n, k) Y; NULL unless the pass has a probe: nothing else needs it whole */
};

/** The row width for k clusters. */
int sbmt_membership_width(int clusters);

/** Computes the memberships of a head. False when memory is out (the arena's sticky failure). */
bool sbmt_memberships_forward(const struct sbmt_membership_params *params,
                              const struct sbmt_head *head, int clusters,
                              const struct sbmt_pass *pass, struct sbmt_arena *arena,
                              struct sbmt_memberships *memberships);

/** Given ∂L/∂(Y·B) and ∂L/∂Z (n, k; rows `width` apart; ∂L/∂Z is overwritten), adds to the
 * gradients of q, k in `grad` and of the parameters in pass->grad. What lies between them and their
 * inputs is computed again, some rows at a time. False when scratch memory is out. */
bool sbmt_memberships_backward(const struct sbmt_membership_params *params,
                               const struct sbmt_memberships *memberships, struct sbmt_pass *pass,
                               const real *dmixed, real *dkey, const struct sbmt_head_grad *grad);

#endif
