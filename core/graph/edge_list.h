/* A graph while it is drawn, row after row. */
#ifndef SBMT_CORE_GRAPH_EDGE_LIST_H
#define SBMT_CORE_GRAPH_EDGE_LIST_H

#include "core/base/arena.h"
#include "core/graph/edge_law.h"
#include "core/graph/graph.h"

/** The rows so far. */
struct sbmt_edge_list {
    struct sbmt_arena *arena; /**< of the graph */
    int rows, columns, words;
    bool weighted;
    int row; /**< the next one */
    int64_t count, capacity;
    int64_t *offset; /**< (rows + 1) */
    int32_t *column; /**< listed edges; NULL with bits */
    uint32_t *bits;  /**< (rows, words); NULL with a list */
    real *weight;    /**< multiplicities; NULL: all 1 */
    int32_t *buffer; /**< with bits: the columns of the row being drawn */
};

/** Begins a graph of the law in `saved`, as a list or as bits, whichever takes less for the
 * `expected` number of edges. False when memory is out (an arena's sticky failure). */
bool sbmt_edge_list_start(struct sbmt_edge_list *list, const struct sbmt_edge_law *law,
                          double expected, struct sbmt_arena *saved, struct sbmt_arena *scratch);

/** Where the columns of the next row go: room for all of them and SBMT_EDGE_SLACK. NULL when memory
 * is out (the arena's sticky failure). */
int32_t *sbmt_edge_list_row(struct sbmt_edge_list *list);

/** Ends the row with the first `count` columns written there, ascending. `multiplicity` (columns)
 * is for a weighted law, else NULL. */
void sbmt_edge_list_end_row(struct sbmt_edge_list *list, int count, const int32_t *multiplicity);

/** The graph, after the last row. */
struct sbmt_graph sbmt_edge_list_graph(const struct sbmt_edge_list *list);

#endif
