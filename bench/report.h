/* One HTML page about finished and unfinished runs: summary, warnings, table, figures, a part a
 * run. It needs nothing but itself, and reads without scripts. */
#ifndef SBMT_BENCH_REPORT_H
#define SBMT_BENCH_REPORT_H

#include "bench/figures.h"
#include "bench/summary.h"

/** What a page is made of. All borrowed. */
struct sbmt_report {
    const char *title;
    const struct sbmt_ledger *ledger;
    const struct sbmt_summary_plan *plan; /**< of its table */
    const char *const *speed;             /**< files that `sbmt bench speed --json` has printed */
    int speed_count;
};

/** Appends the page. Runs that are of several versions, protocols or data are a warning in it; plan
 * decides whether they are an error. Fails as sbmt_summary_make does, but for runs none of which is
 * finished: then there is no table. */
SBMT_MUST_CHECK bool sbmt_report_write(const struct sbmt_report *report, struct sbmt_arena *arena,
                                       struct sbmt_str *out, struct sbmt_error *err);

#endif
