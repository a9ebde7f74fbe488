/* What a cell will cost, predicted from a few of its steps on a part of a batch. */
#ifndef SBMT_BENCH_SUITE_PROBE_H
#define SBMT_BENCH_SUITE_PROBE_H

#include "bench/experiment.h"

/** A prediction, not a promise: lengths vary from batch to batch, and graphs grow denser. */
struct sbmt_prediction {
    int steps;
    double seconds; /**< of the whole run: steps, evaluations, test */
    double bytes;   /**< of weights, gradients, optimiser and activations; the data is mapped */
};

/** Opens the experiment, which prepares its data where that has not been done, and trains and
 * evaluates on a few examples. Nothing is written into a run folder. */
SBMT_MUST_CHECK bool sbmt_suite_probe(const struct sbmt_experiment_config *config,
                                      const struct sbmt_experiment_options *options,
                                      struct sbmt_prediction *prediction, struct sbmt_error *err);

#endif
