/* Checks of the kernels on rows: sums, maximum, selection, dropout, the softmax adjoint. */
#include <math.h>

#include "tests/kernels/checks.h"

enum { BATCH = 16 };

const int check_sizes[] = {0,  1,   2,   3,   4,   5,   6,   7,   8,    9,    10,   11,   12,   13,
                           14, 15,  16,  17,  18,  19,  20,  21,  22,   23,   24,   25,   26,   27,
                           28, 29,  30,  31,  32,  33,  47,  48,  49,   63,   64,   65,   79,   80,
                           81, 100, 127, 128, 129, 255, 256, 257, 1000, 1023, 1024, 1025, 4099, -1};

/* Additions in another order. The error of a sum of n numbers added one by one is about
 * 2^-24·sqrt(n)/2 of the result's size, 2e-6 at n = 4099: squared, 4e-12. */
static const double sum_limit = 1e-11;

void check_sum(struct trial *trial)
{
    for (const int *n = check_sizes; *n >= 0; n++) {
        struct nmse nmse = {0};
        for (int i = 0; i < BATCH; i++) {
            trial_begin(trial, i % 2);
            const float *x = trial_floats(trial, *n, -1, i % 4 < 2 ? 1 : 0);
            const float found = trial->set->sum(*n, x), expected = trial->reference->sum(*n, x);
            nmse_add(&nmse, 1, &found, &expected);
            trial_check_slack(trial, "sum");
        }
        nmse_check(trial, &nmse, sum_limit, "count", *n);
    }
}

void check_dot(struct trial *trial)
{
    for (const int *n = check_sizes; *n >= 0; n++) {
        struct nmse nmse = {0};
        for (int i = 0; i < BATCH; i++) {
            trial_begin(trial, i % 2);
            const float *x = trial_floats(trial, *n, -1, 1), *y = trial_floats(trial, *n, -1, 1);
            const float found = trial->set->dot(*n, x, y);
            const float expected = trial->reference->dot(*n, x, y);
            nmse_add(&nmse, 1, &found, &expected);
            trial_check_slack(trial, "dot");
        }
        nmse_check(trial, &nmse, sum_limit, "count", *n);
    }
}

/* The largest of a row is one of its numbers; a NaN is none. */
void check_max(struct trial *trial)
{
    for (const int *n = check_sizes; *n >= 0; n++)
        for (int i = 0; i < BATCH; i++) {
            trial_begin(trial, i % 2);
            float *x = trial_floats(trial, *n, -3, i % 4 < 2 ? 1 : -2);
            if (*n > 0 && i >= BATCH / 2)
                x[(int)(trial_uniform(trial) * *n)] = i % 4 == 0 ? NAN : -INFINITY;
            const float found = trial->set->max(*n, x), expected = trial->reference->max(*n, x);
            if (!(found == expected))
                trial_fail(trial, "count = %d: %.9g, expected %.9g", *n, (double)found,
                           (double)expected);
            trial_check_slack(trial, "max");
        }
}

/* A number equal to the threshold is not above it, nor is a NaN. */
static void check_above_row(struct trial *trial, int n, float threshold, bool tight)
{
    trial_begin(trial, tight);
    float *x = trial_floats(trial, n, -1, 1);
    int32_t *found = trial_array(trial, (size_t)n + 16);
    if (n > 0)
        x[n / 2] = threshold;
    if (n > 2)
        x[n - 1] = NAN;
    const int count = trial->set->above(n, x, threshold, found);
    int wanted = 0;
    for (int j = 0; j < n; j++)
        if (x[j] > threshold && (wanted >= count || found[wanted++] != j))
            trial_fail(trial, "count = %d: column %d is missing", n, j);
    if (count != wanted)
        trial_fail(trial, "count = %d: %d columns, expected %d", n, count, wanted);
    trial_check_slack(trial, "above");
}

void check_above(struct trial *trial)
{
    static const float thresholds[] = {-2, -0.5F, 0.9F, 2};
    for (const int *n = check_sizes; *n >= 0; n++)
        for (int i = 0; i < 4; i++) {
            check_above_row(trial, *n, thresholds[i], false);
            check_above_row(trial, *n, thresholds[i], true);
        }
}

static void check_dropout_row(struct trial *trial, int n, uint32_t threshold, bool tight)
{
    trial_begin(trial, tight);
    const float scale = (float)(65536.0 / (65536 - threshold));
    uint32_t *bits = trial_array(trial, (size_t)(n + 1) / 2);
    for (int i = 0; i < (n + 1) / 2; i++)
        bits[i] = trial_bits(trial);
    if (n > 0) /* the threshold itself is kept, one below is not */
        bits[(n - 1) / 2] = threshold | (threshold - 1) << 16;
    float *x = trial_floats(trial, n, -1, 1);
    const float *before = trial_copy(trial, x);
    trial->set->dropout(n, bits, threshold, scale, x);
    for (int i = 0; i < n; i++) {
        const uint32_t half = i % 2 == 0 ? bits[i / 2] & 0xFFFFU : bits[i / 2] >> 16;
        const float expected = half < threshold ? 0 : before[i] * scale;
        if (!(x[i] == expected))
            trial_fail(trial, "count = %d: element %d is %.9g, expected %.9g", n, i, (double)x[i],
                       (double)expected);
    }
    trial_check_slack(trial, "dropout");
}

void check_dropout(struct trial *trial)
{
    static const uint32_t thresholds[] = {1, 6554, 32768, 65535};
    for (const int *n = check_sizes; *n >= 0; n++)
        for (int i = 0; i < 4; i++) {
            check_dropout_row(trial, *n, thresholds[i], false);
            check_dropout_row(trial, *n, thresholds[i], true);
        }
}

/* Three roundings an element. */
void check_softmax_backward(struct trial *trial)
{
    for (const int *n = check_sizes; *n >= 0; n++) {
        struct nmse nmse = {0};
        for (int i = 0; i < BATCH; i++) {
            trial_begin(trial, i % 2);
            const float *p = trial_floats(trial, *n, 0, 1);
            float *dp = trial_floats(trial, *n, -1, 1);
            const float delta = (float)trial_uniform(trial), scale = 0.17F;
            float *expected = trial_array(trial, (size_t)*n);
            trial->reference->softmax_backward(*n, p, dp, delta, scale, expected);
            float *found = i % 4 < 2 ? dp : trial_array(trial, (size_t)*n);
            trial->set->softmax_backward(*n, p, dp, delta, scale, found);
            nmse_add(&nmse, *n, found, expected);
            trial_check_slack(trial, "softmax_backward");
        }
        nmse_check(trial, &nmse, 1e-13, "count", *n);
    }
}

void check_butterfly(struct trial *trial)
{
    struct nmse nmse = {0};
    for (const int *n = check_sizes; *n >= 0; n++) {
        trial_begin(trial, *n % 2);
        const int step = *n + 3, rows = 3 * step + *n;
        const float *re = trial_floats(trial, rows, -1, 1), *im = trial_floats(trial, rows, -1, 1);
        const float *w = trial_floats(trial, 8, -1, 1);
        float *found[2], *expected[2];
        for (int i = 0; i < 2; i++) {
            found[i] = trial_array(trial, 4 * (size_t)*n);
            expected[i] = trial_array(trial, 4 * (size_t)*n);
        }
        trial->set->butterfly(*n, (size_t)step, re, im, w, found[0], found[1]);
        trial->reference->butterfly(*n, (size_t)step, re, im, w, expected[0], expected[1]);
        for (int i = 0; i < 2; i++)
            nmse_add(&nmse, 4 * *n, found[i], expected[i]);
        trial_check_slack(trial, "butterfly");
    }
    nmse_check(trial, &nmse, 1e-11, "all sizes", 0);
}
