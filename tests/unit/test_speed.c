/* Lists on the command line, densities that are set, and what follows from measured times. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "bench/list.h"
#include "bench/speed.h"
#include "bench/speed_subject.h"

START_TEST(lists_are_split_into_numbers)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    int count = 0;
    const double *n = sbmt_list_numbers("--n", "64,512,1024", true, 1, 1024, &arena, &count, &err);
    ck_assert_ptr_nonnull(n);
    ck_assert_int_eq(count, 3);
    ck_assert_double_eq(n[0] + n[1] + n[2], 1600);
    const double *p = sbmt_list_numbers("--p", "0.02,1", false, 0, 1, &arena, &count, &err);
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(count, 2);
    ck_assert_double_eq(p[0], 0.02);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(bad_lists_have_messages)
{
    const struct {
        const char *text, *message;
    } cases[] = {
        {"", "--n: expected values separated by commas, got ''"},
        {"1,,2", "--n: expected values separated by commas, got '1,,2'"},
        {"1,", "--n: expected values separated by commas, got '1,'"},
        {"1,2k", "--n: expected an integer, got '2k'"},
        {"1,0.5", "--n: expected an integer, got '0.5'"},
        {"1,11", "--n: 11 is not within [1, 10]"},
        {"2,1", "--n: 1 after 2; give them in ascending order"},
        {"2,2", "--n: 2 after 2; give them in ascending order"},
    };
    struct sbmt_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_error err = {0};
        int count;
        ck_assert_ptr_null(
            sbmt_list_numbers("--n", cases[i].text, true, 1, 10, &arena, &count, &err));
        ck_assert_str_eq(err.message, cases[i].message);
        ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    }
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(crossings_are_interpolated_in_logarithms)
{
    const double density[] = {0.01, 0.04, 0.16}, time[] = {1, 4, 16};
    ck_assert_double_eq_tol(sbmt_speed_crossing(density, time, 3, 2), 0.02, 1e-12);
    ck_assert_double_eq_tol(sbmt_speed_crossing(density, time, 3, 8), 0.08, 1e-12);
    ck_assert_double_eq_tol(sbmt_speed_crossing(density, time, 3, 4), 0.04, 1e-12);
    ck_assert_double_eq(sbmt_speed_crossing(density, time, 3, 1), 0);
    ck_assert(isinf(sbmt_speed_crossing(density, time, 3, 17)));
    ck_assert_double_eq(sbmt_speed_crossing(density, time, 0, 17), 0);
    const double disturbed[] = {5, 2, 8}; /* the first says nothing */
    ck_assert_double_eq_tol(sbmt_speed_crossing(density, disturbed, 3, 4), 0.08, 1e-12);
}
END_TEST

static const char *const sbm[] = {"sbm"};
static const double one_length[] = {200};

static struct sbmt_speed_plan plan_of(const double *density)
{
    return (struct sbmt_speed_plan){
        .attention = sbm,
        .attentions = 1,
        .lengths = one_length,
        .lengths_count = 1,
        .densities = density,
        .densities_count = 1,
        .threads = 1,
        .batch = 4,
        .repeats = 1,
        .clusters = 64,
    };
}

static const double targets[] = {0.02, 0.05, 0.1, 0.25, 0.5, 0.9, 1};

/* Density is set on a batch of another length, and measured in training, with dropout. */
START_TEST(steps_have_the_density_asked_for)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_speed speed;
    const struct sbmt_speed_plan plan = plan_of(&targets[_i]);
    ck_assert_msg(sbmt_speed_measure(&plan, NULL, NULL, &arena, &speed, &err), "%s", err.message);
    ck_assert_int_eq(speed.rows, 1);
    ck_assert_double_eq_tol(speed.row[0].density, targets[_i], 0.04 * targets[_i]);
    ck_assert_double_gt(speed.row[0].step, speed.row[0].inference / 10);
    ck_assert_double_gt(speed.row[0].step_flops, 3 * speed.row[0].inference_flops);
    ck_assert_int_eq(speed.break_evens, 0); /* nothing to compare with */
    sbmt_arena_finish(&arena);
}
END_TEST

/* A promise of docs/performance.md: a twentieth of what PyTorch takes for two threads' work, with
 * the program itself. */
START_TEST(a_step_takes_little_memory)
{
    static const double length = 2048, density = 0.26;
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_speed speed;
    struct sbmt_speed_plan plan = plan_of(&density);
    plan.lengths = &length;
    plan.batch = 1;
    plan.clusters = 128;
    ck_assert_msg(sbmt_speed_measure(&plan, NULL, NULL, &arena, &speed, &err), "%s", err.message);
    ck_assert_double_lt(speed.row[0].peak_bytes, 25e6);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(a_density_below_the_exploration_is_refused)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_speed speed;
    const double density = 0.005;
    const struct sbmt_speed_plan plan = plan_of(&density);
    ck_assert(!sbmt_speed_measure(&plan, NULL, NULL, &arena, &speed, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "lower model.attention.exploration"));
    sbmt_arena_finish(&arena);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {lists_are_split_into_numbers, 1},
        {bad_lists_have_messages, 1},
        {crossings_are_interpolated_in_logarithms, 1},
        {steps_have_the_density_asked_for, sizeof targets / sizeof targets[0]},
        {a_step_takes_little_memory, 1},
        {a_density_below_the_exploration_is_refused, 1},
    };
    return sbmt_suite_run_loops("speed", tests, (int)(sizeof tests / sizeof tests[0]));
}
