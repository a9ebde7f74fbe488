/* The parts of a verification; for bench/verify*.c. */
#ifndef SBMT_BENCH_VERIFY_PARTS_H
#define SBMT_BENCH_VERIFY_PARTS_H

#include "bench/verify.h"

/** The failure that all mismatches are: what result.json has under a key, and what another file. */
bool sbmt_verify_fail(const struct sbmt_ledger_run *run, const char *key, const char *has,
                      const char *where, const char *wanted, struct sbmt_error *err);

/** The number of the result under a key is `wanted`, within a tolerance; a missing one is no number
 * and equals nothing. */
SBMT_MUST_CHECK bool sbmt_verify_number(const struct sbmt_ledger_run *run, const char *key,
                                        const char *where, double wanted, double tolerance,
                                        struct sbmt_error *err);

/** Compares the result with metrics.jsonl: the last step and its time, the best evaluation, the
 * density, and, where the result is of the same examples of dev, all that the evaluation has. */
SBMT_MUST_CHECK bool sbmt_verify_course(const struct sbmt_ledger_run *run,
                                        struct sbmt_verification *verification,
                                        struct sbmt_error *err);

/** Computes accuracy, all metrics, the counts and the share of the most frequent class anew from
 * predictions.tsv. */
SBMT_MUST_CHECK bool sbmt_verify_answers(const struct sbmt_ledger_run *run,
                                         struct sbmt_verification *verification,
                                         struct sbmt_arena *scratch, struct sbmt_error *err);

#endif
