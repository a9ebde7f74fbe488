/* Results: what counts as chance, the share of the largest class, the keys of result.json. */
#include "tests/suite.h"

#include <string.h>

#include "bench/metrics.h"
#include "bench/result.h"

START_TEST(chance_is_the_majority_and_one_percent)
{
    struct sbmt_result result = {.majority = 0.17, .eval = {.accuracy = 0.17}};
    ck_assert(sbmt_result_is_chance(&result));
    result.eval.accuracy = 0.1799;
    ck_assert(sbmt_result_is_chance(&result));
    result.eval.accuracy = 0.1801;
    ck_assert(!sbmt_result_is_chance(&result));
}
END_TEST

START_TEST(majority_is_the_largest_share)
{
    const int32_t label[] = {2, 0, 2, 1, 2, 0, 2, 1};
    const struct sbmt_task task = {.classes = 3, .segments = 1};
    const struct sbmt_dataset dataset = {
        .task = &task, .labelled = true, .examples = {.count = 8, .label = label}};
    ck_assert_double_eq(sbmt_result_majority(&dataset), 0.5);
}
END_TEST

/* Only where there are several graphs. */
START_TEST(keys_of_several_graphs)
{
    struct sbmt_eval_result eval = {
        .draws = 1, .draw_accuracy = 0.5, .draw_deviation = 0.125, .density = -1};
    for (int i = 0; i < 2; i++) {
        struct sbmt_json json = sbmt_json_make();
        struct sbmt_str text = {0};
        sbmt_metrics_graphs(&eval, &json);
        ck_assert(sbmt_json_print(&json, false, &text));
        ck_assert_str_eq(text.text, i == 0 ? "{}"
                                           : "{\"graphs\":4,\"graph_accuracy\":0.5,"
                                             "\"graph_deviation\":0.125}");
        sbmt_json_finish(&json);
        sbmt_str_finish(&text);
        eval.draws = 4;
    }
}
END_TEST

START_TEST(keys_of_the_result)
{
    struct sbmt_arena arena = {0};
    struct sbmt_experiment_config config;
    struct sbmt_str text = {0};
    sbmt_fields_defaults(sbmt_experiment_fields, &config, &arena);
    config.task = "lra/listops";
    const struct sbmt_result result = {
        .config = &config,
        .parameters = 7,
        .step = 50,
        .steps = 5000,
        .best_dev = {.name = "accuracy", .value = 0.25},
        .dev_step = 50,
        .split = SBMT_SPLIT_TEST,
        .eval = {.count = 10, .loss = 2.5, .accuracy = 0.5, .density = 0.125, .seconds = 3},
        .majority = 0.2,
        .seconds = 60,
        .fingerprint = "abc",
    };
    struct sbmt_json json = sbmt_json_make();
    sbmt_result_json(&result, &json);
    ck_assert(sbmt_json_print(&json, false, &text));
    ck_assert_str_eq(text.text,
                     "{\"task\":\"lra/listops\",\"protocol\":\"sbm-paper\",\"attention\":"
                     "\"softmax\",\"seed\":1,\"steps\":5000,\"parameters\":7,\"step\":50,"
                     "\"best_dev\":{\"accuracy\":0.25,\"step\":50},\"test\":{\"loss\":2.5,"
                     "\"accuracy\":0.5,\"count\":10,\"seconds\":3},\"majority\":0.2,\"density\":"
                     "0.125,\"seconds\":60,\"config\":\"abc\"}");
    sbmt_json_finish(&json);
    sbmt_str_finish(&text);
    sbmt_arena_finish(&arena);
}
END_TEST

SBMT_SUITE_MAIN("result", chance_is_the_majority_and_one_percent, majority_is_the_largest_share,
                keys_of_several_graphs, keys_of_the_result)
