/* Two kinds of answers to the same examples, compared by a metric. Deterministic as
 * bench/statistics.h is. */
#ifndef SBMT_BENCH_COMPARISON_H
#define SBMT_BENCH_COMPARISON_H

#include "bench/statistics.h"
#include "data/metric.h"

/** The answers of two kinds of models, one of each for every seed; all to the same examples, at
 * most 2^31 − 1 and at least one. A metric that some draw leaves undefined is 0 there. */
struct sbmt_comparison {
    const struct sbmt_metric *metric;
    int pairs;                                 /**< seeds, at least one */
    const struct sbmt_answers *first, *second; /**< (pairs) */
};

/** The permutation test over examples: how often the sum over seeds of the differences of the
 * metrics is at least as far from 0 as it is if in each of `draws` draws the answers of the two
 * kinds to an example change sides or not, at random: p = (hits + 1) / (draws + 1). Fails for want
 * of memory only. */
SBMT_MUST_CHECK bool sbmt_comparison_permutation(const struct sbmt_comparison *comparison,
                                                 int draws, struct sbmt_arena *scratch,
                                                 struct sbmt_significance *significance,
                                                 struct sbmt_error *err);

#endif
