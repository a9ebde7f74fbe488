/* The answers of a run to the official test sets of GLUE, into an archive for the leaderboard. */
#ifndef SBMT_BENCH_SUBMIT_H
#define SBMT_BENCH_SUBMIT_H

#include "bench/experiment.h"

/** Puts all files that a model of the experiment's task answers into an archive
 * (data/glue/submission.h). `answers` are to its open test split; the test sets of other tasks are
 * opened and evaluated here, and one whose files are missing is left out with a warning. */
SBMT_MUST_CHECK bool sbmt_submit(const struct sbmt_experiment *experiment,
                                 const struct sbmt_answers *answers, const char *path,
                                 const struct sbmt_experiment_options *options,
                                 struct sbmt_error *err);

#endif
