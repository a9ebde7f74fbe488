/* Attention with the edges that a law can be expected to draw instead of drawn ones. */
#ifndef SBMT_CORE_ATTENTION_EXPECTED_H
#define SBMT_CORE_ATTENTION_EXPECTED_H

#include "core/attention/attention.h"
#include "core/graph/edge_law.h"

/** out_i = Σ_j w_ij·e^{s_ij}·v_j / Σ_j w_ij·e^{s_ij} over all pairs, with w_ij the law's expected
 * (multiplicity of the) edge: min(P, 1) for independent edges, P for parallel ones, 1 − e^{−P}
 * where those are one. A row whose weights are all 0 gives 0. No dropout. *edges receives Σ w. Tile
 * by tile, in O(1) memory; it has no backward. False when scratch memory is out. */
bool sbmt_expected_forward(const struct sbmt_edge_law *law, const struct sbmt_head *head,
                           struct sbmt_pass *pass, real *out, double *edges);

#endif
