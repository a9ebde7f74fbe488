/* Blocks of a graph's rows. */
#include "core/graph/block.h"

/* A block's edge arrays take 128 KiB each; a part of 256 keys at 128 clusters as much. A row's
 * share of a part should have a few dozen edges, or calls cost more than cache misses. */
enum { BLOCK_EDGES = 1 << 15, LEAST_PART = 96, EDGES_IN_PART = 24, SLICE = 32 };

bool sbmt_block_walk_init(struct sbmt_block_walk *walk, const struct sbmt_graph *graph,
                          const struct sbmt_kernels *kernels, struct sbmt_arena *scratch)
{
    int64_t longest = 0;
    for (int i = 0; i < graph->rows; i++) {
        const int64_t count = graph->offset[i + 1] - graph->offset[i];
        longest = count > longest ? count : longest;
    }
    const double per_row = (double)sbmt_graph_edges(graph) / (graph->rows > 0 ? graph->rows : 1);
    const double wanted = per_row > 0 ? EDGES_IN_PART * (double)graph->columns / per_row
                                      : LEAST_PART;
    const int part = wanted > graph->columns ? graph->columns : (int)wanted;
    *walk = (struct sbmt_block_walk){
        .graph = graph,
        .kernels = kernels,
        .part_size = part > LEAST_PART ? part : LEAST_PART,
        .most_edges = longest > BLOCK_EDGES ? (int)longest : BLOCK_EDGES,
    };
    const int parts = (graph->columns + walk->part_size - 1) / walk->part_size;
    walk->split = sbmt_arena_alloc(scratch,
                                   SBMT_BLOCK_ROWS * ((size_t)parts + 1) * sizeof *walk->split);
    return walk->split != NULL;
}

/* Where each part begins in a row's ascending columns; `base` is the row's first edge in the block.
 */
static void split_row(const int32_t *columns, int count, int base, int part_size, int parts,
                      int *split)
{
    int e = 0;
    for (int p = 0; p < parts; p++) {
        const int64_t least = (int64_t)p * part_size;
        while (e < count && columns[e] < least)
            e++;
        split[p] = base + e;
    }
    split[parts] = base + count;
}

bool sbmt_block_next(struct sbmt_block_walk *walk, struct sbmt_block *block)
{
    const struct sbmt_graph *graph = walk->graph;
    if (walk->next >= graph->rows)
        return false;
    const int parts = (graph->columns + walk->part_size - 1) / walk->part_size;
    const int64_t begin = graph->offset[walk->next];
    *block = (struct sbmt_block){
        .kernels = walk->kernels,
        .first = walk->next,
        .column = graph->column + begin,
        .parts = parts,
        .split = walk->split,
    };
    while (walk->next < graph->rows && block->rows < SBMT_BLOCK_ROWS) {
        int count;
        const int32_t *columns = sbmt_graph_row(graph, walk->next, &count);
        if (block->rows > 0 && block->edges + count > walk->most_edges)
            break;
        split_row(columns, count, block->edges, walk->part_size, parts,
                  walk->split + (size_t)block->rows * (size_t)(parts + 1));
        block->edges += count;
        block->rows++;
        walk->next++;
    }
    return true;
}

/* The range of edges of row i in part p. */
static int range(const struct sbmt_block *block, int i, int p, int *count)
{
    const int *split = block->split + (size_t)i * (size_t)(block->parts + 1) + p;
    *count = split[1] - split[0];
    return split[0];
}

void sbmt_block_dot(const struct sbmt_block *block, int d, const real *a, int a_stride,
                    const real *b, int b_stride, real scale, real *out)
{
    for (int p = 0; p < block->parts; p++)
        for (int i = 0; i < block->rows; i++) {
            int count;
            const int at = range(block, i, p, &count);
            block->kernels->gather_dot(d, count, block->column + at,
                                       a + (size_t)(block->first + i) * (size_t)a_stride, b,
                                       b_stride, scale, out + at);
        }
}

void sbmt_block_gather(const struct sbmt_block *block, int d, const real *weight, const real *b,
                       int b_stride, real *out, int out_stride)
{
    for (int p = 0; p < block->parts; p++)
        for (int i = 0; i < block->rows; i++) {
            int count;
            const int at = range(block, i, p, &count);
            block->kernels->gather_add(d, count, block->column + at, weight + at, b, b_stride,
                                       out + (size_t)(block->first + i) * (size_t)out_stride);
        }
}

void sbmt_block_scatter(const struct sbmt_block *block, int d, const real *weight, const real *a,
                        int a_stride, real *out, int out_stride)
{
    for (int p = 0; p < block->parts; p++)
        for (int i = 0; i < block->rows; i++) {
            int count;
            const int at = range(block, i, p, &count);
            block->kernels->scatter_add(d, count, block->column + at, weight + at,
                                        a + (size_t)(block->first + i) * (size_t)a_stride, out,
                                        out_stride);
        }
}

/* One slice of the columns: a part's rows of both matrices stay in the first level of cache. */
static void exchange_slice(const struct sbmt_block *block, int d, const real *weight, const real *a,
                           const real *b, real *out, int row_stride, real *dout, int stride)
{
    for (int p = 0; p < block->parts; p++)
        for (int i = 0; i < block->rows; i++) {
            int count;
            const int at = range(block, i, p, &count);
            const size_t row = (size_t)(block->first + i) * (size_t)row_stride;
            block->kernels->exchange(d, count, block->column + at, weight + at, a + row, b,
                                     out + row, dout, stride);
        }
}

void sbmt_block_exchange(const struct sbmt_block *block, int d, const real *weight, const real *a,
                         const real *b, real *out, int row_stride, real *dout, int stride)
{
    for (int j = 0; j < d; j += SLICE) {
        const int width = d - j < SLICE ? d - j : SLICE;
        exchange_slice(block, width, weight, a + j, b + j, out + j, row_stride, dout + j, stride);
    }
}
