/* Statistics on values small enough to check by hand, and their edges. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "bench/comparison.h"

START_TEST(moments_and_their_edges)
{
    double odd[] = {3, 1, 2}, even[] = {4, 1, 2, 3};
    ck_assert_double_eq(sbmt_statistics_median(odd, 3), 2);
    ck_assert_double_eq(sbmt_statistics_median(even, 4), 2.5);
    ck_assert(isnan(sbmt_statistics_median(odd, 0)));
    ck_assert_double_eq(sbmt_statistics_mean(odd, 3), 2);
    ck_assert(isnan(sbmt_statistics_mean(odd, 0)));
    ck_assert_double_eq(sbmt_statistics_deviation(odd, 3), 1);
    ck_assert(isnan(sbmt_statistics_deviation(odd, 1)));
}
END_TEST

/* With three seeds that agree on the sign nothing below 1/4 can be found, with five 1/16. */
START_TEST(permutations_of_few_seeds)
{
    const double same_sign[] = {1, 2, 3, 4, 5}, none[] = {0, 0};
    ck_assert_double_eq(sbmt_statistics_permutation(same_sign, 3).p, 0.25);
    ck_assert_double_eq(sbmt_statistics_permutation(same_sign, 5).p, 0.0625);
    ck_assert_double_eq(sbmt_statistics_permutation(none, 2).p, 1);
    ck_assert_double_eq(sbmt_statistics_permutation(none, 0).p, 1);
}
END_TEST

/* 0.1 + 0.2 and 0.3 are the same distance, though not the same double. */
START_TEST(sums_that_rounding_parts_are_equal)
{
    const double difference[] = {0.1, 0.2, -0.3};
    ck_assert(difference[0] + difference[1] + difference[2] > 0);
    ck_assert_double_eq(sbmt_statistics_permutation(difference, 3).p, 1);
    const double scaled[] = {1e-20, 2e-20, 3e-20};
    ck_assert_double_eq(sbmt_statistics_permutation(scaled, 3).p, 0.25);
}
END_TEST

START_TEST(the_most_that_is_enumerated)
{
    double difference[SBMT_PERMUTATION_EXACT + 1];
    for (int i = 0; i <= SBMT_PERMUTATION_EXACT; i++)
        difference[i] = 1;
    const struct sbmt_significance exact = sbmt_statistics_permutation(difference,
                                                                       SBMT_PERMUTATION_EXACT);
    ck_assert(exact.exact);
    ck_assert_double_eq(exact.p, 0x1p-19);
    const struct sbmt_significance drawn = sbmt_statistics_permutation(difference,
                                                                       SBMT_PERMUTATION_EXACT + 1);
    ck_assert(!drawn.exact);
    ck_assert_double_eq(drawn.p, 1e-5);
}
END_TEST

/* A sum of more differences than a word has bits. */
START_TEST(more_differences_than_bits)
{
    double same_sign[100], balanced[100];
    for (int i = 0; i < 100; i++) {
        same_sign[i] = 1;
        balanced[i] = i % 2 == 0 ? 1 : -1;
    }
    ck_assert_double_eq(sbmt_statistics_permutation(same_sign, 100).p, 1e-5);
    ck_assert_double_eq(sbmt_statistics_permutation(balanced, 100).p, 1);
    for (int i = 64; i < 100; i++)
        balanced[i] = 1; /* 36 more of one sign than of the other: 3.6 standard deviations */
    const double p = sbmt_statistics_permutation(balanced, 100).p;
    ck_assert_double_gt(p, 1e-4);
    ck_assert_double_lt(p, 1e-3);
}
END_TEST

START_TEST(mcnemar_by_hand)
{
    ck_assert_double_eq(sbmt_statistics_mcnemar(0, 0).p, 1);
    ck_assert_double_eq(sbmt_statistics_mcnemar(3, 3).p, 1);
    ck_assert_double_eq(sbmt_statistics_mcnemar(0, 5).p, 0.0625);
    ck_assert_double_eq(sbmt_statistics_mcnemar(4, 1).p, 2 * 6 / 32.0);
    /* Below the smallest double. */
    ck_assert_double_eq(sbmt_statistics_mcnemar(0, 100000).p, 0);
}
END_TEST

static double integers(const int *difference, int64_t count)
{
    struct sbmt_arena scratch = {0};
    struct sbmt_significance test;
    struct sbmt_error err = {0};
    ck_assert(sbmt_statistics_integers(difference, count, &scratch, &test, &err));
    ck_assert(test.exact);
    ck_assert_uint_eq(scratch.used, 0);
    sbmt_arena_finish(&scratch);
    return test.p;
}

/* Of −1, 0 and 1 it is McNemar's; of others that which looks at every outcome. */
START_TEST(integers_agree_with_the_other_tests)
{
    int signs[300] = {0};
    for (int i = 0; i < 200; i++)
        signs[i] = i < 120 ? 1 : -1;
    ck_assert_double_eq_tol(integers(signs, 300), sbmt_statistics_mcnemar(120, 80).p, 1e-14);
    static const int counts[] = {3, -1, 2, 0, 2, 5, -4, 1, 1, 3, 2};
    double values[11];
    for (int i = 0; i < 11; i++)
        values[i] = counts[i];
    for (int n = 0; n <= 11; n++)
        ck_assert_double_eq_tol(integers(counts, n), sbmt_statistics_permutation(values, n).p,
                                1e-14);
    ck_assert_double_eq(integers(counts, 1), 1);
    ck_assert_double_eq(integers(NULL, 0), 1);
}
END_TEST

/* Of the metrics of scores, and twice the same bits. */
START_TEST(scores_are_compared)
{
    static const double target[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const double near[] = {1, 2, 4, 3, 5, 6, 8, 7}, far[] = {5, 1, 7, 2, 8, 3, 6, 4};
    const struct sbmt_answers first = {.count = 8, .target = target, .score = near};
    const struct sbmt_answers second = {.count = 8, .target = target, .score = far};
    const struct sbmt_comparison both = {&sbmt_metric_spearman, 1, &first, &second};
    struct sbmt_arena scratch = {0};
    struct sbmt_error err = {0};
    struct sbmt_significance test[2];
    for (int i = 0; i < 2; i++)
        ck_assert(sbmt_comparison_permutation(&both, 999, &scratch, &test[i], &err));
    ck_assert(test[0].p > 0.001 && test[0].p < 0.2);
    ck_assert(memcmp(&test[0].p, &test[1].p, sizeof test[0].p) == 0);
    sbmt_arena_finish(&scratch);
}
END_TEST

/* What one seed gains another loses: there is no difference of the kinds. */
START_TEST(seeds_are_compared_together)
{
    static const int32_t label[] = {0, 1, 1, 0, 1, 0, 1, 1}, good[] = {0, 1, 1, 0, 1, 0, 1, 0};
    static const int32_t bad[] = {1, 0, 0, 1, 0, 1, 0, 0};
    const struct sbmt_answers of_good = {
        .count = 8, .classes = 2, .label = label, .prediction = good};
    struct sbmt_answers of_bad = of_good;
    of_bad.prediction = bad;
    const struct sbmt_answers first[] = {of_good, of_bad}, second[] = {of_bad, of_good};
    const struct sbmt_comparison one = {&sbmt_metric_matthews, 1, first, second};
    const struct sbmt_comparison two = {&sbmt_metric_matthews, 2, first, second};
    struct sbmt_arena scratch = {0};
    struct sbmt_error err = {0};
    struct sbmt_significance test;
    ck_assert(sbmt_comparison_permutation(&one, 999, &scratch, &test, &err));
    ck_assert_double_lt(test.p, 0.1);
    ck_assert(sbmt_comparison_permutation(&two, 999, &scratch, &test, &err));
    ck_assert_double_eq(test.p, 1);
    ck_assert_uint_eq(scratch.used, 0);
    sbmt_arena_finish(&scratch);
}
END_TEST

START_TEST(answers_that_are_the_same)
{
    static const int32_t label[] = {0, 1, 1, 0}, prediction[] = {0, 1, 0, 0};
    const struct sbmt_answers answers = {
        .count = 4, .classes = 2, .label = label, .prediction = prediction};
    const struct sbmt_metric *const metrics[] = {&sbmt_metric_accuracy, &sbmt_metric_f1,
                                                 &sbmt_metric_matthews};
    for (int i = 0; i < 3; i++) {
        const struct sbmt_comparison same = {metrics[i], 1, &answers, &answers};
        struct sbmt_arena scratch = {0};
        struct sbmt_error err = {0};
        struct sbmt_significance test;
        ck_assert(sbmt_comparison_permutation(&same, 99, &scratch, &test, &err));
        ck_assert_double_eq(test.p, 1);
        sbmt_arena_finish(&scratch);
    }
}
END_TEST

START_TEST(without_memory)
{
    static const int32_t classes[] = {0, 1};
    const struct sbmt_answers answers = {
        .count = 2, .classes = 2, .label = classes, .prediction = classes};
    const struct sbmt_comparison same = {&sbmt_metric_f1, 1, &answers, &answers};
    struct sbmt_arena scratch = {.limit = 1};
    struct sbmt_error err = {0};
    struct sbmt_significance test;
    ck_assert(!sbmt_comparison_permutation(&same, 99, &scratch, &test, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    sbmt_arena_finish(&scratch);
}
END_TEST

SBMT_SUITE_MAIN("statistics", moments_and_their_edges, permutations_of_few_seeds,
                sums_that_rounding_parts_are_equal, the_most_that_is_enumerated,
                more_differences_than_bits, mcnemar_by_hand, integers_agree_with_the_other_tests,
                scores_are_compared, seeds_are_compared_together, answers_that_are_the_same,
                without_memory)
