/* The comparison with finite differences can fail. */
#include <math.h>

#include "tests/grad/gradient.h"
#include "tests/suite.h"

enum { COUNT = 40 };

/* f(x) = Σ x_i·sin(x_{i+1}) and its gradient. */
static double loss(void *context)
{
    const real *x = context;
    double total = 0;
    for (int i = 0; i < COUNT; i++)
        total += x[i] * sin(x[(i + 1) % COUNT]);
    return total;
}

static void gradient(const real *x, real *dx)
{
    for (int i = 0; i < COUNT; i++) {
        const int before = (i + COUNT - 1) % COUNT, after = (i + 1) % COUNT;
        dx[i] = sin(x[after]) + x[before] * cos(x[i]);
    }
}

START_TEST(a_right_gradient_passes)
{
    real x[COUNT], dx[COUNT], before[COUNT];
    gradient_fill(x, COUNT, 1, 1);
    memcpy(before, x, sizeof x);
    gradient(x, dx);
    const struct gradient_problem problem = {.loss = loss, .context = x};
    const struct gradient_report report = gradient_compare(&problem, COUNT, x, dx);
    ck_assert_int_eq(report.failed, 0);
    ck_assert_int_eq(report.checked, COUNT + 11);
    ck_assert(report.worst > 0 && report.worst < 1e-8);
    ck_assert(gradient_is_sensitive(&report));
    ck_assert_mem_eq(x, before, sizeof x);
}
END_TEST

START_TEST(an_error_of_a_hundredth_of_a_percent_fails)
{
    real x[COUNT], dx[COUNT];
    gradient_fill(x, COUNT, 1, 1);
    gradient(x, dx);
    for (int i = 0; i < COUNT; i++)
        dx[i] *= 1.0001;
    const struct gradient_problem problem = {.loss = loss, .context = x};
    const struct gradient_report report = gradient_compare(&problem, COUNT, x, dx);
    ck_assert_int_gt(report.failed, report.checked / 2);
    ck_assert_msg(report.worst > 4e-5, "%g", report.worst);
}
END_TEST

START_TEST(one_wrong_entry_fails)
{
    real x[COUNT], dx[COUNT];
    gradient_fill(x, COUNT, 1, 1);
    gradient(x, dx);
    dx[17] *= 1.0001;
    const struct gradient_problem problem = {.loss = loss, .context = x};
    struct gradient_report report = gradient_compare(&problem, COUNT, x, dx);
    ck_assert_int_ge(report.failed, 1);
    gradient(x, dx);
    dx[17] = NAN;
    report = gradient_compare(&problem, COUNT, x, dx);
    ck_assert_int_ge(report.failed, 1);
}
END_TEST

START_TEST(a_gradient_too_small_to_judge_is_not_sensitive)
{
    real x[COUNT] = {0}, dx[COUNT];
    gradient_fill(x, COUNT, 1e-4, 1);
    gradient(x, dx);
    const struct gradient_problem problem = {.loss = loss, .context = x};
    const struct gradient_report report = gradient_compare(&problem, COUNT, x, dx);
    ck_assert_int_eq(report.failed, 0);
    ck_assert(!gradient_is_sensitive(&report));
}
END_TEST

SBMT_SUITE_MAIN("gradient_checker", a_right_gradient_passes,
                an_error_of_a_hundredth_of_a_percent_fails, one_wrong_entry_fails,
                a_gradient_too_small_to_judge_is_not_sensitive)
