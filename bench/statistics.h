/* What tables of results need: means and deviations over seeds, and tests of paired differences.
 * All are deterministic: where random numbers are drawn, they are those of a fixed key, so that the
 * same values always give the same bits. */
#ifndef SBMT_BENCH_STATISTICS_H
#define SBMT_BENCH_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/rng.h"

/** The mean; NAN for none. */
double sbmt_statistics_mean(const double *values, int64_t count);

/** The standard deviation of a sample (divisor count − 1); NAN for fewer than two. */
double sbmt_statistics_deviation(const double *values, int64_t count);

/** The median; the mean of the middle two where there are two. Sorts the values. NAN for none. */
double sbmt_statistics_median(double *values, int64_t count);

/** How surprising a difference would be if there were none. */
struct sbmt_significance {
    double p;      /**< two-sided */
    bool exact;    /**< every outcome was looked at, or the distribution is known */
    int64_t draws; /**< outcomes looked at; 0 where the distribution is known */
};

enum {
    SBMT_PERMUTATION_EXACT = 20,    /**< most pairs of which all 2^n outcomes are looked at */
    SBMT_PERMUTATION_DRAWS = 99999, /**< outcomes drawn at random for more */
};

/** The permutation test of paired differences (count), as of two kinds of attention over the same
 * seeds: the share of all ways to give them signs in which their sum is at least as far from 0 as
 * it is. Of drawn ways it is (hits + 1) / (draws + 1), which is never 0 (Phipson & Smyth 2010).
 * Sums that differ by less than 1e-12 of the sum of absolute values are equal. 1 for none. */
struct sbmt_significance sbmt_statistics_permutation(const double *difference, int64_t count);

/** McNemar's exact test: of the examples on which two classifiers differ, `first` were right for
 * the first one only and `second` for the other only; the two-sided binomial test of one half. It
 * is the permutation test of paired examples whose metric is accuracy. */
struct sbmt_significance sbmt_statistics_mcnemar(int64_t first, int64_t second);

/** The permutation test of differences (count) that are integers, exact for any number of them: the
 * distribution of the sum is built up difference by difference. It is McNemar's where they are −1
 * and 1, and the test of paired examples where each is a count over seeds. 1 for none. Fails for
 * want of memory only. */
SBMT_MUST_CHECK bool sbmt_statistics_integers(const int *difference, int64_t count,
                                              struct sbmt_arena *scratch,
                                              struct sbmt_significance *significance,
                                              struct sbmt_error *err);

/** The key of the random numbers of all tests. Row: the draw. */
struct sbmt_rng_key sbmt_statistics_key(void);

/** Whether pair `index` changes sides in a draw of a permutation test. */
static inline bool sbmt_statistics_flips(struct sbmt_rng_key key, int64_t draw, int64_t index)
{
    return sbmt_rng_bits(key, (uint32_t)draw, (uint32_t)(index / 32)) >> (index % 32) & 1;
}

#endif
