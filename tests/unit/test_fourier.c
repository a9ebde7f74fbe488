/* The Fourier transform against the sum that defines it, in double. */
#include "core/nn/fourier.h"

#include <complex.h>
#include <math.h>

#include "core/base/rng.h"
#include "tests/suite.h"

enum { MOST = 70, STRIDE = MOST + 1, LONGEST = 1009 };

static void fill(real *x, uint32_t row)
{
    const struct sbmt_rng_key key = {{5, 6}};
    for (uint32_t i = 0; i < LONGEST * STRIDE; i++)
        x[i] = SBMT_R(sbmt_rng_normal(key, row, i));
}

static double expected(const real *a, const real *b, int n, int j, int t)
{
    double complex sum = 0;
    for (int k = 0; k < n; k++) {
        const double angle = -2 * acos(-1) * (double)((int64_t)j * k % n) / n;
        const double complex x = (double)a[k * STRIDE + t] + I * (double)b[k * STRIDE + t];
        sum += x * (cos(angle) + I * sin(angle));
    }
    return creal(sum);
}

static void check(int n, int d)
{
    static real a[LONGEST * STRIDE], b[LONGEST * STRIDE], out[LONGEST * STRIDE];
    struct sbmt_arena scratch = {0};
    fill(a, 0);
    fill(b, 1);
    ck_assert(
        sbmt_fourier_real(sbmt_kernels_get(NULL, NULL), n, d, a, b, STRIDE, out, STRIDE, &scratch));
    ck_assert_uint_eq(scratch.used, 0);
    for (int j = 0; j < n; j++)
        for (int t = 0; t < d; t++) {
            const double error = fabs((double)out[j * STRIDE + t] - expected(a, b, n, j, t));
            ck_assert_msg(error <= 2e-6 * sqrt(2.0 * n),
                          "n = %d, d = %d: row %d, column %d is off by %g", n, d, j, t, error);
        }
    sbmt_arena_finish(&scratch);
}

/* Lengths without factors but 2, 3 and 5. */
START_TEST(smooth_lengths)
{
    static const int lengths[] = {1, 2, 3, 4, 5, 8, 60, 125, 720, 1000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        check(lengths[i], 3);
}
END_TEST

/* Primes and what has large primes in it. */
START_TEST(other_lengths)
{
    static const int lengths[] = {7, 11, 14, 97, 202, 343, 1006, 1009};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        check(lengths[i], 3);
}
END_TEST

/* One column, pairs, and more than are transformed together. */
START_TEST(any_number_of_columns)
{
    static const int columns[] = {1, 2, 31, 32, 33, 64, 65, MOST};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        check(60, columns[i]);
        check(97, columns[i]);
    }
}
END_TEST

SBMT_SUITE_MAIN("fourier", smooth_lengths, other_lengths, any_number_of_columns)
