/* Drawing graphs from a law. */
#ifndef SBMT_CORE_GRAPH_DRAW_H
#define SBMT_CORE_GRAPH_DRAW_H

#include "core/graph/edge_law.h"
#include "core/pass.h"

/** Draws a graph from random numbers that each row owns: the edges of row i depend on the key and
 * the law, never on who draws them. The graph lives in pass->saved; `head` names the key. Where the
 * pass has a mask override, the edges come from there. */
SBMT_MUST_CHECK bool sbmt_graph_draw(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                                     int head, struct sbmt_graph *graph, struct sbmt_error *err);

/** What drawing by tiles costs, in nanoseconds of some processor: only ratios matter. */
double sbmt_graph_tiles_cost(const struct sbmt_edge_law *law, struct sbmt_pass *pass);

/** The methods behind it: they append all rows to `list` and fill offset (rows + 1). False when
 *  memory is out. */
bool sbmt_graph_draw_tiles(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                           struct sbmt_rng_key key, int64_t *offset, struct sbmt_edge_list *list);
bool sbmt_graph_draw_process(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                             struct sbmt_rng_key key, int64_t *offset, struct sbmt_edge_list *list);

#endif
