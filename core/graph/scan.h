/* Independent edges by looking at every pair once, most of them without its probability.
 *
 * A pair's uniform number is compared with bounds of P_ij that cost O(1) a pair; only a number that
 * falls between them needs P_ij. docs/sampling.md has the bounds. */
#ifndef SBMT_CORE_GRAPH_SCAN_H
#define SBMT_CORE_GRAPH_SCAN_H

#include "core/graph/edge_law.h"
#include "core/pass.h"

/** What rows have in common. Borrows the law; arrays are in an arena. */
struct sbmt_scan {
    const struct sbmt_edge_law *law;
    const struct sbmt_kernels *kernels;
    struct sbmt_rng_key key;
    real *share;        /**< (clusters) the mean row's weights, as shares of their sum */
    real *along;        /**< (columns) Σ_v share_v · column_weight_jv */
    real *least, *most; /**< (clusters) of column_weight over the columns */
    real margin;        /**< rounding of P_ij in units of its largest possible value */
    uint32_t *bits;     /**< (columns + slack) */
    int32_t *unsure;    /**< (columns + slack) candidates that need P_ij */
    int32_t *place;     /**< (columns + slack) their places, where candidates are listed */
    real *level;        /**< (columns + slack) they are edges where this is below P_ij */
    real *probability;  /**< (columns + slack) their P_ij − shift */
};

/** Bounds of a row: low ≤ P_ij − scale·along_j ≤ high and P_ij ≤ cap for every column j. */
struct sbmt_scan_bounds {
    real scale, low, high, cap;
};

/** Prepares the scan of a law: O(columns·clusters). False when memory is out (the arena's sticky
 * failure). */
bool sbmt_scan_init(struct sbmt_scan *scan, const struct sbmt_edge_law *law,
                    const struct sbmt_edge_sums *sums, const struct sbmt_kernels *kernels,
                    struct sbmt_rng_key key, struct sbmt_arena *arena);

/** The bounds of a row, from its weights and the columns' extremes. */
struct sbmt_scan_bounds sbmt_scan_bounds_of(const struct sbmt_scan *scan, int row);

/** The edges of a row into `edges`, a bit a column in whole words (graph.h); returns how many. */
int sbmt_scan_row(const struct sbmt_scan *scan, int row, struct sbmt_scan_bounds bounds,
                  uint32_t *edges);

/** The same given P_ij − shift of the whole row; the same edges, but where P_ij rounds otherwise.
 */
int sbmt_scan_row_given(const struct sbmt_scan *scan, int row, const real *probability,
                        uint32_t *edges);

/** The edges of a row by skipping from candidate to candidate (skip.c): for rows with a small cap,
 * below 1 in any case. The law is that of sbmt_scan_row, the random numbers are others. They go to
 * `columns` (room for law->columns + SBMT_EDGE_SLACK), ascending; returns how many. */
int sbmt_skip_row(const struct sbmt_scan *scan, int row, struct sbmt_scan_bounds bounds,
                  int32_t *columns);

/** Computes P_ij − shift of the row's `unsure` candidates. For the methods only. */
void sbmt_scan_ask(const struct sbmt_scan *scan, int row, int unsure);

/** Whether unsure candidate u is an edge, once its P_ij − shift is known. */
static inline bool sbmt_scan_accepts(const struct sbmt_scan *scan, int u)
{
    return scan->level[u] < scan->probability[u] + scan->law->shift;
}

#endif
