/* Parts of a report: figures, and what there is of one run. */
#ifndef SBMT_BENCH_REPORT_RUN_H
#define SBMT_BENCH_REPORT_RUN_H

#include "bench/figures.h"

/** Appends a part that opens on a press: result, curves, configuration, machine. `number` is
 * unique in its page. */
SBMT_MUST_CHECK bool sbmt_report_run(const struct sbmt_ledger_run *run, int number,
                                     struct sbmt_arena *arena, struct sbmt_str *out,
                                     struct sbmt_error *err);

/** Appends figures side by side, as many as have room. */
void sbmt_report_figures(const struct sbmt_figures *figures, struct sbmt_str *out);

#endif
