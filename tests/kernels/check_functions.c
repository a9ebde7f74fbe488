/* Checks of the kernels that are functions of a number: exp, log, sigmoid, GELU. Random inputs
 * cannot be compared by a mean error here: a polynomial that is wrong in its last digits would
 * pass. So each result is compared with the C library's function in double. */
#include <math.h>

#include "tests/kernels/checks.h"

enum { POINTS = 1 << 16 };

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x * sqrt(0.5));
}

/* The most that any float of the range is off by is 1.01 ulp with the polynomial, and 0.51 with
 * glibc's expf. With a coefficient wrong in its sixth digit it is 1.4. */
static void check_exp_accuracy(struct trial *trial)
{
    trial_begin(trial, false);
    float *x = trial_floats(trial, POINTS, -87, 88);
    const float *before = trial_copy(trial, x);
    trial->set->exp_sum(POINTS, x, 1, 0);
    for (int i = 0; i < POINTS; i++) {
        const double error = ulp_error(x[i], exp((double)before[i]));
        if (!(error <= 1.2))
            trial_fail(trial, "exp(%.9g) is %.9g: off by %.1f ulp", (double)before[i], (double)x[i],
                       error);
    }
}

/* x·scale − shift may be rounded twice, each time by half an ulp of what is rounded. The sum of n
 * positive numbers, one by one, is off by about sqrt(n) roundings of half an ulp. */
static void check_exp_row(struct trial *trial, int n, double scale, double shift)
{
    trial_begin(trial, n % 2);
    float *x = trial_floats(trial, n, -10, 10);
    const float *before = trial_copy(trial, x);
    const float sum = trial->set->exp_sum(n, x, (float)scale, (float)shift);
    double total = 0;
    for (int i = 0; i < n; i++) {
        const double product = (double)before[i] * (double)(float)scale;
        const double argument = product - (double)(float)shift;
        const double limit = 1.2 * 0x1p-23 + 0x1p-24 * (fabs(product) + fabs(argument));
        const double exact = exp(argument);
        total += (double)x[i];
        if (!(fabs((double)x[i] - exact) <= limit * exact))
            trial_fail(trial, "count = %d: element %d is %.9g, expected %.9g", n, i, (double)x[i],
                       exact);
    }
    if (!(fabs((double)sum - total) <= 0x1p-24 * 4 * (1 + sqrt(n)) * total))
        trial_fail(trial, "count = %d: the sum is %.9g, expected %.9g", n, (double)sum, total);
    trial_check_slack(trial, "exp_sum");
}

/* Far below, the result must vanish in any sum; e^0 is 1, so that a row of one edge has the weight
 * 1; a NaN stays one, so that a model that has diverged does not look sound. */
static void check_exp_edges(struct trial *trial)
{
    static const float far[] = {-87.5F, -100, -1e3F, -1e4F, -1e30F, -INFINITY};
    enum { FAR = sizeof far / sizeof far[0], COUNT = 37 };
    float x[COUNT];
    for (int i = 0; i < COUNT; i++)
        x[i] = i == 20 || i == 36 ? 0 : i == 5 ? NAN : far[i % FAR];
    trial->set->exp_sum(COUNT, x, 1, 0);
    for (int i = 0; i < COUNT; i++) {
        if (i == 5 ? !isnan(x[i]) : i == 20 || i == 36 ? x[i] != 1 : !(x[i] >= 0 && x[i] <= 1e-37F))
            trial_fail(trial, "edge case %d gives %.9g", i, (double)x[i]);
    }
}

void check_exp_sum(struct trial *trial)
{
    check_exp_accuracy(trial);
    check_exp_edges(trial);
    for (const int *n = check_sizes; *n >= 0; n++)
        for (int i = 0; i < 8; i++)
            check_exp_row(trial, *n, 0.1 + trial_uniform(trial), 20 * trial_uniform(trial) - 5);
}

/* The numbers of a row, spread over powers of ten: −37 is near the smallest normal number. */
static void check_log_row(struct trial *trial, int n, double low, double high)
{
    trial_begin(trial, n % 2);
    float *x = trial_floats(trial, n, low, high);
    for (int i = 0; i < n; i++)
        x[i] = i == 0 ? 1 : (float)pow(10, (double)x[i]);
    const float *before = trial_copy(trial, x);
    trial->set->log(n, x);
    for (int i = 0; i < n; i++) {
        const double exact = log((double)before[i]), error = fabs((double)x[i] - exact);
        if (!(error <= 1.1 * 0x1p-23 * fabs(exact)))
            trial_fail(trial, "log(%.9g) is %.9g: off by %.1e", (double)before[i], (double)x[i],
                       error);
    }
    trial_check_slack(trial, "log");
}

void check_log(struct trial *trial)
{
    check_log_row(trial, POINTS, -37, 38);
    check_log_row(trial, POINTS + 1, -0.2, 0.2);
    for (const int *n = check_sizes; *n >= 0; n++)
        check_log_row(trial, *n, -3, 0);
}

/* An exp, an addition and a division: 2.5 ulp at the most. */
static void check_sigmoid_row(struct trial *trial, int n, double reach)
{
    trial_begin(trial, n % 2);
    float *x = trial_floats(trial, n, -reach, reach);
    const float *before = trial_copy(trial, x);
    trial->set->sigmoid(n, x);
    for (int i = 0; i < n; i++) {
        const double error = ulp_error(x[i], 1 / (1 + exp(-(double)before[i])));
        if (!(error <= 2.7))
            trial_fail(trial, "sigmoid(%.9g) is %.9g: off by %.1f ulp", (double)before[i],
                       (double)x[i], error);
    }
    trial_check_slack(trial, "sigmoid");
}

void check_sigmoid(struct trial *trial)
{
    check_sigmoid_row(trial, POINTS, 10);
    check_sigmoid_row(trial, POINTS + 1, 86);
    for (const int *n = check_sizes; *n >= 0; n++)
        check_sigmoid_row(trial, *n, 20);
    float far[20];
    for (int i = 0; i < 20; i++)
        far[i] = i == 3 ? NAN : i % 2 == 0 ? 1e4F : -1e4F;
    trial->set->sigmoid(20, far);
    for (int i = 0; i < 20; i++)
        if (i == 3 ? !isnan(far[i]) : i % 2 == 0 ? far[i] != 1 : !(far[i] >= 0 && far[i] < 1e-37F))
            trial_fail(trial, "far element %d is %.9g", i, (double)far[i]);
}

/* |found − exact| at most `limit`·max(1, |x|). */
static void compare_absolute(struct trial *trial, const char *what, double x, double found,
                             double exact, double limit)
{
    if (!(fabs(found - exact) <= limit * fmax(1, fabs(x))))
        trial_fail(trial, "%s(%.9g) is %.9g, expected %.9g: off by %.1e", what, x, found, exact,
                   fabs(found - exact));
}

static void check_gelu_row(struct trial *trial, int n, double reach)
{
    trial_begin(trial, n % 2);
    const float *x = trial_floats(trial, n, -reach, reach);
    float *y = trial_array(trial, (size_t)n);
    trial->set->gelu(n, x, y);
    for (int i = 0; i < n; i++) {
        const double exact = (double)x[i] * normal_cdf((double)x[i]);
        compare_absolute(trial, "gelu", (double)x[i], (double)y[i], exact, 1.3e-7);
    }
    trial_check_slack(trial, "gelu");
}

/* The most is 1.2e-7: an ulp of Φ. */
void check_gelu(struct trial *trial)
{
    check_gelu_row(trial, POINTS, 6);
    check_gelu_row(trial, POINTS + 1, 14);
    for (const int *n = check_sizes; *n >= 0; n++)
        check_gelu_row(trial, *n, 4);
    const float far[4] = {1e4F, -1e4F, 20, -20};
    float y[4];
    trial->set->gelu(4, far, y);
    if (y[0] != 1e4F || !(fabsf(y[1]) < 1e-30F) || y[2] != 20 || !(fabsf(y[3]) < 1e-30F))
        trial_fail(trial, "far away: %g %g %g %g", (double)y[0], (double)y[1], (double)y[2],
                   (double)y[3]);
}

static void check_gelu_backward_row(struct trial *trial, int n, double reach, bool in_place)
{
    trial_begin(trial, n % 2);
    const float *x = trial_floats(trial, n, -reach, reach);
    float *dy = trial_floats(trial, n, 0.5, 1);
    const float *upstream = trial_copy(trial, dy);
    float *dx = in_place ? dy : trial_array(trial, (size_t)n);
    trial->set->gelu_backward(n, x, dy, dx);
    for (int i = 0; i < n; i++) {
        const double at = (double)x[i];
        const double density = exp(-0.5 * at * at) / sqrt(2 * 3.14159265358979323846);
        const double exact = (double)upstream[i] * (normal_cdf(at) + at * density);
        compare_absolute(trial, "gelu'", at, (double)dx[i], exact, 2.6e-7);
    }
    trial_check_slack(trial, "gelu_backward");
}

/* The most is 2.4e-7: of Φ and of x·φ, near the function's largest values. */
void check_gelu_backward(struct trial *trial)
{
    check_gelu_backward_row(trial, POINTS, 6, false);
    check_gelu_backward_row(trial, POINTS + 1, 14, true);
    for (const int *n = check_sizes; *n >= 0; n++) {
        check_gelu_backward_row(trial, *n, 4, false);
        check_gelu_backward_row(trial, *n, 4, true);
    }
}

/* For u from 2^-8 on, 1 − u is rounded to 2^-25, which moves the result by as much over 1 − u: less
 * than a random number of 24 bits would. Below, where events are rare, only roundings remain. */
static void check_exponential_row(struct trial *trial, int n, int shift)
{
    trial_begin(trial, n % 2);
    uint32_t *bits = trial_array(trial, (size_t)n);
    float *out = trial_array(trial, (size_t)n);
    for (int i = 0; i < n; i++)
        bits[i] = i == 0 ? 0 : i == 1 ? 0xFFFFFFFFU : trial_bits(trial) >> shift;
    trial->set->exponential(n, bits, out);
    for (int i = 0; i < n; i++) {
        const double u = ((double)bits[i] + 0.5) * 0x1p-32, exact = -log1p(-u);
        const double limit = 4 * 0x1p-24 * exact + (u < 0x1p-8 ? 0 : 1.5 * 0x1p-25 / (1 - u));
        if (!(fabs((double)out[i] - exact) <= limit) && !(u > 1 - 0x1p-23 && out[i] > 15))
            trial_fail(trial, "u = %.9g gives %.9g, expected %.9g", u, (double)out[i], exact);
    }
    trial_check_slack(trial, "exponential");
}

void check_exponential(struct trial *trial)
{
    for (int shift = 0; shift < 32; shift++)
        check_exponential_row(trial, 1 << 12, shift);
    for (const int *n = check_sizes; *n >= 0; n++)
        check_exponential_row(trial, *n, 3);
}
