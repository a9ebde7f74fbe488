/* What a resumed run keeps of metrics.jsonl. */
#ifndef SBMT_BENCH_METRICS_KEPT_H
#define SBMT_BENCH_METRICS_KEPT_H

#include "core/base/log.h"
#include "core/train/checkpoint.h"

/** Cuts the lines of a file off that a run writes anew from a state on, those of later steps and of
 * an evaluation that is pending, and lines that are none; the file is replaced whole. Says so in
 * `log`, and what is not there to be kept. *elapsed becomes that of the last line that stays. */
SBMT_MUST_CHECK bool sbmt_metrics_cut_back(const char *path, const struct sbmt_checkpoint *state,
                                           double *elapsed, const struct sbmt_log *log,
                                           struct sbmt_error *err);

#endif
