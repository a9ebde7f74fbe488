/* Central finite differences. */
#include "tests/grad/gradient.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rng.h"

enum { DIRECTIONS = 10, MOST_AXES = 512, SOME_AXES = 24 };

static const double step = 1e-5, tolerance = 1e-7;

/* (f(x + h·u) − f(x − h·u))/2h for a direction u of length 1. */
static double along(const struct gradient_problem *problem, size_t count, real *x, const real *from,
                    const real *direction)
{
    double value[2];
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < count; i++)
            x[i] = from[i] + (side == 0 ? step : -step) * direction[i];
        value[side] = problem->loss(problem->context);
    }
    memcpy(x, from, count * sizeof *x);
    return (value[0] - value[1]) / (2 * step);
}

static void record(struct gradient_report *report, const char *what, size_t number, double numeric,
                   double analytic)
{
    const double error = fabs(numeric - analytic) / (1 + fabs(analytic));
    report->checked++;
    report->largest = fmax(report->largest, fabs(analytic));
    report->worst = fmax(report->worst, error);
    if (error <= tolerance)
        return;
    if (report->failed++ == 0)
        snprintf(report->first_failure, sizeof report->first_failure,
                 "%s %zu: %.12g by differences, %.12g by backward", what, number, numeric,
                 analytic);
}

static bool normalise(size_t count, real *direction)
{
    const double length = sqrt(gradient_dot(count, direction, direction));
    for (size_t i = 0; length > 0 && i < count; i++)
        direction[i] /= length;
    return length > 0;
}

static void compare_directions(const struct gradient_problem *problem, size_t count, real *x,
                               const real *from, const real *analytic, real *direction,
                               struct gradient_report *report)
{
    memcpy(direction, analytic, count * sizeof *direction);
    if (normalise(count, direction))
        record(report, "along the gradient", 0, along(problem, count, x, from, direction),
               gradient_dot(count, direction, analytic));
    for (size_t r = 0; r < DIRECTIONS; r++) {
        gradient_fill(direction, count, 1, 1000 + r);
        if (normalise(count, direction))
            record(report, "direction", r, along(problem, count, x, from, direction),
                   gradient_dot(count, direction, analytic));
    }
}

static void compare_axes(const struct gradient_problem *problem, size_t count, real *x,
                         const real *from, const real *analytic, real *direction,
                         struct gradient_report *report)
{
    const size_t axes = problem->axes > 0 ? problem->axes : count <= MOST_AXES ? count : SOME_AXES;
    const size_t stride = axes < count ? count / axes : 1;
    memset(direction, 0, count * sizeof *direction);
    for (size_t i = 0; i < count; i += stride) {
        direction[i] = 1;
        record(report, "entry", i, along(problem, count, x, from, direction), analytic[i]);
        direction[i] = 0;
    }
}

struct gradient_report gradient_compare(const struct gradient_problem *problem, size_t count,
                                        real *x, const real *analytic)
{
    struct gradient_report report = {0};
    real *from = gradient_reals(count), *direction = gradient_reals(count);
    memcpy(from, x, count * sizeof *from);
    compare_directions(problem, count, x, from, analytic, direction, &report);
    compare_axes(problem, count, x, from, analytic, direction, &report);
    free(from);
    free(direction);
    return report;
}

bool gradient_is_sensitive(const struct gradient_report *report)
{
    /* The differences may have eaten some of the tolerance, never half of it. */
    return report->worst < tolerance / 2 &&
           1e-4 * report->largest > 2 * tolerance * (1 + report->largest);
}

static struct gradient_report expect_agreement(const char *what,
                                               const struct gradient_problem *problem, size_t count,
                                               real *x, const real *analytic)
{
    const struct gradient_report report = gradient_compare(problem, count, x, analytic);
    ck_assert_msg(report.failed == 0, "%s: %d of %d derivatives differ; %s", what, report.failed,
                  report.checked, report.first_failure);
    ck_assert_int_ge(report.checked, DIRECTIONS);
    return report;
}

void gradient_expect(const char *what, const struct gradient_problem *problem, size_t count,
                     real *x, const real *analytic)
{
    const struct gradient_report report = expect_agreement(what, problem, count, x, analytic);
    ck_assert_msg(gradient_is_sensitive(&report),
                  "%s: an error of 0.01 %% would not be seen (largest derivative %.1e, error %.1e)",
                  what, report.largest, report.worst);
}

void gradient_expect_none(const char *what, const struct gradient_problem *problem, size_t count,
                          real *x, const real *analytic)
{
    const struct gradient_report report = expect_agreement(what, problem, count, x, analytic);
    ck_assert_msg(report.largest <= 1e-12, "%s: a derivative of %.2e where there is none", what,
                  report.largest);
}

real *gradient_reals(size_t count)
{
    real *x = calloc(count > 0 ? count : 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

void gradient_fill(real *x, size_t count, double deviation, uint64_t stream)
{
    const struct sbmt_rng_place place = {.seed = 7, .sequence = stream};
    const struct sbmt_rng_key key = sbmt_rng_derive(&place);
    for (size_t i = 0; i < count; i++)
        x[i] = deviation * sbmt_rng_normal(key, 0, (uint32_t)i);
}

double gradient_dot(size_t count, const real *w, const real *y)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += w[i] * y[i];
    return total;
}
