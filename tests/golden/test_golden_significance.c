/* Tests against scipy's, exact fractions, and the same draws in Python. */
#include <stdint.h>

#include "bench/comparison.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"

enum { DRAWS = 2000, PERMUTATIONS = 10 };

/* Fails unless a number is the stored one to within 1e-12 of itself, or of 1. */
static void compare(const char *what, double found, double expected)
{
    ck_assert_msg(fabs(found - expected) <= 1e-12 * fmax(1, fabs(expected)),
                  "%s is %.17g, expected %.17g", what, found, expected);
}

static const double *numbers(const struct sbmt_safetensors *file, const char *name, size_t count)
{
    const struct sbmt_stored *stored = golden_tensor(file, SBMT_DTYPE_F64, "%s", name);
    ck_assert_uint_eq(stored->count, count);
    return stored->bytes;
}

START_TEST(moments_are_those_of_numpy)
{
    struct sbmt_safetensors file = {0};
    golden_open(&file, "significance");
    double values[9];
    memcpy(values, numbers(&file, "moments", 9), sizeof values);
    const double *expected = numbers(&file, "moments.expected", 3);
    compare("mean", sbmt_statistics_mean(values, 9), expected[0]);
    compare("deviation", sbmt_statistics_deviation(values, 9), expected[1]);
    compare("median", sbmt_statistics_median(values, 9), expected[2]);
    sbmt_safetensors_close(&file);
}
END_TEST

START_TEST(permutation_tests_are_those_of_scipy)
{
    static const char prefix[] = "permutation.";
    struct sbmt_safetensors file = {0};
    int cases = 0;
    golden_open(&file, "significance");
    for (int i = 0; i < file.count; i++) {
        const struct sbmt_stored *stored = &file.tensors[i];
        if (strncmp(stored->name, prefix, strlen(prefix)) != 0 ||
            strchr(stored->name + strlen(prefix), '.') != NULL)
            continue;
        const int64_t count = (int64_t)stored->count;
        const struct sbmt_significance found = sbmt_statistics_permutation(stored->bytes, count);
        const double *expected = golden_tensor(&file, SBMT_DTYPE_F64, "%s.p", stored->name)->bytes;
        compare(stored->name, found.p, expected[0]);
        ck_assert_int_eq(found.exact, count <= SBMT_PERMUTATION_EXACT);
        ck_assert_int_eq(found.draws, found.exact ? 1 << count : SBMT_PERMUTATION_DRAWS);
        cases++;
    }
    ck_assert_int_eq(cases, PERMUTATIONS);
    sbmt_safetensors_close(&file);
}
END_TEST

/* To within 1e-12 of themselves, also far below 1. */
START_TEST(mcnemar_is_the_exact_fraction)
{
    struct sbmt_safetensors file = {0};
    golden_open(&file, "significance");
    const struct sbmt_stored *pairs = golden_tensor(&file, SBMT_DTYPE_I32, "mcnemar.pairs");
    const int32_t *pair = pairs->bytes;
    const double *expected = numbers(&file, "mcnemar.p", pairs->count / 2);
    for (size_t i = 0; i < pairs->count / 2; i++) {
        const double found = sbmt_statistics_mcnemar(pair[2 * i], pair[2 * i + 1]).p;
        ck_assert_msg(fabs(found - expected[i]) <= 1e-12 * expected[i],
                      "%d and %d: %.17g, expected %.17g", pair[2 * i], pair[2 * i + 1], found,
                      expected[i]);
    }
    sbmt_safetensors_close(&file);
}
END_TEST

/* The same fractions, where there are few enough pairs to go through. */
START_TEST(integers_are_the_exact_fraction)
{
    enum { MOST = 4096 };
    struct sbmt_safetensors file = {0};
    struct sbmt_arena scratch = {0};
    struct sbmt_error err = {0};
    int cases = 0, difference[MOST];
    golden_open(&file, "significance");
    const struct sbmt_stored *pairs = golden_tensor(&file, SBMT_DTYPE_I32, "mcnemar.pairs");
    const int32_t *pair = pairs->bytes;
    const double *expected = numbers(&file, "mcnemar.p", pairs->count / 2);
    for (size_t i = 0; i < pairs->count / 2; i++) {
        const int first = pair[2 * i], count = first + pair[2 * i + 1];
        struct sbmt_significance found;
        if (count > MOST)
            continue;
        for (int d = 0; d < count; d++)
            difference[d] = d < first ? 1 : -1;
        ck_assert(sbmt_statistics_integers(difference, count, &scratch, &found, &err));
        compare("p", found.p, expected[i]);
        cases++;
    }
    ck_assert_int_ge(cases, 3);
    sbmt_arena_finish(&scratch);
    sbmt_safetensors_close(&file);
}
END_TEST

static struct sbmt_answers answers_of(const struct sbmt_safetensors *file, const char *prediction)
{
    const struct sbmt_stored *label = golden_tensor(file, SBMT_DTYPE_I32, "examples.label");
    return (struct sbmt_answers){
        .count = (int64_t)label->count,
        .classes = 2,
        .label = label->bytes,
        .prediction = golden_tensor(file, SBMT_DTYPE_I32, "examples.%s", prediction)->bytes};
}

START_TEST(two_sets_of_answers)
{
    struct sbmt_safetensors file = {0};
    struct sbmt_arena scratch = {0};
    struct sbmt_significance significance;
    struct sbmt_error err = {0};
    golden_open(&file, "significance");
    const struct sbmt_answers first = answers_of(&file, "first");
    const struct sbmt_answers second = answers_of(&file, "second");
    const struct sbmt_comparison both = {&sbmt_metric_f1, 1, &first, &second};
    ck_assert(sbmt_comparison_permutation(&both, DRAWS, &scratch, &significance, &err));
    compare("permutation", significance.p, numbers(&file, "examples.permutation", 1)[0]);
    ck_assert(!significance.exact && significance.draws == DRAWS);
    ck_assert_uint_eq(scratch.used, 0);
    sbmt_arena_finish(&scratch);
    sbmt_safetensors_close(&file);
}
END_TEST

SBMT_SUITE_MAIN("golden_significance", moments_are_those_of_numpy,
                permutation_tests_are_those_of_scipy, mcnemar_is_the_exact_fraction,
                integers_are_the_exact_fraction, two_sets_of_answers)
