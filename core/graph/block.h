/* Blocks of a graph's rows, and products along their edges.
 *
 * The rows of a block share many of their keys. Products that give something to the rows walk the
 * keys part by part, so that a part's keys stay in a core's cache while every row uses them;
 * products that give something to the keys go by the turned block, key by key, while the block's
 * rows stay in cache. Nothing is ever added to scattered places. How a sum is cut depends on the
 * graph alone. */
#ifndef SBMT_CORE_GRAPH_BLOCK_H
#define SBMT_CORE_GRAPH_BLOCK_H

#include "core/base/arena.h"
#include "core/graph/graph.h"
#include "core/kernels/kernels.h"

/** The most rows of a block. */
enum { SBMT_BLOCK_ROWS = 1024 };

/** Rows first … first+rows−1. Edge arrays of a block are indexed from its first edge. */
struct sbmt_block {
    const struct sbmt_kernels *kernels;
    int first, rows;
    int edges;             /**< edges of all rows */
    const int32_t *column; /**< of the block's first edge */
    int columns;           /**< keys of the graph */
    int parts;             /**< ranges of keys */
    const int *split;      /**< (rows, parts+1): where each range begins in the edge arrays */

    /* The same edges by keys, after sbmt_block_turn: key j has the places turned_begin[j] …
     * turned_begin[j+1]−1. */
    const int *turned_begin;
    const int32_t *turned_row;  /**< (edges) 0 … rows−1, ascending within a key */
    const int32_t *turned_edge; /**< (edges) index in the edge arrays */
};

/** Walks a graph block by block. */
struct sbmt_block_walk {
    const struct sbmt_graph *graph;
    const struct sbmt_kernels *kernels;
    int next;       /**< row */
    int part_size;  /**< keys in a part */
    int most_rows;  /**< of a block */
    int most_edges; /**< edges of the largest block: the size of edge arrays */
    int *split;
    int *turned_begin;
    int32_t *turned_row, *turned_edge;
};

/** Begins a walk. Buffers are in `scratch`. False when memory is out (the arena's sticky failure).
 */
bool sbmt_block_walk_init(struct sbmt_block_walk *walk, const struct sbmt_graph *graph,
                          const struct sbmt_kernels *kernels, struct sbmt_arena *scratch);

/** Makes room for turned blocks. False when memory is out (the arena's sticky failure). */
bool sbmt_block_walk_turns(struct sbmt_block_walk *walk, struct sbmt_arena *scratch);

/** The next block, or false at the end. */
bool sbmt_block_next(struct sbmt_block_walk *walk, struct sbmt_block *block);

/** The edges of row i of the block (0 … rows−1): begin and count in the edge arrays. */
static inline int sbmt_block_row(const struct sbmt_block *block, int i, int *count)
{
    const int *split = block->split + (size_t)i * (size_t)(block->parts + 1);
    *count = split[block->parts] - split[0];
    return split[0];
}

/** out_e = scale · a_i·b_j for every edge e = (i, j): a is (n, d) of the graph's rows, b (m, d) of
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
