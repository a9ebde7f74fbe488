/* Softmax attention along the edges of a graph, forward and backward, block by block.
 *
 * A caller can use the scores of a block's edges and their gradients while they are in cache. What
 * forward keeps for backward is one number a row. */
#ifndef SBMT_CORE_ATTENTION_ATTEND_H
#define SBMT_CORE_ATTENTION_ATTEND_H

#include "core/graph/block.h"
#include "core/nn/dropout.h"

/** One head; the first group is the caller's to set, the second sbmt_attend_init's. */
struct sbmt_attend {
    int n;                 /**< keys, and queries */
    int d, stride;         /**< head dim; reals from a row of q, k, v, out to the next */
    const real *q, *k, *v; /**< (n, d) */
    real scale;            /**< 1/√d */
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key; /**< row i drops edge number e of its list by number e of row i */
    const struct sbmt_graph *graph; /**< whose blocks come: w_e are its multiplicities */

    const real *keys, *values;  /**< (n, d) packed: k·scale and v */
    const real *queries, *dout; /**< (n, d) packed: q·scale and the gradient of out */
    real *score;                /**< (most edges of a block) s_e = q_i·k_j·scale; backward only */
    real *weight; /**< A_e, the softmax of s + log w over the row: A_e ∝ w_e·e^{s_e} */
    real *dscore; /**< ∂L/∂s_e; backward only */
    uint32_t *bits;
};

/** Packs the head and allocates the edge arrays for blocks of up to `most_edges` edges, in
 * `scratch`. dout (n, d; the head's stride) is the gradient of the output for backward, NULL for
 * forward. False when memory is out (the arena's sticky failure). */
bool sbmt_attend_init(struct sbmt_attend *attend, int most_edges, const real *dout,
                      struct sbmt_arena *scratch);

/** out_i = Σ_e A_e v_j for the block's rows, with dropout on A; 0 for a row without edges. log_sum
 * (n) receives log Σ w_e·e^{s_e} of these rows, which backward needs. */
void sbmt_attend_forward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                         real *out, real *log_sum);

/** Adds to dq of the block's rows and to dk, dv of their edges' keys (all with the head's stride).
 * The block must have been turned. Leaves s_e in attend->score and ∂L/∂s_e in attend->dscore. */
void sbmt_attend_backward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                          const real *log_sum, real *dq, real *dk, real *dv);

#endif
