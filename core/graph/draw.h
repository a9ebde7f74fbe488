/* Drawing graphs from a law. */
#ifndef SBMT_CORE_GRAPH_DRAW_H
#define SBMT_CORE_GRAPH_DRAW_H

#include "core/graph/edge_list.h"
#include "core/graph/scan.h"

/** Draws a graph from random numbers that each row owns: the edges of row i depend on the key and
 * the law, never on who draws them. The graph lives in pass->saved; `head` names the key. Where the
 * pass has a mask override, the edges come from there. */
SBMT_MUST_CHECK bool sbmt_graph_draw(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                                     int head, struct sbmt_graph *graph, struct sbmt_error *err);

/** How the independent edges of a law are drawn by looking at its pairs: found once, for the choice
 * of a method and for the drawing. Borrows the law. */
struct sbmt_tiles {
    struct sbmt_scan scan;
    struct sbmt_scan_bounds *bounds; /**< (rows) */
    bool *by_product;                /**< (tiles) whether a tile takes P from a matrix product */
    double cost;                     /**< nanoseconds of some processor: only ratios matter */
};

/** Plans drawing by tiles, in pass->scratch: O((rows + columns)·clusters). `sums` are the law's.
 * False when memory is out (the arena's sticky failure). */
bool sbmt_tiles_plan(struct sbmt_tiles *tiles, const struct sbmt_edge_law *law,
                     const struct sbmt_edge_sums *sums, struct sbmt_pass *pass,
                     struct sbmt_rng_key key);

/** Draws one row by looking at all its pairs, by bounds. False when memory is out. */
bool sbmt_tiles_scan_row(const struct sbmt_tiles *tiles, int row, struct sbmt_edge_list *list);

/** The methods: they draw all rows. The process takes rows whose probabilities come near 1 from
 * `tiles`, which is NULL for Poisson laws: those have no such rows. False when memory is out. */
bool sbmt_tiles_draw(const struct sbmt_tiles *tiles, struct sbmt_pass *pass,
                     struct sbmt_edge_list *list);
bool sbmt_process_draw(const struct sbmt_edge_law *law, const struct sbmt_tiles *tiles,
                       struct sbmt_pass *pass, struct sbmt_rng_key key,
                       struct sbmt_edge_list *list);

#endif
