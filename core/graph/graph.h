/* A bipartite graph from query rows to key columns, in compressed rows (CSR). */
#ifndef SBMT_CORE_GRAPH_GRAPH_H
#define SBMT_CORE_GRAPH_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/real.h"

/** Row i has the edges offset[i] … offset[i+1]−1, with ascending columns. Borrowed from an arena.
 */
struct sbmt_graph {
    int rows, columns;
    const int64_t *offset; /**< rows + 1 */
    const int32_t *column; /**< one an edge: 4 bytes is all an edge costs */
    const real *weight;    /**< one an edge: how often it was drawn; NULL: once */
};

static inline int64_t sbmt_graph_edges(const struct sbmt_graph *graph)
{
    return graph->offset[graph->rows];
}

/** The columns of a row, and how many. */
static inline const int32_t *sbmt_graph_row(const struct sbmt_graph *graph, int row, int *count)
{
    *count = (int)(graph->offset[row + 1] - graph->offset[row]);
    return graph->column + graph->offset[row];
}

#endif
