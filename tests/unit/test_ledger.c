/* Runs read back: what is found, and that no damage to a file is more than an error. */
#include "tests/suite.h"

#include <math.h>

#include "bench/figures.h"
#include "bench/ledger.h"
#include "bench/report.h"
#include "bench/verify.h"
#include "core/io/file.h"
#include "data/digest.h"
#include "tests/temporary.h"

static const char config[] = "task: lra/listops\nseed: 3\nmodel: {attention: {kind: local}}\n"
                             "train: {steps: 4, batch_size: 2, shards: 2, warmup_steps: 1}\n";
static const char info[] =
    "{\"version\": \"1\", \"seed\": 3, \"config\": \"%s\", \"data\": {\"dev\": {\"sha256\": "
    "\"ab\"}, \"test\": {\"generator\": \"v1\"}}}";
static const char result[] =
    "{\"task\": \"lra/listops\", \"protocol\": \"sbm-paper\", \"attention\": \"local\", \"seed\": "
    "3, \"steps\": 4, \"ended_at_step\": 2, \"step\": 2, \"best_dev\": {\"accuracy\": 0.5, "
    "\"step\": 2}, \"test\": "
    "{\"loss\": 1, \"accuracy\": 0.5}, \"majority\": 0.5, \"seconds\": 6, \"config\": \"%s\"}";
static const char metrics[] =
    "{\"step\": 1, \"loss\": 2, \"accuracy\": 0.1, \"tokens\": 60}\n"
    "{\"step\": 2, \"loss\": 1, \"accuracy\": 0.2, \"tokens\": 20, \"density\": 0.5}\n"
    "{\"step\": 2, \"dev\": {\"loss\": 1, \"accuracy\": 0.5, \"densities\": {\"layer 0 head 1\": "
    "0.125}}, \"elapsed\": 6}\n";
static const char predictions[] = "index\tlabel\tprediction\n0\t1\t1\n1\t0\t1\n";

static const char *const names[] = {"config.yaml", "info.json", "result.json", "metrics.jsonl",
                                    "predictions.tsv"};
enum { FILES = sizeof names / sizeof names[0] };

/* The text of a file of the run. */
static void text_of(int file, char text[1024])
{
    static const char *const texts[FILES] = {config, info, result, metrics, predictions};
    char hex[SBMT_SHA256_HEX];
    ck_assert(sbmt_digest_bytes(SBMT_DIGEST_SHA256, config, sizeof config - 1, hex, NULL));
    const char *place = strstr(texts[file], "%s");
    if (place == NULL)
        snprintf(text, 1024, "%s", texts[file]);
    else
        snprintf(text, 1024, "%.*s%s%s", (int)(place - texts[file]), texts[file], hex, place + 2);
}

static void put_run(const char *folder)
{
    char path[1024], text[1024];
    ck_assert(sbmt_folder_make(folder, NULL));
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        text_of(i, text);
        temporary_text(path, text);
    }
}

START_TEST(a_run_is_read)
{
    struct temporary temporary = temporary_make();
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_ledger ledger;
    const char *top = temporary.folder;
    put_run(temporary_path(&temporary, "a/b/c"));
    put_run(temporary_path(&temporary, "a/b/c/d")); /* below a run, not a run of its own */
    ck_assert_msg(sbmt_ledger_open(&ledger, &top, 1, &arena, &err), "%s", err.message);
    ck_assert_int_eq(ledger.count, 1);
    const struct sbmt_ledger_run *run = &ledger.run[0];
    ck_assert(run->finished);
    ck_assert_str_eq(run->split, "test");
    ck_assert_int_eq(run->config.seed, 3);
    ck_assert_int_eq(run->train.count, 2);
    ck_assert_double_eq(run->train.point[1].density, 0.5);
    ck_assert(isnan(run->train.point[0].density));
    ck_assert_int_eq(run->dev.count, 1);
    ck_assert_double_eq(run->dev.point[0].accuracy, 0.5);
    ck_assert(isnan(run->dev.point[0].heads[0]));
    ck_assert_double_eq(run->dev.point[0].heads[1], 0.125);
    struct sbmt_figures *figures = sbmt_arena_zalloc(&arena, 1, sizeof *figures);
    sbmt_figures_add_heads(figures, run, "a run", &arena);
    ck_assert_int_eq(figures->count, 1);
    ck_assert_str_eq(figures->figure[0].name, "a-run-heads");
    ck_assert_str_eq(figures->figure[0].chart.series[1].name, "layer 0, head 1");
    ck_assert_double_eq(figures->figure[0].chart.series[1].y[0], 12.5);
    ck_assert_double_eq(sbmt_ledger_value(run, "accuracy"), 0.5);
    ck_assert(isnan(sbmt_ledger_value(run, "f1")));
    ck_assert_double_eq(sbmt_ledger_answered(run), 0.5);
    ck_assert_ptr_null(sbmt_ledger_origin(run, SBMT_SPLIT_TRAIN));
    ck_assert_str_eq(sbmt_ledger_origin(run, SBMT_SPLIT_DEV), "ab");
    ck_assert_str_eq(sbmt_ledger_origin(run, SBMT_SPLIT_TEST), "v1");
    struct sbmt_verification verification;
    ck_assert_msg(sbmt_verify_run(run, &verification, &arena, &err), "%s", err.message);
    ck_assert_ptr_null(sbmt_verify_lack(&verification, "score", "accuracy"));
    ck_assert_ptr_nonnull(sbmt_verify_lack(&verification, "loss", "accuracy"));
    ck_assert_ptr_eq(sbmt_verify_lack(&verification, "score", "loss"), verification.loss);
    sbmt_ledger_finish(&ledger);
    temporary_remove(&temporary);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Metrics of a task's own, and a test set without labels. */
START_TEST(values_of_results)
{
    static const char of_test[] =
        "{\"best_dev\": {\"f1\": 0.7, \"step\": 2}, \"test\": {\"loss\": 1, \"accuracy\": 0.5, "
        "\"metrics\": {\"f1\": 0.6, \"accuracy\": 0.5}}}";
    static const char unlabelled[] =
        "{\"best_dev\": {\"matthews\": 0.4, \"step\": 2}, \"test\": {\"count\": 3}}";
    struct sbmt_ledger_run run = {.split = "test"};
    ck_assert(sbmt_json_parse(&run.result, of_test, sizeof of_test - 1));
    ck_assert_str_eq(sbmt_ledger_metric(&run, "task"), "f1");
    ck_assert_str_eq(sbmt_ledger_metric(&run, "loss"), "loss");
    ck_assert_double_eq(sbmt_ledger_value(&run, "f1"), 0.6);
    ck_assert_double_eq(sbmt_ledger_value(&run, "accuracy"), 0.5);
    sbmt_json_finish(&run.result);
    run.split = "dev";
    ck_assert(sbmt_json_parse(&run.result, unlabelled, sizeof unlabelled - 1));
    ck_assert_str_eq(sbmt_ledger_metric(&run, "task"), "matthews");
    ck_assert_double_eq(sbmt_ledger_value(&run, "matthews"), 0.4);
    ck_assert(isnan(sbmt_ledger_value(&run, "accuracy")));
    sbmt_json_finish(&run.result);
    ck_assert_str_eq(sbmt_ledger_metric(&run, "task"), "accuracy");
}
END_TEST

/* Four folders down is too far. */
START_TEST(how_far_is_looked)
{
    struct temporary temporary = temporary_make();
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_ledger ledger;
    const char *top = temporary.folder;
    put_run(temporary_path(&temporary, "a/b/c/d"));
    ck_assert(!sbmt_ledger_open(&ledger, &top, 1, &arena, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    temporary_remove(&temporary);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Reads a run and makes all there is to make of it; true if that went well. */
static bool use(const char *folder)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    struct sbmt_ledger ledger;
    struct sbmt_str page = {0};
    const struct sbmt_summary_plan plan = {.rows = "attention",
                                           .columns = "task",
                                           .metric = "accuracy",
                                           .show = "score,n,p,density,flops,time",
                                           .baseline = "local",
                                           .mixed = true};
    bool done = sbmt_ledger_open(&ledger, &folder, 1, &arena, &err);
    if (done) {
        const struct sbmt_report report = {.title = "t", .ledger = &ledger, .plan = &plan};
        struct sbmt_verification verification;
        done = sbmt_verify_run(&ledger.run[0], &verification, &arena, &err) &&
               sbmt_report_write(&report, &arena, &page, &err);
        sbmt_ledger_finish(&ledger);
    }
    ck_assert(done || (err.kind != SBMT_ERROR_NONE && err.message[0] != '\0'));
    ck_assert(!page.failed);
    sbmt_str_finish(&page);
    sbmt_arena_finish(&arena);
    return done;
}

/* Every byte of every file is replaced, and every file cut at every byte: each is an error or is
 * not noticed, and some are. */
START_TEST(damage_is_an_error_at_most)
{
    static const char bytes[] = {'\0', '\n', '"', '9', '}', '-'};
    struct temporary temporary = temporary_make();
    char path[1024], text[1024];
    const char *folder = temporary_path(&temporary, "run");
    put_run(folder);
    ck_assert(use(folder));
    snprintf(path, sizeof path, "%s/%s", folder, names[_i]);
    text_of(_i, text);
    const size_t size = strlen(text);
    int noticed = 0;
    for (size_t at = 0; at < size; at++) {
        const char kept = text[at];
        text[at] = bytes[at % sizeof bytes];
        temporary_put(path, text, size);
        noticed += !use(folder);
        text[at] = kept;
        temporary_put(path, text, at);
        noticed += !use(folder);
    }
    ck_assert_int_gt(noticed, (int)size / 4);
    temporary_remove(&temporary);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {{a_run_is_read, 1},
                                            {values_of_results, 1},
                                            {how_far_is_looked, 1},
                                            {damage_is_an_error_at_most, FILES}};
    return sbmt_suite_run_loops("ledger", tests, 4);
}
