/* A table of finished runs: means over seeds, significance, density, cost, and published rows. */
#ifndef SBMT_BENCH_SUMMARY_H
#define SBMT_BENCH_SUMMARY_H

#include "bench/ledger.h"
#include "bench/table.h"

/** What a table is to show. All borrowed. */
struct sbmt_summary_plan {
    const char *rows, *columns; /**< keys, as bench/grid.h takes them */
    const char *metric;         /**< of the results; "task": each column's own */
    const char *show;           /**< list of measures, as bench/measure.h names them */
    const char *baseline; /**< title of the row that p-values compare with; NULL: softmax, if it is
                             there */
    bool mixed;           /**< runs that differ in more than they should may stand together */
    const char *const *published; /**< files of published rows */
    int published_count;
};

/** The level of significance at which best and second best are marked. */
#define SBMT_SUMMARY_LEVEL 0.05

/** Makes the table, in `arena`. Within a column the best row is marked where it differs from the
 * second by less than SBMT_SUMMARY_LEVEL, and then the second where it so differs from the third.
 * Published rows stand in sections of their own, one a protocol, and take part in nothing. Measures
 * that no run has are left out. Fails as sbmt_ledger_mixed, sbmt_grid_make and sbmt_grid_check say,
 * for a metric that no run has and a baseline that no row is, and for published files that cannot
 * be read; SBMT_ERROR_DATA where no run is finished. */
SBMT_MUST_CHECK bool sbmt_summary_make(const struct sbmt_ledger *ledger,
                                       const struct sbmt_summary_plan *plan,
                                       struct sbmt_arena *arena, struct sbmt_table *table,
                                       struct sbmt_error *err);

#endif
