/* Graphs whose edges are independent coin tosses with the probabilities of a block model. */
#ifndef SBMT_CORE_GRAPH_BERNOULLI_H
#define SBMT_CORE_GRAPH_BERNOULLI_H

#include "core/graph/graph.h"
#include "core/pass.h"

/** Edge probabilities P_ij = min(Σ_v rows_iv · columns_jv + shift, 1): METHOD section 2 with
 *  rows = Y·B and columns = Z, shift = the exploration δ. */
struct sbmt_edge_law {
    int rows, columns, clusters;
    int width;                 /**< reals from a row of a weight matrix to the next */
    const real *row_weight;    /**< (rows, clusters), ≥ 0 */
    const real *column_weight; /**< (columns, clusters), ≥ 0 */
    real shift;
};

/** Draws a graph: every edge independently with its probability, from row-owned random numbers (the
 *  edges of row i depend on the key, i and P_i alone). Tile by tile: O(rows·columns·clusters)
 *  multiply-adds and O(columns) memory beside the edges. The graph lives in pass->saved; head names
 *  the key. Where the pass has a mask override, the edges come from there. */
SBMT_MUST_CHECK bool sbmt_graph_draw(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                                     int head, struct sbmt_graph *graph, struct sbmt_error *err);

#endif
