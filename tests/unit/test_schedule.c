/* Learning rates against those of torch 1.13's OneCycleLR, and the linear schedules by hand. */
#include "tests/suite.h"

#include <math.h>

#include "core/train/schedule.h"

/* optimizer.param_groups[0]["lr"] at optimiser step `step` of OneCycleLR(max_lr=5e-4,
 * total_steps=steps, pct_start=warmup/steps, anneal_strategy="linear"), printed by repr. */
static const struct {
    int steps, warmup, step;
    double rate;
} torch_rates[] = {
    {10, 3, 1, 2e-05},
    {10, 3, 2, 0.00026000000000000003},
    {10, 3, 3, 0.0005},
    {10, 3, 4, 0.00042857171428571433},
    {10, 3, 6, 0.00028571514285714286},
    {10, 3, 9, 7.143028571428577e-05},
    {10, 3, 10, 2.0000000000314905e-09},
    {30, 10, 2, 7.333333333333333e-05},
    {30, 10, 11, 0.00047500010000000003},
    {30, 10, 29, 2.5001900000000063e-05},
    {7, 7, 1, 2e-05},
    {7, 7, 2, 9.999999999999999e-05},
    {7, 7, 6, 0.00042},
    {7, 7, 7, 0.0005},
    {5, 0, 1, 0.0004000004},
    {5, 0, 2, 0.0003000008},
    {5, 0, 4, 0.0001000016},
    {5, 0, 5, 2.0000000000314905e-09},
    {5000, 1000, 1, 2e-05},
    {5000, 1000, 2, 2.0480480480480483e-05},
    {5000, 1000, 999, 0.0004995195195195196},
    {5000, 1000, 1000, 0.0005},
    {5000, 1000, 1001, 0.0004998750005},
    {5000, 1000, 3000, 0.000250001},
    {5000, 1000, 4999, 1.2699950000005008e-07},
    {20000, 8000, 2, 2.006000750093762e-05},
    {20000, 8000, 7999, 0.0004999399924990625},
    {20000, 8000, 8001, 0.0004999583335},
    {20000, 8000, 19999, 4.366650000007383e-08},
    {49, 1, 1, 0.0005},
    {49, 1, 2, 0.000489583375},
    {49, 1, 48, 1.0418625000000099e-05},
    {1, 0, 1, 2.0000000000314905e-09},
    {3, 2, 1, 2e-05},
    {3, 2, 2, 0.0005},
    {3, 2, 3, 2.0000000000314905e-09},
    {100, 49, 49, 0.0005},
    {100, 49, 50, 0.0004901961176470588},
    {100, 49, 99, 9.805882352941246e-06},
    {29, 23, 22, 0.0004781818181818182},
    {29, 23, 24, 0.000416667},
    {29, 23, 28, 8.333500000000003e-05},
};

/* By hand: lr·min(1, t/warmup)/sqrt(max(t, warmup)) and lr·(1 + cos(pi·(t − w)/(steps − w)))/2. */
START_TEST(google)
{
    static const struct {
        enum sbmt_schedule schedule;
        int step;
        double rate;
    } rates[] = {
        {SBMT_SCHEDULE_INVERSE_ROOT, 1, 0},
        {SBMT_SCHEDULE_INVERSE_ROOT, 3, 5e-4 * 2 / 4 / 2},
        {SBMT_SCHEDULE_INVERSE_ROOT, 5, 5e-4 / 2},
        {SBMT_SCHEDULE_INVERSE_ROOT, 10, 5e-4 / 3},
        {SBMT_SCHEDULE_COSINE, 2, 5e-4 / 4},
        {SBMT_SCHEDULE_COSINE, 5, 5e-4},
        {SBMT_SCHEDULE_COSINE, 6, 5e-4 * 0.75},
        {SBMT_SCHEDULE_COSINE, 7, 5e-4 * 0.25},
    };
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        const struct sbmt_train_config config = {
            .steps = rates[i].schedule == SBMT_SCHEDULE_COSINE ? 7 : 20,
            .lr = 5e-4,
            .schedule = rates[i].schedule,
            .warmup_steps = 4};
        ck_assert_double_eq_tol(sbmt_schedule_rate(&config, rates[i].step), rates[i].rate, 1e-18);
    }
}
END_TEST

static double rate(enum sbmt_schedule schedule, int steps, int warmup, int step)
{
    const struct sbmt_train_config config = {
        .steps = steps, .lr = 5e-4, .schedule = schedule, .warmup_steps = warmup};
    return sbmt_schedule_rate(&config, step);
}

START_TEST(onecycle_gives_the_rates_of_torch)
{
    for (size_t i = 0; i < sizeof torch_rates / sizeof torch_rates[0]; i++)
        ck_assert_double_eq_tol(rate(SBMT_SCHEDULE_ONECYCLE, torch_rates[i].steps,
                                     torch_rates[i].warmup, torch_rates[i].step),
                                torch_rates[i].rate, 1e-15 * torch_rates[i].rate);
}
END_TEST

/* Where torch divides 0 by 0: a warm-up of one step is its own peak. */
START_TEST(a_warm_up_of_one_step_starts_at_the_peak)
{
    ck_assert_double_eq(rate(SBMT_SCHEDULE_ONECYCLE, 10, 1, 1), 5e-4);
    ck_assert_double_eq(rate(SBMT_SCHEDULE_ONECYCLE, 1, 1, 1), 5e-4);
    ck_assert_double_eq_tol(rate(SBMT_SCHEDULE_ONECYCLE, 10, 1, 10), 2e-9, 1e-18);
}
END_TEST

START_TEST(every_rate_is_within_its_bounds)
{
    static const enum sbmt_schedule schedules[] = {SBMT_SCHEDULE_ONECYCLE, SBMT_SCHEDULE_LINEAR,
                                                   SBMT_SCHEDULE_CONSTANT};
    for (int s = 0; s < 3; s++)
        for (int steps = 1; steps <= 60; steps++)
            for (int warmup = 0; warmup <= steps; warmup++)
                for (int step = 1; step <= steps; step++) {
                    const double value = rate(schedules[s], steps, warmup, step);
                    ck_assert(isfinite(value));
                    ck_assert_double_ge(value, 0);
                    ck_assert_double_le(value, 5e-4 * (1 + 1e-15));
                }
}
END_TEST

START_TEST(linear_rises_from_zero_and_falls)
{
    ck_assert_double_eq(rate(SBMT_SCHEDULE_LINEAR, 10, 4, 1), 0);
    ck_assert_double_eq_tol(rate(SBMT_SCHEDULE_LINEAR, 10, 4, 4), 5e-4 * 3 / 4, 1e-18);
    ck_assert_double_eq(rate(SBMT_SCHEDULE_LINEAR, 10, 4, 5), 5e-4);
    ck_assert_double_eq_tol(rate(SBMT_SCHEDULE_LINEAR, 10, 4, 6), 5e-4 * 5 / 6, 1e-18);
    ck_assert_double_eq_tol(rate(SBMT_SCHEDULE_LINEAR, 10, 4, 10), 5e-4 / 6, 1e-18);
    ck_assert_double_eq(rate(SBMT_SCHEDULE_LINEAR, 1, 0, 1), 5e-4);
}
END_TEST

START_TEST(constant_stays_after_the_warm_up)
{
    ck_assert_double_eq(rate(SBMT_SCHEDULE_CONSTANT, 10, 0, 1), 5e-4);
    ck_assert_double_eq_tol(rate(SBMT_SCHEDULE_CONSTANT, 10, 4, 3), 5e-4 / 2, 1e-18);
    ck_assert_double_eq(rate(SBMT_SCHEDULE_CONSTANT, 10, 4, 5), 5e-4);
    ck_assert_double_eq(rate(SBMT_SCHEDULE_CONSTANT, 10, 4, 10), 5e-4);
}
END_TEST

SBMT_SUITE_MAIN("schedule", google, onecycle_gives_the_rates_of_torch,
                a_warm_up_of_one_step_starts_at_the_peak, every_rate_is_within_its_bounds,
                linear_rises_from_zero_and_falls, constant_stays_after_the_warm_up)
