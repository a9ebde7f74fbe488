/* What result.json says of how a result came about, beside what was achieved. */
#ifndef SBMT_BENCH_RUN_ACCOUNT_H
#define SBMT_BENCH_RUN_ACCOUNT_H

#include "bench/density_histograms.h"
#include "bench/energy.h"
#include "bench/experiment.h"

/** Sets metric (the name of what is compared), densities ([{layer, head, density}], the means that
 * the evaluation of the result gave, where there are graphs), flops (one forward pass over an
 * example of test, on average, by formula), machine (as sbmt_info_json, and threads), data (as
 * info.json), and measured {peak_bytes of one thread's activations since the run began or was
 * resumed, energy_joules}. Only `measured` and the times depend on how a run was interrupted.
 * `energy` NULL: not this run's alone. */
void sbmt_run_account_json(const struct sbmt_experiment *experiment,
                           const struct sbmt_result *result,
                           const struct sbmt_head_densities *densities,
                           const struct sbmt_energy *energy, struct sbmt_json *json);

#endif
