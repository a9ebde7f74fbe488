/* Metrics against those of scikit-learn and scipy. */
#include <stdint.h>

#include "data/metric.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"

enum { CLASS_CASES = 15, SCORE_CASES = 13 };

static void compare(const struct sbmt_safetensors *file, const char *name, int name_length,
                    const struct sbmt_answers *answers, enum sbmt_answer answer)
{
    struct sbmt_error err = {0};
    struct sbmt_arena scratch = {0};
    for (int i = 0; sbmt_metric_at(i) != NULL; i++) {
        const struct sbmt_metric *metric = sbmt_metric_at(i);
        if (metric->answer != answer)
            continue;
        const double *expected =
            golden_tensor(file, SBMT_DTYPE_F64, "%.*s.%s", name_length, name, metric->name)->bytes;
        struct sbmt_metric_value found;
        ck_assert_msg(metric->compute(answers, &scratch, &found, &err), "%s", err.message);
        ck_assert_msg(fabs(found.value - expected[0]) <= 1e-12, "%.*s: %s is %.17g, expected %.17g",
                      name_length, name, metric->name, found.value, expected[0]);
        ck_assert_msg(found.defined == (expected[1] > 0), "%.*s: %s is%s defined", name_length,
                      name, metric->name, found.defined ? "" : " not");
        ck_assert_uint_eq(scratch.used, 0);
    }
    sbmt_arena_finish(&scratch);
}

/* The length of the case's name, where a tensor has the wanted suffix; else 0. */
static int case_of(const char *name, const char *suffix)
{
    const size_t length = strlen(name), end = strlen(suffix);
    return length > end && strcmp(name + length - end, suffix) == 0 ? (int)(length - end) : 0;
}

START_TEST(classes_are_measured_as_scikit_learn_does)
{
    struct sbmt_safetensors file = {0};
    int cases = 0;
    golden_open(&file, "metrics");
    for (int i = 0; i < file.count; i++) {
        const char *name = file.tensors[i].name;
        const int length = case_of(name, ".label");
        if (length == 0)
            continue;
        const int32_t *classes =
            golden_tensor(&file, SBMT_DTYPE_I32, "%.*s.classes", length, name)->bytes;
        const struct sbmt_stored *prediction = golden_tensor(&file, SBMT_DTYPE_I32,
                                                             "%.*s.prediction", length, name);
        ck_assert_uint_eq(prediction->count, file.tensors[i].count);
        const struct sbmt_answers answers = {.count = (int64_t)prediction->count,
                                             .classes = classes[0],
                                             .label = file.tensors[i].bytes,
                                             .prediction = prediction->bytes};
        compare(&file, name, length, &answers, SBMT_ANSWER_CLASS);
        cases++;
    }
    ck_assert_int_eq(cases, CLASS_CASES);
    sbmt_safetensors_close(&file);
}
END_TEST

START_TEST(scores_are_measured_as_scipy_does)
{
    struct sbmt_safetensors file = {0};
    int cases = 0;
    golden_open(&file, "metrics");
    for (int i = 0; i < file.count; i++) {
        const char *name = file.tensors[i].name;
        const int length = case_of(name, ".target");
        if (length == 0)
            continue;
        const struct sbmt_stored *score = golden_tensor(&file, SBMT_DTYPE_F64, "%.*s.score", length,
                                                        name);
        ck_assert_uint_eq(score->count, file.tensors[i].count);
        const struct sbmt_answers answers = {
            .count = (int64_t)score->count, .target = file.tensors[i].bytes, .score = score->bytes};
        compare(&file, name, length, &answers, SBMT_ANSWER_SCORE);
        cases++;
    }
    ck_assert_int_eq(cases, SCORE_CASES);
    sbmt_safetensors_close(&file);
}
END_TEST

SBMT_SUITE_MAIN("golden_metrics", classes_are_measured_as_scikit_learn_does,
                scores_are_measured_as_scipy_does)
