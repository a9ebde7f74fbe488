/* The end of a run: the evaluation of its best weights, and its result. */
#ifndef SBMT_BENCH_EXPERIMENT_CONCLUDE_H
#define SBMT_BENCH_EXPERIMENT_CONCLUDE_H

#include "bench/experiment.h"
#include "bench/experiment_watch.h"

/** Evaluates the weights that were best on dev on test, or on dev where test has no labels, and
 * writes result.json. `state` is that of the last step. */
SBMT_MUST_CHECK bool sbmt_experiment_conclude(struct sbmt_experiment *experiment,
                                              struct sbmt_watch *watch,
                                              const struct sbmt_checkpoint *state,
                                              const struct sbmt_experiment_options *options,
                                              struct sbmt_result *result, struct sbmt_error *err);

#endif
