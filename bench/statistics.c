/* Means and tests. */
#include "bench/statistics.h"

#include <math.h>
#include <stdlib.h>

struct sbmt_rng_key sbmt_statistics_key(void)
{
    return sbmt_rng_derive(&(struct sbmt_rng_place){.purpose = SBMT_RNG_STATISTICS, .step = 1});
}

static double total(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

double sbmt_statistics_mean(const double *values, int64_t count)
{
    return count > 0 ? total(values, count) / (double)count : (double)NAN;
}

double sbmt_statistics_deviation(const double *values, int64_t count)
{
    if (count < 2)
        return (double)NAN;
    const double mean = sbmt_statistics_mean(values, count);
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sqrt(sum / (double)(count - 1));
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double sbmt_statistics_median(double *values, int64_t count)
{
    if (count <= 0)
        return (double)NAN;
    qsort(values, (size_t)count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* Bit i of the outcome says whether difference i changes its sign; there are few enough of them. */
static double sum_of_outcome(const double *difference, int64_t count, uint64_t outcome)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += outcome >> i & 1 ? -difference[i] : difference[i];
    return sum;
}

static double sum_of_draw(const double *difference, int64_t count, struct sbmt_rng_key key,
                          int64_t draw)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += sbmt_statistics_flips(key, draw, i) ? -difference[i] : difference[i];
    return sum;
}

struct sbmt_significance sbmt_statistics_permutation(const double *difference, int64_t count)
{
    double size = 0;
    for (int64_t i = 0; i < count; i++)
        size += fabs(difference[i]);
    const double observed = fabs(total(difference, count)) - 1e-12 * size;
    int64_t hits = 0;
    if (count > SBMT_PERMUTATION_EXACT) {
        const struct sbmt_rng_key key = sbmt_statistics_key();
        for (int64_t draw = 0; draw < SBMT_PERMUTATION_DRAWS; draw++)
            hits += fabs(sum_of_draw(difference, count, key, draw)) >= observed;
        return (struct sbmt_significance){.p = (double)(hits + 1) / (SBMT_PERMUTATION_DRAWS + 1.0),
                                          .draws = SBMT_PERMUTATION_DRAWS};
    }
    const int64_t outcomes = (int64_t)1 << count;
    for (int64_t outcome = 0; outcome < outcomes; outcome++)
        hits += fabs(sum_of_outcome(difference, count, (uint64_t)outcome)) >= observed;
    return (struct sbmt_significance){
        .p = (double)hits / (double)outcomes, .exact = true, .draws = outcomes};
}

/* With n = first + second and k the smaller of them: 2 · Σ_{i≤k} C(n, i) / 2^n. The sum is that of
 * the ratios to its last term, which a product gives with its exponent apart. */
struct sbmt_significance sbmt_statistics_mcnemar(int64_t first, int64_t second)
{
    const int64_t n = first + second, k = first < second ? first : second;
    if (first == second)
        return (struct sbmt_significance){.p = 1, .exact = true};
    double sum = 1, ratio = 1;
    for (int64_t i = k; i > 0 && ratio > 1e-20; i--) {
        ratio *= (double)i / (double)(n - i + 1);
        sum += ratio;
    }
    double last = 1;
    int exponent = 0;
    for (int64_t i = 1; i <= k; i++) {
        int shift;
        last = frexp(last * (double)(n - k + i) / (double)i, &shift);
        exponent += shift;
    }
    const int64_t halvings = exponent - (n - 1);
    const double p = halvings < -5000 ? 0 : ldexp(last * sum, (int)halvings);
    return (struct sbmt_significance){.p = fmin(1, p), .exact = true};
}

/* With S the sum of the absolute values whose sign is kept and T that of all, the sum of a way to
 * give signs is 2·S − T; chance[s] is that of S = s. */
bool sbmt_statistics_integers(const int *difference, int64_t count, struct sbmt_arena *scratch,
                              struct sbmt_significance *significance, struct sbmt_error *err)
{
    int64_t total = 0, sum = 0, reached = 0;
    for (int64_t i = 0; i < count; i++) {
        total += abs(difference[i]);
        sum += difference[i];
    }
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    double *chance = sbmt_arena_zalloc(scratch, (size_t)total + 1, sizeof *chance);
    if (!sbmt_arena_check(scratch, "permutation test", err))
        return false;
    chance[0] = 1;
    for (int64_t i = 0; i < count; i++) {
        const int64_t size = abs(difference[i]);
        reached += size;
        for (int64_t s = reached; size > 0 && s >= 0; s--)
            chance[s] = chance[s] / 2 + (s >= size ? chance[s - size] / 2 : 0);
    }
    double p = 0;
    for (int64_t s = 0; s <= total; s++)
        p += llabs(2 * s - total) >= llabs(sum) ? chance[s] : 0;
    sbmt_arena_release(scratch, mark);
    *significance = (struct sbmt_significance){.p = fmin(1, p), .exact = true};
    return true;
}
