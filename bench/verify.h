/* Whether the result of a run agrees with the other files of its folder. */
#ifndef SBMT_BENCH_VERIFY_H
#define SBMT_BENCH_VERIFY_H

#include "bench/ledger.h"

/** Of each measure (bench/measure.h) that the result has, why no other file of the run could tell
 * whether it is right; NULL: it is, or the result has none. */
struct sbmt_verification {
    const char *score, *density, *time, *steps, *parameters, *loss;
};

/** Checks the result of a finished run: that its configuration is config.yaml and that of
 * info.json; that task, protocol, attention, seed and steps are those of the configuration, data
 * and version those of info.json; that steps, training time and the best evaluation are those of
 * metrics.jsonl, and no evaluation is better; that the density is that of its heads and near that
 * of dev; that best.safetensors is of this configuration and step, and has as many parameters; that
 * the answers of predictions.tsv have the metrics of the result, each computed anew. What a file
 * that is not there would tell is left to `verification`. SBMT_ERROR_DATA with the file and both
 * values otherwise. */
SBMT_MUST_CHECK bool sbmt_verify_run(const struct sbmt_ledger_run *run,
                                     struct sbmt_verification *verification,
                                     struct sbmt_arena *scratch, struct sbmt_error *err);

/** Why a measure of that name could not be verified, where a score is `metric`; NULL: it could. */
const char *sbmt_verify_lack(const struct sbmt_verification *verification, const char *measure,
                             const char *metric);

#endif
