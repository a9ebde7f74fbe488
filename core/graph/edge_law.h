/* The law of a random graph's edges. */
#ifndef SBMT_CORE_GRAPH_EDGE_LAW_H
#define SBMT_CORE_GRAPH_EDGE_LAW_H

#include "core/base/arena.h"

/** What is drawn for a pair with the rate P_ij = Σ_v rows_iv · columns_jv + shift. */
enum sbmt_edge_kind {
    SBMT_EDGES_BERNOULLI,      /**< an edge with probability min(P, 1) */
    SBMT_EDGES_POISSON,        /**< Poisson(P) parallel edges, kept as the edge's weight */
    SBMT_EDGES_POISSON_SIMPLE, /**< the same, all parallel edges being one: probability 1 − e^{−P}
                                */
};

/** How it is drawn. The law does not depend on it. */
enum sbmt_edge_method {
    SBMT_DRAW_CHEAPEST, /**< by predicted cost */
    SBMT_DRAW_TILES,    /**< all pairs, rates by bounds or matrix products (bernoulli only) */
    SBMT_DRAW_SKIPS,    /**< candidates with each row's largest rate (bernoulli only) */
    SBMT_DRAW_PROCESS,  /**< candidates with their own rates: see docs/sampling.md */
};

/** A law (docs/sampling.md: rows = Y·B, columns = Z, shift = the exploration δ). */
struct sbmt_edge_law {
    int rows, columns, clusters;
    int width;                 /**< reals from a row of a weight matrix to the next */
    const real *row_weight;    /**< (rows, clusters), ≥ 0 */
    const real *column_weight; /**< (columns, clusters), ≥ 0 */
    real shift;
    enum sbmt_edge_kind kind;
    enum sbmt_edge_method method;
};

/** Columns that may be overwritten behind the ones a row has. */
enum { SBMT_EDGE_SLACK = 16 };

/** Sums of the weights of a law over its rows and over its columns; in an arena. */
struct sbmt_edge_sums {
    double *rows, *columns; /**< (clusters) */
};

/** Sums in O((rows + columns)·clusters). False when memory is out (the arena's sticky failure). */
bool sbmt_edge_sums_init(struct sbmt_edge_sums *sums, const struct sbmt_edge_law *law,
                         struct sbmt_arena *arena);

/** From Σ_v rows_iv · columns_jv of some pairs to the expected number of edges of each: what the
 * names of the kinds say, shift included. In place. */
void sbmt_edge_law_mean(const struct sbmt_edge_law *law, int count, real *x);

/** The expected number of candidates before any clipping: Σ_ij P_ij. */
double sbmt_edge_law_expected(const struct sbmt_edge_law *law, const struct sbmt_edge_sums *sums);

#endif
