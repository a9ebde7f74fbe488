/* What kinds show a probe of the pairs they attend along: weights and probabilities, which
 * attention itself has only block by block. Called where there is a probe, and nowhere else. */
#ifndef SBMT_CORE_ATTENTION_SHOWN_H
#define SBMT_CORE_ATTENTION_SHOWN_H

#include "core/attention/attention.h"
#include "core/graph/edge_law.h"
#include "core/graph/graph.h"

/** Shows the edges of a head's graph: "edges" (m, 2), query and key of each, by queries and then by
 * keys; "weight" (m, 1), the attention A_e ∝ w_e·e^{s_e} along it before dropout, given log_sum (n)
 * of each row; of a graph with parallel edges "multiplicity" (m, 1), w_e. False when scratch memory
 * is out, here and below. */
bool sbmt_shown_edges(const struct sbmt_graph *graph, const real *log_sum,
                      const struct sbmt_head *head, struct sbmt_pass *pass);

/** Shows "probability" (m, 1), the law's sbmt_edge_law_mean of each edge of a graph drawn from it.
 */
bool sbmt_shown_probabilities(const struct sbmt_edge_law *law, const struct sbmt_graph *graph,
                              const struct sbmt_head *head, struct sbmt_pass *pass);

/** Shows the attention of a head that has all pairs: "weight" (n, n), the softmax of its scores
 * over each row or, with a law, A_ij ∝ P_ij·e^{s_ij} and "probability" (n, n), P_ij. */
bool sbmt_shown_pairs(const struct sbmt_edge_law *law, const struct sbmt_head *head,
                      struct sbmt_pass *pass);

#endif
