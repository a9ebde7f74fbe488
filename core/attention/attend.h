/* Softmax attention along the edges of a graph, forward and backward, block by block.
 *
 * In backward a caller can use the scores of a block's edges and their gradients while they are in
 * cache. What forward keeps for backward is one number a row. */
#ifndef SBMT_CORE_ATTENTION_ATTEND_H
#define SBMT_CORE_ATTENTION_ATTEND_H

#include "core/graph/block.h"
#include "core/nn/dropout.h"

/** One head; the first group is the caller's to set. */
struct sbmt_attend {
    int n;                 /**< keys, and queries */
    int d, stride;         /**< head dim; reals from a row of q, k, v, out to the next */
    const real *q, *k, *v; /**< (n, d) */
    real scale;            /**< 1/√d */
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key; /**< for dropout; an edge's number follows from its block */

    const real *keys, *values;  /**< (n, d) packed: k·scale and v */
    const real *queries, *dout; /**< (n, d) packed: q·scale and the gradient of out */
    const real *delta;          /**< (n) dout_i·out_i */
    real *score;                /**< (most edges of a block) s_e = q_i·k_j·scale */
    real *weight; /**< A_e, the softmax of s + log w over the row: A_e ∝ w_e·e^{s_e} */
    real *dscore; /**< ∂L/∂s_e */
    uint32_t *bits;
};

/** out_i = Σ_e A_e v_j, with dropout on A; 0 for a row without edges. w_e are the graph's
 * multiplicities. log_sum (n) receives log Σ w_e·e^{s_e} over each row, which backward needs. False
 * when scratch memory is out (the arena's sticky failure). */
bool sbmt_attend_forward(struct sbmt_attend *attend, const struct sbmt_graph *graph,
                         const struct sbmt_kernels *kernels, real *out, real *log_sum,
                         struct sbmt_arena *scratch);

/** Packs the head and allocates the edge arrays for blocks of up to `most_edges` edges, in
 * `scratch`. out is what forward gave, dout its gradient (n, d; the head's stride). False when
 * memory is out (the arena's sticky failure). */
bool sbmt_attend_backward_init(struct sbmt_attend *attend, int most_edges, const real *out,
                               const real *dout, const struct sbmt_kernels *kernels,
                               struct sbmt_arena *scratch);

/** Adds to dq of the block's rows and to dk, dv of its keys (all with the head's stride). The block
 * must have been turned. Leaves s_e in attend->score and ∂L/∂s_e in attend->dscore. */
void sbmt_attend_backward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                          const real *log_sum, real *dq, real *dk, real *dv);

#endif
