/* Whether two sets of finished runs of one task differ by more than chance. */
#ifndef SBMT_BENCH_PAIRING_H
#define SBMT_BENCH_PAIRING_H

#include "bench/ledger.h"
#include "bench/statistics.h"

/** Runs that differ in their seeds alone. */
struct sbmt_pairing_set {
    int count;
    const struct sbmt_ledger_run *const *run; /**< (count) */
};

/** The fewest pairs whose permutation test can come below 0.05: of n the least p is 2/2^n. */
enum { SBMT_PAIRING_SEEDS = 6 };

/** Ways to exchange answers that are looked at where there is no formula. */
enum { SBMT_PAIRING_DRAWS = 1999 };

/** Which test there was. */
enum sbmt_pairing_test {
    SBMT_PAIRING_NONE,    /**< too few seeds in common, and no predictions of the same examples */
    SBMT_PAIRING_BY_SEED, /**< the permutation test of differences between equal seeds */
    SBMT_PAIRING_BY_EXAMPLE, /**< that of the answers to equal examples, over the seeds in common:
                                of these trained models, not of the way to train them */
};

/** "seeds", "examples"; NULL for none. */
const char *sbmt_pairing_name(enum sbmt_pairing_test test);

/** Compares two sets by a metric of their results: with too few seeds by their predictions, where
 * these have the scores of the results. `p` is NAN where there is no test. Fails for want of
 * memory, and for predictions that cannot be read. */
SBMT_MUST_CHECK bool sbmt_pairing_compare(const struct sbmt_pairing_set *first,
                                          const struct sbmt_pairing_set *second, const char *metric,
                                          struct sbmt_arena *scratch, enum sbmt_pairing_test *test,
                                          double *p, struct sbmt_error *err);

#endif
