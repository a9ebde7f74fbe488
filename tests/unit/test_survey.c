/* Tests of what is counted of a data set, over examples small enough to count by hand. */
#include <string.h>

#include "data/manifest.h"
#include "data/repeats.h"
#include "data/survey.h"
#include "tests/suite.h"

enum { COUNT = 5 };

/* Lengths 3, 2, 3, 1, 3 of at most 4; the third repeats the first with another label, the last with
 * its own. */
static const uint8_t tokens[] = {1, 0, 2, 0, 0, 1, 0, 2, 7, 1, 0, 2};
static const int64_t offset[COUNT + 1] = {0, 3, 5, 8, 9, 12};
static const int64_t source_length[COUNT] = {3, 2, 3, 9, 3};
static const int32_t label[COUNT] = {0, 1, 1, 0, 1};

static const struct sbmt_form form = {.name = "form", .unit = "pixel", .vocab = 8, .max_length = 4};
static const struct sbmt_task task = {.name = "test/survey", .classes = 2, .segments = 1};

static struct sbmt_dataset make(void)
{
    return (struct sbmt_dataset){.task = &task,
                                 .form = &form,
                                 .vocab = 8,
                                 .examples = {.count = COUNT,
                                              .tokens8 = tokens,
                                              .offset = offset,
                                              .label = label,
                                              .source_length = source_length}};
}

START_TEST(test_figures)
{
    const struct sbmt_dataset dataset = make();
    struct sbmt_survey survey;
    ck_assert(sbmt_survey_take(&survey, &dataset, NULL, NULL));
    ck_assert_int_eq(survey.examples, 5);
    ck_assert_int_eq(survey.sequences, 5);
    ck_assert_int_eq(survey.tokens, 12);
    ck_assert_int_eq(survey.shortest, 1);
    ck_assert_int_eq(survey.longest, 3);
    ck_assert_double_eq(survey.median, 3);
    ck_assert_double_eq_tol(survey.mean, 2.4, 1e-12);
    ck_assert_int_eq(survey.cut, 1);
    ck_assert_double_eq_tol(survey.real_pairs, (9 + 4 + 9 + 1 + 9) / 16.0 / 5, 1e-12);
    ck_assert_int_eq(survey.black_tokens, 5);
    ck_assert_int_eq(survey.black_examples, 4);
    ck_assert_double_eq_tol(survey.unmasked_mean, 7 / 5.0, 1e-12);
    ck_assert_int_eq(survey.repeated, 2);
    ck_assert_int_eq(survey.contradicted, 1);
}
END_TEST

/* The same tokens cut elsewhere into the two sequences of a pair are another example. */
START_TEST(test_pairs)
{
    static const uint16_t wide[] = {500, 2, 3, 500, 2, 3, 500, 2, 3};
    static const int64_t cuts[] = {0, 1, 3, 5, 6, 7, 9};
    static const int32_t none[] = {0, 0, 0};
    struct sbmt_task pairs = task;
    pairs.segments = 2;
    struct sbmt_dataset dataset = make();
    dataset.task = &pairs;
    dataset.examples = (struct sbmt_examples){
        .count = 3, .tokens16 = wide, .offset = cuts, .label = none};
    struct sbmt_survey survey;
    uint64_t digests[3];
    ck_assert(sbmt_survey_take(&survey, &dataset, digests, NULL));
    ck_assert_int_eq(survey.sequences, 6);
    ck_assert_double_eq(survey.median, 1.5);
    ck_assert_int_eq(survey.cut, 0);
    ck_assert_int_eq(survey.repeated, 1);
    ck_assert_int_eq(survey.contradicted, 0);
    ck_assert_uint_eq(digests[0], digests[2]);
    ck_assert_uint_ne(digests[0], digests[1]);
}
END_TEST

START_TEST(test_shared)
{
    uint64_t a[] = {9, 3, 3, 5}, b[] = {3, 7, 9, 3, 1};
    ck_assert_int_eq(sbmt_repeats_shared(a, 4, b, 5), 3);
    ck_assert_int_eq(sbmt_repeats_shared(a, 0, b, 5), 0);
    ck_assert_int_eq(sbmt_repeats_shared(b, 5, a, 4), 3);
}
END_TEST

/* Rows are found by task, split and form, or for any form. */
START_TEST(test_manifest)
{
    struct sbmt_form bytes = {.name = "bytes-3000"}, other = {.name = "bytes-7"};
    struct sbmt_task known = {.name = "lra/text"};
    struct sbmt_dataset dataset = {.task = &known, .form = &bytes, .split = SBMT_SPLIT_TEST};
    const struct sbmt_manifest_row *row = sbmt_manifest_find(&dataset);
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->count, 25000);
    ck_assert_uint_eq(strlen(row->digest), SBMT_SHA256_HEX - 1);
    dataset.split = SBMT_SPLIT_DEV;
    ck_assert_int_eq(sbmt_manifest_find(&dataset)->count, 2500);
    dataset.form = &other;
    ck_assert_ptr_null(sbmt_manifest_find(&dataset));
    known.name = "lra/listops";
    ck_assert_int_eq(sbmt_manifest_find(&dataset)->count, 2000);
    ck_assert_ptr_null(sbmt_manifest_find(&dataset)->digest);
    known.name = "test/survey";
    ck_assert_ptr_null(sbmt_manifest_find(&dataset));
}
END_TEST

SBMT_SUITE_MAIN("survey", test_figures, test_pairs, test_shared, test_manifest)
