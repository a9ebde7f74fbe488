/* info.json of a run: the program, the machine and the data that it began with. */
#ifndef SBMT_BENCH_RUN_INFO_H
#define SBMT_BENCH_RUN_INFO_H

#include "bench/experiment.h"
#include "bench/run.h"

/** Writes info.json: all of sbmt_info_json, cpu_used, threads, seed, config (its fingerprint),
 * steps and warmup_steps (as they follow from the training set), started_at_step, data {train, dev,
 * test: {sha256 of the source file, count}}, and init {path, sha256} where the run began with
 * weights. */
SBMT_MUST_CHECK bool sbmt_run_info_write(const struct sbmt_run *run,
                                         const struct sbmt_experiment *experiment, int64_t step,
                                         struct sbmt_error *err);

/** Reads the digest of the weights that a run began with; "" where info.json names none or cannot
 * be read. */
void sbmt_run_info_init(const char *folder, char sha256[SBMT_SHA256_HEX]);

/** True if info.json names this configuration as the one that the run was begun with. */
bool sbmt_run_info_begun_with(const char *folder, const struct sbmt_experiment_config *config);

/** Sets data {train, dev, test: {sha256 or generator, count}}. */
void sbmt_run_info_data(const struct sbmt_experiment *experiment, struct sbmt_json *json);

/** Compares what a run is about to go on with to its info.json. SBMT_ERROR_CONFIG for other data;
 * a warning for kernels of another instruction set, and for an info.json that cannot be read. */
SBMT_MUST_CHECK bool sbmt_run_info_check(const char *folder,
                                         const struct sbmt_experiment *experiment, const char *root,
                                         const struct sbmt_log *log, struct sbmt_error *err);

/** The steps that a run has in all: as its configuration says or, where that says epochs, as
 * info.json does; 0: unknown. */
int sbmt_run_info_steps(const char *folder, const struct sbmt_train_config *train);

/** Notes in the log that a split is not from the source file that the run began with. */
void sbmt_run_info_compare(const char *folder, const struct sbmt_experiment *experiment,
                           enum sbmt_split split, const char *root, const struct sbmt_log *log);

#endif
