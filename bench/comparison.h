/* Two sets of answers to the same examples, compared by a metric: is one better, and by how much.
 * Deterministic as bench/statistics.h is. */
#ifndef SBMT_BENCH_COMPARISON_H
#define SBMT_BENCH_COMPARISON_H

#include "bench/statistics.h"
#include "data/metric.h"

/** The answers of two models. What they are compared with is the same, at most 2^31 − 1 examples
 * and at least one; a metric that some draw leaves undefined is 0 there. */
struct sbmt_comparison {
    const struct sbmt_metric *metric;
    struct sbmt_answers first, second;
};

/** The permutation test over examples: how often the metrics of two sets of answers are at least as
 * far from each other as those of `first` and `second` if in each of `draws` draws every example's
 * two answers change sides or not, at random: p = (hits + 1) / (draws + 1). Of accuracy the
 * distribution is known, and the result is that of McNemar's exact test. Fails for want of memory
 * only. */
SBMT_MUST_CHECK bool sbmt_comparison_permutation(const struct sbmt_comparison *comparison,
                                                 int draws, struct sbmt_arena *scratch,
                                                 struct sbmt_significance *significance,
                                                 struct sbmt_error *err);

/** The percentile bootstrap interval, over examples, of the metric of `first` minus that of
 * `second`; of the metric of `first` itself where `second` has no examples (count 0). Fails for
 * want of memory only. */
SBMT_MUST_CHECK bool sbmt_comparison_bootstrap(const struct sbmt_comparison *comparison, int draws,
                                               double confidence, struct sbmt_arena *scratch,
                                               struct sbmt_interval *interval,
                                               struct sbmt_error *err);

#endif
