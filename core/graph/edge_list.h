/* A graph while it is drawn, row after row. */
#ifndef SBMT_CORE_GRAPH_EDGE_LIST_H
#define SBMT_CORE_GRAPH_EDGE_LIST_H

#include "core/graph/edge_law.h"
#include "core/graph/graph.h"
#include "core/pass.h"

/** The rows so far. */
struct sbmt_edge_list {
    struct sbmt_arena *arena; /**< of the graph */
    const struct sbmt_kernels *kernels;
    int rows, columns, words;
    bool weighted;
    int row; /**< the next one */
    int64_t count, capacity;
    int64_t *offset;    /**< (rows + 1) */
    int32_t *column;    /**< listed edges; NULL with bits */
    uint32_t *bits;     /**< (rows, words); NULL with a list */
    real *weight;       /**< multiplicities; NULL: all 1 */
    int32_t *buffer;    /**< with bits: for the columns of a row being drawn */
    uint32_t *row_bits; /**< with a list: for the bits of a row being drawn */
};

/** Begins a graph of the law in pass->saved, as a list or as bits, whichever takes less for the
 * `expected` number of edges. False when memory is out (an arena's sticky failure). */
bool sbmt_edge_list_start(struct sbmt_edge_list *list, const struct sbmt_edge_law *law,
                          double expected, struct sbmt_pass *pass);

/** Where the columns of the next row go: room for all of them and SBMT_EDGE_SLACK. NULL when memory
 * is out (the arena's sticky failure). */
int32_t *sbmt_edge_list_row(struct sbmt_edge_list *list);

/** Ends the row with the first `count` columns written there, ascending. `multiplicity` (columns)
 * is for a weighted law, else NULL. */
void sbmt_edge_list_end_row(struct sbmt_edge_list *list, int count, const int32_t *multiplicity);

/** The same for a row that is drawn as bits: where its words go, all of which are to be written,
 * and its end, with `count` bits set. Not for weighted laws. */
uint32_t *sbmt_edge_list_bits(struct sbmt_edge_list *list);
void sbmt_edge_list_end_bits(struct sbmt_edge_list *list, int count);

/** The graph, after the last row. */
struct sbmt_graph sbmt_edge_list_graph(const struct sbmt_edge_list *list);

#endif
