/* Softmax attention of queries over keys, exact, in tiles with an online softmax (Milakov &
 * Gimelshein 2018; Dao et al. 2022): no matrix of all scores is ever kept, forward leaves one
 * number a query.
 *
 * Queries and keys may be of different number, and values of a width of their own: kinds that make
 * queries, keys or values of their own use it too. */
#ifndef SBMT_CORE_ATTENTION_DENSE_H
#define SBMT_CORE_ATTENTION_DENSE_H

#include <stdbool.h>

#include "core/attention/attention.h"
#include "core/attention/scores.h"
#include "core/base/arena.h"
#include "core/kernels/kernels.h"
#include "core/nn/dropout.h"

/** What is attended: out_i = Σ_j dropout(softmax_j(s_ij)) v_j with the scores
 * s_ij = scale·(q_i·k_j + bias_j). Borrowed. */
struct sbmt_dense_attend {
    int queries, keys;
    int d;                    /**< of q and k */
    int width;                /**< of v and out */
    struct sbmt_rows q, k, v; /**< (queries, d), (keys, d), (keys, width) */
    const real *bias;         /**< (keys); NULL: none */
    real scale;
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key; /**< of dropout: pair (i, j) has half-word j of row dropout_row + i */
    uint32_t dropout_row;

    /** Adds constants to the scores, not yet scaled, of one query and keys first_key …
     * first_key+count−1. NULL: none. */
    void (*adjust)(const void *context, int query, int first_key, int count, real *score);
    const void *context;

    /** The pairs that take part, (queries, pair_words) words: key j is bit j % 32 of word j / 32.
     * NULL: all. */
    const uint32_t *pairs;
    int pair_words;
};

/** A head over all its pairs: scores over √d, dropout in training. */
struct sbmt_dense_attend sbmt_dense_head(const struct sbmt_head *head,
                                         const struct sbmt_pass *pass);

/** out (queries, width), 0 for a query without pairs. log_sum (queries) receives log Σ_j e^{s_ij},
 * which backward needs. False when scratch memory is out (the arena's sticky failure). */
bool sbmt_dense_attend_forward(const struct sbmt_dense_attend *attend,
                               const struct sbmt_kernels *kernels, real *out, int out_stride,
                               real *log_sum, struct sbmt_arena *scratch);

/** The most keys of a tile. */
enum { SBMT_DENSE_TILE_KEYS = 128 };

/** What backward has in hand: some queries by some keys, (rows, stride). Pairs that do not take
 * part have the gradient 0. */
struct sbmt_dense_tile {
    int first, rows; /**< queries */
    int first_key, keys;
    int stride;
    real scale;            /**< of the scores */
    const uint32_t *pairs; /**< (rows, pair_words) that take part, from first_key on; NULL: all */
    int pair_words;
    real *score;        /**< s_ij / scale; may be overwritten, up to whole words of keys */
    const real *dscore; /**< ∂L/∂(s_ij / scale) */
};

/** Where gradients go: to be added to, with the strides of q, k and v. NULL where dq, dk or dbias
 * is not wanted. */
struct sbmt_dense_grad {
    real *dq, *dk, *dv;
    real *dbias;          /**< (keys) */
    const real *dlog_sum; /**< (queries) gradient of log_sum where that is used too; NULL: 0 */

    /** Is given each tile while it is in cache. NULL: nobody wants it. */
    void (*watch)(void *context, const struct sbmt_dense_tile *tile);
    void *context;
};

/** Adds the gradients, given what forward made and dout (queries, width), that of out. */
bool sbmt_dense_attend_backward(const struct sbmt_dense_attend *attend,
                                const struct sbmt_kernels *kernels, struct sbmt_rows out,
                                const real *log_sum, struct sbmt_rows dout,
                                const struct sbmt_dense_grad *grad, struct sbmt_arena *scratch);

#endif
