/* Products along the edges of a block that has most of its pairs: by products of whole matrices,
 * with zeros where there is no edge. The results are those of sbmt_block_dot, _gather and
 * _gather_turned up to rounding. */
#ifndef SBMT_CORE_GRAPH_DENSE_BLOCK_H
#define SBMT_CORE_GRAPH_DENSE_BLOCK_H

#include "core/base/arena.h"
#include "core/graph/graph.h"
#include "core/kernels/kernels.h"

struct sbmt_block;

/** The widest rows whose dot products go this way. */
enum { SBMT_DENSE_WIDTH = 64 };

/** Keys by columns, and of which keys they are. */
struct sbmt_turned_keys {
    const real *of; /**< NULL: none yet */
    int first_key;
    real *turned; /**< (SBMT_DENSE_WIDTH, width) */
};

/** Working memory for the blocks of a walk. */
struct sbmt_dense {
    int width;  /**< reals from a row of the tile to the next */
    real *tile; /**< (rows, width) a number for each pair of the block */
    struct sbmt_turned_keys keys[2];
};

/** Allocates for blocks of up to rows × keys in `scratch`. False when memory is out (the arena's
 * sticky failure). */
bool sbmt_dense_init(struct sbmt_dense *dense, int rows, int keys, struct sbmt_arena *scratch);

/** The products, as those without `dense` in their names; d ≤ SBMT_DENSE_WIDTH for the first. */
void sbmt_dense_dot(const struct sbmt_block *block, int d, const real *a, int a_stride,
                    const real *b, int b_stride, real scale, real *out);
void sbmt_dense_gather(const struct sbmt_block *block, int d, const real *weight, const real *b,
                       int b_stride, real *out, int out_stride);
void sbmt_dense_gather_turned(const struct sbmt_block *block, int d, const real *weight,
                              const real *a, int a_stride, real *out, int out_stride);

#endif
