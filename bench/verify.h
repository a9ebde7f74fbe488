/* Whether the result of a run agrees with the other files of its folder. */
#ifndef SBMT_BENCH_VERIFY_H
#define SBMT_BENCH_VERIFY_H

#include "bench/ledger.h"

/** Checks the result of a finished run: that its configuration is config.yaml and that of
 * info.json; that task, protocol, attention and seed are those of the configuration; that the best
 * dev accuracy is that of metrics.jsonl at its step, and none is better; that best.safetensors,
 * where it is there, is of this configuration and step; that predictions.tsv, where it is there,
 * has the accuracy of the result. SBMT_ERROR_DATA with the file and both values otherwise. */
SBMT_MUST_CHECK bool sbmt_verify_run(const struct sbmt_ledger_run *run, struct sbmt_error *err);

#endif
