/* A bipartite graph from query rows to key columns, in compressed rows. */
#ifndef SBMT_CORE_GRAPH_GRAPH_H
#define SBMT_CORE_GRAPH_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/real.h"

/** Row i has the edges offset[i] … offset[i+1]−1, with ascending columns. They are listed, or they
 * are the bits that are set among those of all pairs: a list takes 32 bits an edge, so bits take
 * less where more than one pair in 32 has an edge. Borrowed from an arena. */
struct sbmt_graph {
    int rows, columns;
    const int64_t *offset; /**< rows + 1 */
    const int32_t *column; /**< one an edge; NULL where there are bits */
    const real *weight;    /**< one an edge: how often it was drawn; NULL: once */
    const uint32_t *bits; /**< (rows, words): column j is bit j % 32 of word j / 32; NULL: a list */
    int words;            /**< of a row: sbmt_graph_words(columns) */
};

/** Words of a row of bits. */
static inline int sbmt_graph_words(int columns)
{
    return (columns + 31) / 32;
}

static inline int64_t sbmt_graph_edges(const struct sbmt_graph *graph)
{
    return graph->offset[graph->rows];
}

/** The columns of a row of a graph that is a list, and how many. */
static inline const int32_t *sbmt_graph_listed(const struct sbmt_graph *graph, int row, int *count)
{
    *count = (int)(graph->offset[row + 1] - graph->offset[row]);
    return graph->column + graph->offset[row];
}

/** Writes the columns of a row to `columns`, which has room for all, and returns how many. Products
 * along edges go by blocks (block.h). */
static inline int sbmt_graph_row(const struct sbmt_graph *graph, int row, int32_t *columns)
{
    const int count = (int)(graph->offset[row + 1] - graph->offset[row]);
    if (graph->bits == NULL) {
        for (int e = 0; e < count; e++)
            columns[e] = graph->column[graph->offset[row] + e];
        return count;
    }
    const uint32_t *bits = graph->bits + (size_t)row * (size_t)graph->words;
    for (int j = 0, e = 0; e < count; j++)
        if (bits[j / 32] >> (j % 32) & 1)
            columns[e++] = j;
    return count;
}

#endif
