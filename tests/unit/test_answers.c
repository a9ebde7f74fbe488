/* Answers collected batch by batch: classes and scores, in their order, over growing lists. */
#include "core/train/answers.h"
#include "tests/suite.h"

enum { SIZE = 3, BATCHES = 5 };

START_TEST(classes_are_collected)
{
    static const int spacing[SIZE] = {0, 2, 5};
    struct sbmt_answer_list list = {0};
    struct sbmt_error err = {0};
    for (int b = 0; b < BATCHES; b++) {
        const int32_t label[SIZE] = {b, b + 1, b + 2};
        const struct sbmt_batch batch = {.count = SIZE, .segments = 1, .label = label};
        ck_assert(sbmt_answers_reserve(&list, &batch, &err));
        ck_assert_ptr_null(sbmt_answers_logits(&list));
        int *predictions = sbmt_answers_predictions(&list);
        for (int i = 0; i < SIZE; i++)
            predictions[i] = 10 * b + i;
        const int64_t indices[SIZE] = {7 * b, 7 * b + 2, 7 * b + 5};
        sbmt_answers_add(&list, &batch, indices);
    }
    ck_assert_int_eq(list.answers.count, SIZE * BATCHES);
    ck_assert_ptr_null(list.answers.score);
    for (int i = 0; i < SIZE * BATCHES; i++) {
        ck_assert_int_eq(list.answers.label[i], i / SIZE + i % SIZE);
        ck_assert_int_eq(list.answers.prediction[i], 10 * (i / SIZE) + i % SIZE);
        ck_assert_int_eq(list.answers.example[i], 7 * (i / SIZE) + spacing[i % SIZE]);
    }
    sbmt_answers_finish(&list);
}
END_TEST

START_TEST(scores_are_collected)
{
    struct sbmt_answer_list list = {0};
    struct sbmt_error err = {0};
    for (int b = 0; b < BATCHES; b++) {
        const double score[SIZE] = {b, b + 0.25, b + 0.5};
        const struct sbmt_batch batch = {
            .count = SIZE, .segments = 1, .score = score, .target = SBMT_TARGET_SCORE};
        ck_assert(sbmt_answers_reserve(&list, &batch, &err));
        ck_assert_ptr_null(sbmt_answers_predictions(&list));
        real *logits = sbmt_answers_logits(&list);
        for (int i = 0; i < SIZE; i++)
            logits[i] = SBMT_R(-8 * b - i);
        sbmt_answers_add(&list, &batch, (const int64_t[SIZE]){b, b, b});
    }
    ck_assert_int_eq(list.answers.count, SIZE * BATCHES);
    ck_assert_ptr_null(list.answers.label);
    for (int i = 0; i < SIZE * BATCHES; i++) {
        ck_assert_double_eq(list.answers.target[i], i / SIZE + 0.25 * (i % SIZE));
        ck_assert_double_eq(list.answers.score[i], -8 * (i / SIZE) - i % SIZE);
    }
    sbmt_answers_finish(&list);
}
END_TEST

/* Of words to be guessed, one answer a place. */
START_TEST(places_are_collected)
{
    static const int32_t label[] = {7, 8, 9}, place[] = {1, 2, 4};
    static const int64_t place_offset[] = {0, 2, 3}, offset[] = {0, 3, 8};
    const struct sbmt_batch batch = {.count = 2,
                                     .segments = 1,
                                     .offset = offset,
                                     .label = label,
                                     .place = place,
                                     .place_offset = place_offset,
                                     .target = SBMT_TARGET_MASKED};
    struct sbmt_answer_list list = {0};
    struct sbmt_error err = {0};
    ck_assert(sbmt_answers_reserve(&list, &batch, &err));
    int *predictions = sbmt_answers_predictions(&list);
    for (int i = 0; i < 3; i++)
        predictions[i] = 20 + i;
    sbmt_answers_add(&list, &batch, (const int64_t[]){4, 9});
    ck_assert_int_eq(list.answers.count, 3);
    ck_assert_mem_eq(list.answers.label, label, sizeof label);
    ck_assert_int_eq(list.answers.prediction[2], 22);
    ck_assert_mem_eq(list.answers.example, ((const int64_t[]){4, 4, 9}), 3 * sizeof(int64_t));
    sbmt_answers_finish(&list);
}
END_TEST

SBMT_SUITE_MAIN("answers", classes_are_collected, scores_are_collected, places_are_collected)
