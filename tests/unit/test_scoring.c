/* Metrics of tasks in evaluations, what is told of suspicious answers, and tables of answers. */
#include "tests/suite.h"

#include <string.h>

#include "bench/metrics.h"
#include "bench/predictions.h"
#include "bench/scoring.h"
#include "bench/suspicion.h"
#include "data/metric.h"

static const char *const names[] = {"no", "yes"}, *const three[] = {"a", "b", "c"};
static const struct sbmt_metric *const two_metrics[] = {&sbmt_metric_f1, &sbmt_metric_accuracy,
                                                        NULL};
static const struct sbmt_metric *const correlation[] = {&sbmt_metric_matthews, NULL};
static const struct sbmt_metric *const of_scores[] = {&sbmt_metric_pearson, NULL};

/* Messages, each ended by a newline. */
struct record {
    char text[2048];
    int count;
};

static void write_record(void *context, enum sbmt_log_level level, const char *message)
{
    (void)level;
    struct record *record = context;
    const size_t used = strlen(record->text);
    snprintf(record->text + used, sizeof record->text - used, "%s\n", message);
    record->count++;
}

START_TEST(metrics_are_computed_and_named)
{
    const struct sbmt_task task = {.classes = 2, .metrics = two_metrics};
    const int32_t label[] = {1, 1, 0, 0, 0}, prediction[] = {1, 0, 1, 0, 0};
    const struct sbmt_answers answers = {.count = 5, .label = label, .prediction = prediction};
    struct sbmt_scoring scoring;
    struct sbmt_eval_result result = {.loss = 0.5, .accuracy = 0.6};
    struct sbmt_error err = {0};
    sbmt_scoring_init(&scoring, &task, NULL);
    ck_assert_int_eq(scoring.scorer.choice, SBMT_CHOICE_SCORE);
    ck_assert(scoring.scorer.compute(scoring.scorer.context, &answers, &result, &err));
    ck_assert_int_eq(result.scores, 2);
    ck_assert_str_eq(result.score[0].name, "f1");
    ck_assert_double_eq_tol(result.score[0].value, 0.5, 1e-15);
    ck_assert_double_eq_tol(result.score[1].value, 0.6, 1e-15);
    struct sbmt_json json = sbmt_json_make();
    struct sbmt_str text = {0};
    sbmt_metrics_scores(&result, &json);
    ck_assert(sbmt_json_print(&json, false, &text));
    ck_assert_str_eq(text.text, "{\"loss\":0.5,\"accuracy\":0.6,\"metrics\":{\"f1\":0.5,"
                                "\"accuracy\":0.6}}");
    sbmt_json_finish(&json);
    sbmt_str_finish(&text);
}
END_TEST

START_TEST(what_is_not_defined_is_told_once)
{
    const struct sbmt_task task = {.classes = 2, .metrics = correlation};
    const int32_t label[] = {1, 0}, prediction[] = {1, 1};
    const struct sbmt_answers answers = {.count = 2, .label = label, .prediction = prediction};
    struct record record = {0};
    const struct sbmt_log log = {write_record, &record};
    struct sbmt_scoring scoring;
    struct sbmt_eval_result result;
    struct sbmt_error err = {0};
    sbmt_scoring_init(&scoring, &task, &log);
    for (int i = 0; i < 2; i++) {
        ck_assert(scoring.scorer.compute(scoring.scorer.context, &answers, &result, &err));
        ck_assert(!result.score[0].defined && result.score[0].value == 0);
    }
    ck_assert_str_eq(record.text, "matthews is not defined for these answers, as where all are the "
                                  "same; it counts as 0\n");
}
END_TEST

START_TEST(what_chooses_follows_from_the_task)
{
    const struct sbmt_task tasks[] = {
        {.classes = 2}, {.classes = 2, .metrics = two_metrics}, {.target = SBMT_TARGET_MASKED}};
    static const char *const expected[] = {"accuracy", "f1", "loss"};
    static const enum sbmt_choice choices[] = {SBMT_CHOICE_ACCURACY, SBMT_CHOICE_SCORE,
                                               SBMT_CHOICE_LOSS};
    for (int i = 0; i < 3; i++) {
        struct sbmt_scoring scoring;
        const struct sbmt_score primary = sbmt_scoring_primary(&tasks[i], 0.25);
        sbmt_scoring_init(&scoring, &tasks[i], NULL);
        ck_assert_int_eq(scoring.scorer.choice, choices[i]);
        ck_assert_str_eq(primary.name, expected[i]);
        ck_assert_double_eq(primary.value, 0.25);
        ck_assert_int_eq(primary.lower_is_better, i == 2);
    }
}
END_TEST

static void report(const struct sbmt_task *task, const struct sbmt_result *result,
                   const struct sbmt_answers *answers, struct record *record)
{
    const struct sbmt_log log = {write_record, record};
    *record = (struct record){0};
    sbmt_suspicion_report(result, task, answers, &log);
}

/* The signature of MRPC: all equivalent. */
START_TEST(constant_answers_are_told_with_their_class)
{
    const struct sbmt_task task = {.classes = 2, .label_names = names};
    int32_t label[408], prediction[408];
    for (int i = 0; i < 408; i++) {
        label[i] = i < 279;
        prediction[i] = 1;
    }
    const struct sbmt_answers answers = {.count = 408, .label = label, .prediction = prediction};
    struct sbmt_result result = {
        .split = SBMT_SPLIT_DEV,
        .majority = 279 / 408.0,
        .eval = {.accuracy = 279 / 408.0,
                 .scores = 2,
                 .score = {{.name = "accuracy", .value = 279 / 408.0},
                           {.name = "f1", .value = 2 * 279 / (279 + 408.0)}}}};
    struct record record;
    report(&task, &result, &answers, &record);
    ck_assert_str_eq(
        record.text,
        "dev accuracy means nothing: all 408 predictions are 'yes', which gives "
        "accuracy 68.38 %, f1 81.22 %; the model has learnt no difference: train longer "
        "or change train.lr\n");
    result.unlabelled = true;
    result.split = SBMT_SPLIT_TEST;
    report(&task, &result, &answers, &record);
    ck_assert_str_eq(record.text, "test: all 408 predictions are 'yes'; the model has "
                                  "learnt no difference: train longer or change train.lr\n");
}
END_TEST

START_TEST(another_order_of_classes_is_told)
{
    const struct sbmt_task task = {.classes = 3, .label_names = three};
    int32_t label[300], prediction[300];
    /* Read as b, c, a nine of ten would be right. */
    for (int i = 0; i < 300; i++) {
        label[i] = i % 3;
        prediction[i] = i % 10 == 0 ? i % 3 : (i + 2) % 3;
    }
    const struct sbmt_answers answers = {.count = 300, .label = label, .prediction = prediction};
    struct sbmt_result result = {
        .split = SBMT_SPLIT_DEV, .majority = 1 / 3.0, .eval = {.accuracy = 0.1}};
    struct record record;
    report(&task, &result, &answers, &record);
    ck_assert_int_eq(record.count, 2);
    ck_assert_ptr_nonnull(strstr(record.text, "dev accuracy 10.00 % is no better than naming"));
    ck_assert_ptr_nonnull(strstr(
        record.text,
        "dev accuracy would be 90.00 % instead of 10.00 % if predictions were read in another "
        "order of the classes ('a' as 'b', 'b' as 'c', 'c' as 'a'): the weights were probably "
        "trained with another order of the labels"));
    /* Right answers, and answers by chance, raise no suspicion. */
    result.eval.accuracy = 1;
    for (int i = 0; i < 300; i++)
        prediction[i] = i % 3;
    report(&task, &result, &answers, &record);
    ck_assert_int_eq(record.count, 0);
    result.eval.accuracy = 1 / 3.0;
    for (int i = 0; i < 300; i++)
        prediction[i] = i / 3 % 3;
    report(&task, &result, &answers, &record);
    ck_assert_int_eq(record.count, 1);
}
END_TEST

/* Every order of four classes is found. */
START_TEST(the_best_of_all_orders)
{
    int order[4], found[4], orders = 0;
    for (int code = 0; code < 256; code++) {
        int64_t right[16] = {0};
        bool used[4] = {false};
        for (int c = 0; c < 4; c++) {
            order[c] = code >> 2 * c & 3;
            used[order[c]] = true;
            right[c * 4 + order[c]] = 10;
        }
        if (!(used[0] && used[1] && used[2] && used[3]))
            continue;
        orders++;
        ck_assert_int_eq(sbmt_suspicion_best_order(right, 4, found), 40);
        ck_assert_mem_eq(found, order, sizeof order);
    }
    ck_assert_int_eq(orders, 24);
}
END_TEST

static void expect_table(const struct sbmt_dataset *dataset, const struct sbmt_answers *answers,
                         const char *expected)
{
    struct sbmt_str text = {0};
    sbmt_predictions_list(dataset, answers, &text);
    ck_assert_str_eq(text.text, expected);
    sbmt_str_finish(&text);
}

START_TEST(tables_name_classes_and_scale_scores)
{
    const int32_t label[] = {1, 0, 0}, prediction[] = {1, 1, 0};
    const double target[] = {0.5, 1}, score[] = {0.25, 1.1};
    const int64_t each[] = {0, 4, 9}, both[] = {3, 3, 8};
    const struct sbmt_task classes = {.classes = 2, .label_names = names},
                           tokens = {.classes = 2, .target = SBMT_TARGET_TOKEN},
                           scores = {
                               .target = SBMT_TARGET_SCORE, .most_score = 5, .metrics = of_scores};
    struct sbmt_dataset dataset = {.task = &classes, .labelled = true};
    struct sbmt_answers answers = {
        .count = 3, .example = each, .label = label, .prediction = prediction};
    expect_table(&dataset, &answers,
                 "index\tlabel\tprediction\n0\tyes\tyes\n4\tno\tyes\n9\tno\tno\n");
    dataset.labelled = false;
    expect_table(&dataset, &answers, "index\tprediction\n0\tyes\n4\tyes\n9\tno\n");
    dataset = (struct sbmt_dataset){.task = &tokens, .labelled = true};
    answers.example = both;
    expect_table(&dataset, &answers,
                 "index\tposition\tlabel\tprediction\n3\t0\t1\t1\n3\t1\t0\t1\n8\t0\t0\t0\n");
    dataset = (struct sbmt_dataset){.task = &scores, .labelled = true};
    answers = (struct sbmt_answers){.count = 2, .example = each, .target = target, .score = score};
    expect_table(&dataset, &answers, "index\tlabel\tprediction\n0\t2.5\t1.25\n4\t5\t5.5\n");
    dataset.labelled = false;
    expect_table(&dataset, &answers, "index\tprediction\n0\t1.25\n4\t5.5\n");
}
END_TEST

SBMT_SUITE_MAIN("scoring", metrics_are_computed_and_named, what_is_not_defined_is_told_once,
                what_chooses_follows_from_the_task, constant_answers_are_told_with_their_class,
                another_order_of_classes_is_told, the_best_of_all_orders,
                tables_name_classes_and_scale_scores)
