/* Blocks of a graph, some of its rows by some of its keys, and products along their edges.
 *
 * All blocks of some keys come before those of the next keys, so what belongs to the keys stays in
 * a core's cache while the rows pass by. Products that give something to the rows go row by row;
 * products that give something to the keys go by the turned block, key by key. Nothing is ever
 * added to scattered places. Rows that have no edges with the keys are passed over. A block that
 * has most of its pairs goes by products of whole matrices (dense_block.h). How a sum is cut
 * depends on the graph alone. */
#ifndef SBMT_CORE_GRAPH_BLOCK_H
#define SBMT_CORE_GRAPH_BLOCK_H

#include "core/base/arena.h"
#include "core/graph/dense_block.h"
#include "core/graph/graph.h"
#include "core/kernels/kernels.h"

/** Rows first … first+rows−1 by keys first_key … first_key+keys−1. Edge arrays of a block hold its
 * edges row after row. Pointers are the walk's and last until its next block. */
struct sbmt_block {
    const struct sbmt_kernels *kernels;
    const struct sbmt_graph *graph;
    int first, rows;
    int first_key, keys;
    int edges;
    const int64_t *from;          /**< (rows) the row's first edge of the block, in the graph */
    const int *begin;             /**< (rows+1) the same in edge arrays */
    const int32_t *const *column; /**< (rows) the row's keys in the block */
    struct sbmt_dense *dense;     /**< NULL unless the block has most of its pairs */

    /* The same edges by keys, after sbmt_block_turn: key first_key+j has the places
     * turned_begin[j] … turned_begin[j+1]−1. */
    const int *turned_begin;
    const uint32_t *turned; /**< (edges) rows 0 … rows−1, ascending within a key, and the indices
                               in the edge arrays (sbmt_turned) */
};

/** Walks a graph block by block. */
struct sbmt_block_walk {
    const struct sbmt_graph *graph;
    const struct sbmt_kernels *kernels;
    int row, key;             /**< where the next block begins */
    int most_rows, most_keys; /**< of a block */
    int most_edges;           /**< of a block: the size of edge arrays */
    bool may_be_dense;
    struct sbmt_dense dense;
    int64_t *cursor;        /**< (rows of the graph) the next edge of each */
    int32_t *rest;          /**< the least key that any of some rows has still to come */
    int64_t *from;          /**< (most_rows) */
    int *begin;             /**< (most_rows+1) */
    const int32_t **column; /**< (most_rows) */
    int32_t *found;         /**< where the graph has bits: the keys of their edges */
    int *turned_begin;      /**< (most_keys+2); NULL where blocks are not turned */
    uint32_t *turned;       /**< (most_edges, and slack) */
    int32_t *turned_next;   /**< (most_rows in whole sixteens) for graphs with bits */
};

/** Begins a walk. Buffers, with `turns` also those for turned blocks, are in `scratch`. False when
 * memory is out (the arena's sticky failure). */
bool sbmt_block_walk_init(struct sbmt_block_walk *walk, const struct sbmt_graph *graph,
                          const struct sbmt_kernels *kernels, bool turns,
                          struct sbmt_arena *scratch);

/** The next block, or false at the end. */
bool sbmt_block_next(struct sbmt_block_walk *walk, struct sbmt_block *block);

/** The keys of row i of the block (0 … rows−1), and how many. */
static inline const int32_t *sbmt_block_row(const struct sbmt_block *block, int i, int *count)
{
    *count = block->begin[i + 1] - block->begin[i];
    return block->column[i];
}

/** Arrays of numbers of a block's edges have room for 16 more than sbmt_block_walk's most_edges:
 * that much behind them may be written (out) or read (weight).
 *
 * out_e = scale · a_i·b_j for every edge e = (i, j): a is (n, d) of the graph's rows, b (m, d) of
 * its columns, rows a_stride and b_stride apart. */
void sbmt_block_dot(const struct sbmt_block *block, int d, const real *a, int a_stride,
                    const real *b, int b_stride, real scale, real *out);

/** out_i += Σ_e weight_e · b_j, out like a above. */
void sbmt_block_gather(const struct sbmt_block *block, int d, const real *weight, const real *b,
                       int b_stride, real *out, int out_stride);

/** Sorts the block's edges by keys, for sbmt_block_gather_turned. */
void sbmt_block_turn(const struct sbmt_block_walk *walk, struct sbmt_block *block);

/** out_j += Σ_e weight_e · a_i, out like b above. The block must have been turned. */
void sbmt_block_gather_turned(const struct sbmt_block *block, int d, const real *weight,
                              const real *a, int a_stride, real *out, int out_stride);

#endif
