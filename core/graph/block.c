/* Blocks of a graph's rows. */
#include "core/graph/block.h"

#include <string.h>

/* A part's keys take 32 KiB at 64 columns, the first level of cache, and so do a block's rows where
 * the graph is dense. In a sparse graph parts and blocks are larger, so that a row has a few dozen
 * edges in a part and a key in a block: below that, calls cost more than cache misses. 256 KiB, as
 * much as stays in the second level, is the most. */
enum { LEAST_PART = 128, MOST_PART = 1024, LEAST_ROWS = 64, EDGES_AT_ONCE = 24, SLICE = 64 };

/* The most edges of a block of more than one row: edge arrays of half a MiB. */
enum { BLOCK_EDGES = 1 << 17 };

/* How many rows or keys in a line of the graph give EDGES_AT_ONCE edges on average. */
static int lines_at_once(const struct sbmt_graph *graph, int least, int most)
{
    const double pairs = (double)graph->rows * graph->columns;
    const double wanted = EDGES_AT_ONCE * pairs / ((double)sbmt_graph_edges(graph) + 1);
    const int lines = wanted < most ? (int)wanted : most;
    return lines > least ? lines : least;
}

bool sbmt_block_walk_init(struct sbmt_block_walk *walk, const struct sbmt_graph *graph,
                          const struct sbmt_kernels *kernels, struct sbmt_arena *scratch)
{
    int64_t longest = 0;
    for (int i = 0; i < graph->rows; i++) {
        const int64_t count = graph->offset[i + 1] - graph->offset[i];
        longest = count > longest ? count : longest;
    }
    *walk = (struct sbmt_block_walk){
        .graph = graph,
        .kernels = kernels,
        .part_size = lines_at_once(graph, LEAST_PART, MOST_PART),
        .most_rows = lines_at_once(graph, LEAST_ROWS, SBMT_BLOCK_ROWS),
    };
    const int64_t edges = walk->most_rows * longest;
    walk->most_edges = (int)(edges < BLOCK_EDGES     ? edges
                             : longest > BLOCK_EDGES ? longest
                                                     : BLOCK_EDGES);
    const size_t parts = (size_t)((graph->columns + walk->part_size - 1) / walk->part_size);
    walk->split = sbmt_arena_alloc(scratch,
                                   (size_t)walk->most_rows * (parts + 1) * sizeof *walk->split);
    return walk->split != NULL;
}

bool sbmt_block_walk_turns(struct sbmt_block_walk *walk, struct sbmt_arena *scratch)
{
    const size_t edges = (size_t)walk->most_edges, columns = (size_t)walk->graph->columns;
    walk->turned_begin = sbmt_arena_alloc(scratch, (columns + 2) * sizeof *walk->turned_begin);
    walk->turned_row = sbmt_arena_alloc(scratch, edges * sizeof *walk->turned_row);
    walk->turned_edge = sbmt_arena_alloc(scratch, edges * sizeof *walk->turned_edge);
    return walk->turned_begin != NULL && walk->turned_row != NULL && walk->turned_edge != NULL;
}

/* Where each part begins in a row's ascending columns; `base` is the row's first edge in the block.
 */
static void split_row(const int32_t *columns, int count, int base, int part_size, int parts,
                      int *split)
{
    int e = 0;
    for (int p = 0; p < parts; p++) {
        const int64_t least = (int64_t)p * part_size;
        while (e + 8 <= count && columns[e + 7] < least)
            e += 8;
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
        .columns = graph->columns,
        .column = graph->column + begin,
        .parts = parts,
        .split = walk->split,
    };
    while (walk->next < graph->rows && block->rows < walk->most_rows) {
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

/* A counting sort. begin[j + 2] counts the edges of key j, then begin[j + 1] is where its next edge
 * goes, in the end where key j + 1 begins. */
void sbmt_block_turn(const struct sbmt_block_walk *walk, struct sbmt_block *block)
{
    int *begin = walk->turned_begin;
    memset(begin, 0, ((size_t)block->columns + 2) * sizeof *begin);
    for (int e = 0; e < block->edges; e++)
        begin[block->column[e] + 2]++;
    for (int j = 0; j < block->columns; j++)
        begin[j + 2] += begin[j + 1];
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int first = sbmt_block_row(block, i, &count);
        for (int e = first; e < first + count; e++) {
            const int to = begin[block->column[e] + 1]++;
            walk->turned_row[to] = i;
            walk->turned_edge[to] = e;
        }
    }
    block->turned_begin = begin;
    block->turned_row = walk->turned_row;
    block->turned_edge = walk->turned_edge;
}

/* The range of edges of row i in parts p … p+parts−1. */
static int range(const struct sbmt_block *block, int i, int p, int parts, int *count)
{
    const int *split = block->split + (size_t)i * (size_t)(block->parts + 1) + p;
    const int end = p + parts < block->parts ? parts : block->parts - p;
    *count = split[end] - split[0];
    return split[0];
}

/* Parts whose keys, `width` columns each, fit into the first level of cache together. */
static int parts_at_once(int width)
{
    return width < SLICE && width > 0 ? SLICE / width : 1;
}

void sbmt_block_dot(const struct sbmt_block *block, int d, const real *a, int a_stride,
                    const real *b, int b_stride, real scale, real *out)
{
    const int step = parts_at_once(d);
    for (int p = 0; p < block->parts; p += step)
        for (int i = 0; i < block->rows; i++) {
            int count;
            const int at = range(block, i, p, step, &count);
            block->kernels->gather_dot(d, count, block->column + at,
                                       a + (size_t)(block->first + i) * (size_t)a_stride, b,
                                       b_stride, scale, out + at);
        }
}

void sbmt_block_gather(const struct sbmt_block *block, int d, const real *weight, const real *b,
                       int b_stride, real *out, int out_stride)
{
    for (int j = 0; j < d; j += SLICE) {
        const int width = d - j < SLICE ? d - j : SLICE, step = parts_at_once(width);
        for (int p = 0; p < block->parts; p += step)
            for (int i = 0; i < block->rows; i++) {
                int count;
                const int at = range(block, i, p, step, &count);
                block->kernels->gather_add(
                    width, count, block->column + at, NULL, weight + at, b + j, b_stride,
                    out + (size_t)(block->first + i) * (size_t)out_stride + j);
            }
    }
}

void sbmt_block_gather_turned(const struct sbmt_block *block, int d, const real *weight,
                              const real *a, int a_stride, real *out, int out_stride)
{
    a += (size_t)block->first * (size_t)a_stride;
    for (int j = 0; j < d; j += SLICE) {
        const int width = d - j < SLICE ? d - j : SLICE;
        for (int key = 0; key < block->columns; key++) {
            const int at = block->turned_begin[key], count = block->turned_begin[key + 1] - at;
            if (count > 0)
                block->kernels->gather_add(width, count, block->turned_row + at,
                                           block->turned_edge + at, weight, a + j, a_stride,
                                           out + (size_t)key * (size_t)out_stride + j);
        }
    }
}
