/* Metrics on answers small enough to check by hand, and where they are not defined. */
#include "tests/suite.h"

#include <math.h>

#include "data/metric.h"

static struct sbmt_metric_value measure(const char *name, const struct sbmt_answers *answers)
{
    struct sbmt_error err = {0};
    struct sbmt_arena scratch = {0};
    struct sbmt_metric_value value = {.value = 77};
    const struct sbmt_metric *metric = sbmt_metric_find(name, &err);
    ck_assert_msg(metric != NULL, "%s", err.message);
    ck_assert_msg(metric->compute(answers, &scratch, &value, &err), "%s", err.message);
    sbmt_arena_finish(&scratch);
    return value;
}

static void expect(const char *name, const struct sbmt_answers *answers, double value)
{
    const struct sbmt_metric_value found = measure(name, answers);
    ck_assert_msg(found.defined, "%s is not defined", name);
    ck_assert_double_eq_tol(found.value, value, 1e-15);
}

static void expect_undefined(const char *name, const struct sbmt_answers *answers)
{
    const struct sbmt_metric_value found = measure(name, answers);
    ck_assert_msg(!found.defined, "%s is defined", name);
    ck_assert_double_eq(found.value, 0);
}

/* TP 3, FP 1, FN 2, TN 4. */
START_TEST(classes_by_hand)
{
    static const int32_t label[] = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
    static const int32_t prediction[] = {1, 1, 1, 0, 0, 1, 0, 0, 0, 0};
    const struct sbmt_answers answers = {
        .count = 10, .classes = 2, .label = label, .prediction = prediction};
    expect("accuracy", &answers, 0.7);
    expect("f1", &answers, 2.0 / 3);
    expect("matthews", &answers, (3 * 4 - 1 * 2) / sqrt(4.0 * 5 * 5 * 6));
}
END_TEST

/* A predictor that always says the same has no correlation with anything; the F1 of one that never
 * says yes is 0, and without a yes on either side it is 0/0. */
START_TEST(constant_classes)
{
    static const int32_t zeros[4] = {0}, ones[4] = {1, 1, 1, 1}, mixed[4] = {0, 1, 0, 1};
    struct sbmt_answers answers = {.count = 4, .classes = 2, .label = mixed, .prediction = zeros};
    expect("f1", &answers, 0);
    expect_undefined("matthews", &answers);
    answers.prediction = ones;
    expect("f1", &answers, 2.0 / 3);
    expect_undefined("matthews", &answers);
    answers = (struct sbmt_answers){.count = 4, .classes = 2, .label = zeros, .prediction = zeros};
    expect("accuracy", &answers, 1);
    expect_undefined("f1", &answers);
    expect_undefined("matthews", &answers);
}
END_TEST

START_TEST(no_examples)
{
    const struct sbmt_answers none = {.classes = 2};
    for (int i = 0; sbmt_metric_at(i) != NULL; i++)
        expect_undefined(sbmt_metric_at(i)->name, &none);
}
END_TEST

/* Products of counts need more than 32 bits from 46341 examples on. */
START_TEST(many_examples)
{
    enum { COUNT = 400000 };
    int32_t *classes = calloc(COUNT, sizeof *classes);
    ck_assert_ptr_nonnull(classes);
    for (int i = 0; i < COUNT; i++)
        classes[i] = i % 3;
    const struct sbmt_answers answers = {
        .count = COUNT, .classes = 3, .label = classes, .prediction = classes};
    expect("matthews", &answers, 1);
    free(classes);
}
END_TEST

/* Ranks of the scores: 1, 2.5, 2.5, 4 against 1, 2, 3, 4. */
START_TEST(scores_by_hand)
{
    static const double target[] = {1, 2, 3, 4}, score[] = {0, 10, 10, 1000};
    const struct sbmt_answers answers = {.count = 4, .target = target, .score = score};
    expect("spearman", &answers, 4.5 / sqrt(5 * 4.5));
    expect("pearson", &answers, 1500 / sqrt(5 * 740100.0));
}
END_TEST

START_TEST(constant_or_infinite_scores)
{
    static const double target[] = {1, 2, 3}, same[] = {0.1, 0.1, 0.1};
    static const double broken[] = {1, 2, (double)NAN}, endless[] = {1, 2, (double)INFINITY};
    const double *const scores[] = {same, broken, endless};
    for (int i = 0; i < 3; i++) {
        const struct sbmt_answers answers = {.count = 3, .target = target, .score = scores[i]};
        expect_undefined("pearson", &answers);
        expect_undefined("spearman", &answers);
    }
    const struct sbmt_answers one = {.count = 1, .target = target, .score = target};
    expect_undefined("pearson", &one);
    expect_undefined("spearman", &one);
}
END_TEST

START_TEST(metrics_by_name)
{
    struct sbmt_error err = {0};
    ck_assert_ptr_eq(sbmt_metric_find("spearman", &err), &sbmt_metric_spearman);
    ck_assert_ptr_null(sbmt_metric_find("mathews", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_str_eq(err.message, "unknown metric 'mathews'; did you mean 'matthews'?");
    ck_assert_ptr_null(sbmt_metric_find("bleu", &err));
    ck_assert_str_eq(err.message, "unknown metric 'bleu'; the metrics are accuracy, f1, matthews, "
                                  "pearson, spearman");
    for (int i = 0; sbmt_metric_at(i) != NULL; i++)
        ck_assert_ptr_eq(sbmt_metric_find(sbmt_metric_at(i)->name, &err), sbmt_metric_at(i));
    ck_assert_ptr_null(sbmt_metric_at(-1));
}
END_TEST

START_TEST(without_memory)
{
    static const int32_t classes[] = {0, 1};
    static const double scores[] = {0, 1};
    const struct sbmt_answers answers = {.count = 2,
                                         .classes = 2,
                                         .label = classes,
                                         .prediction = classes,
                                         .target = scores,
                                         .score = scores};
    const struct sbmt_metric *const hungry[] = {&sbmt_metric_matthews, &sbmt_metric_spearman};
    for (int i = 0; i < 2; i++) {
        struct sbmt_error err = {0};
        struct sbmt_arena scratch = {.limit = 1};
        struct sbmt_metric_value value;
        ck_assert(!hungry[i]->compute(&answers, &scratch, &value, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
        sbmt_arena_finish(&scratch);
    }
}
END_TEST

SBMT_SUITE_MAIN("metric", classes_by_hand, constant_classes, no_examples, many_examples,
                scores_by_hand, constant_or_infinite_scores, metrics_by_name, without_memory)
