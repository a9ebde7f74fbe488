/* Metrics of scores: the correlations of Pearson and Spearman. */
#include <math.h>
#include <stdlib.h>

#include "data/metric.h"

/* There are two numbers or more that differ, and all are finite. Whether all are the same is asked
 * of the numbers, not of their variance, which rounding may leave above 0. */
static bool varies(const double *x, int64_t count)
{
    bool differs = false;
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(x[i]))
            return false;
        differs |= x[i] < x[0] || x[i] > x[0];
    }
    return differs;
}

static double mean(const double *x, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i];
    return sum / (double)count;
}

static struct sbmt_metric_value correlation(const double *x, const double *y, int64_t count)
{
    if (!varies(x, count) || !varies(y, count))
        return (struct sbmt_metric_value){0};
    const double mean_x = mean(x, count), mean_y = mean(y, count);
    double xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < count; i++) {
        const double from_x = x[i] - mean_x, from_y = y[i] - mean_y;
        xx += from_x * from_x;
        yy += from_y * from_y;
        xy += from_x * from_y;
    }
    const double scale = sqrt(xx) * sqrt(yy);
    if (!isfinite(scale) || scale <= 0)
        return (struct sbmt_metric_value){0};
    return (struct sbmt_metric_value){fmax(-1, fmin(1, xy / scale)), true};
}

static bool pearson(const struct sbmt_answers *answers, struct sbmt_arena *scratch,
                    struct sbmt_metric_value *value, struct sbmt_error *err)
{
    (void)scratch, (void)err;
    *value = correlation(answers->target, answers->score, answers->count);
    return true;
}

struct placed {
    double value;
    int64_t place;
};

static int compare(const void *a, const void *b)
{
    const double x = ((const struct placed *)a)->value, y = ((const struct placed *)b)->value;
    return (x > y) - (x < y);
}

/* Ranks from 1; where several numbers are equal, each has the mean of their ranks. */
static void rank(const double *x, int64_t count, struct placed *sorted, double *ranks)
{
    for (int64_t i = 0; i < count; i++)
        sorted[i] = (struct placed){x[i], i};
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    for (int64_t begin = 0, end; begin < count; begin = end) {
        end = begin + 1;
        while (end < count && compare(&sorted[begin], &sorted[end]) == 0)
            end++;
        for (int64_t i = begin; i < end; i++)
            ranks[sorted[i].place] = 0.5 * (double)(begin + 1 + end);
    }
}

static bool spearman(const struct sbmt_answers *answers, struct sbmt_arena *scratch,
                     struct sbmt_metric_value *value, struct sbmt_error *err)
{
    *value = (struct sbmt_metric_value){0};
    /* Ranks of what cannot be ordered would be defined. */
    const int64_t n = answers->count;
    if (!varies(answers->target, n) || !varies(answers->score, n))
        return true;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct placed *sorted = sbmt_arena_alloc(scratch, (size_t)n * sizeof *sorted);
    double *target = sbmt_arena_alloc(scratch, (size_t)n * sizeof *target);
    double *score = sbmt_arena_alloc(scratch, (size_t)n * sizeof *score);
    if (!sbmt_arena_check(scratch, "metric", err))
        return false;
    rank(answers->target, n, sorted, target);
    rank(answers->score, n, sorted, score);
    *value = correlation(target, score, n);
    sbmt_arena_release(scratch, mark);
    return true;
}

const struct sbmt_metric sbmt_metric_pearson = {
    .name = "pearson",
    .doc = "linear correlation of scores (Pearson)",
    .higher_is_better = true,
    .answer = SBMT_ANSWER_SCORE,
    .compute = pearson,
};

const struct sbmt_metric sbmt_metric_spearman = {
    .name = "spearman",
    .doc = "correlation of the ranks of scores (Spearman)",
    .higher_is_better = true,
    .answer = SBMT_ANSWER_SCORE,
    .compute = spearman,
};
