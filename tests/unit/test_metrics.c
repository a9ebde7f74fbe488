/* The course of a run: what is written, and what a resumed run cuts off. */
#include "tests/suite.h"

#include <string.h>

#include "bench/metrics.h"
#include "core/io/json.h"
#include "tests/temporary.h"

static void write_step(struct sbmt_metrics *metrics, int64_t step, double density)
{
    struct sbmt_error err = {0};
    const struct sbmt_train_event event = {.step = step,
                                           .loss = 2.5,
                                           .accuracy = 0.25,
                                           .density = density,
                                           .lr = 1e-4,
                                           .gradient_norm = 3,
                                           .tokens = 100,
                                           .seconds = 0.5};
    ck_assert_msg(sbmt_metrics_step(metrics, &event, true, &err), "%s", err.message);
}

static void write_eval(struct sbmt_metrics *metrics, int64_t step)
{
    struct sbmt_error err = {0};
    const struct sbmt_eval_result result = {
        .step = step, .count = 20, .loss = 2, .accuracy = 0.5, .density = -1, .seconds = 0.25};
    ck_assert_msg(sbmt_metrics_eval(metrics, &result, NULL, true, &err), "%s", err.message);
}

/* What opening logs, a line each, without the folder in front. */
struct notes {
    const struct temporary *folder;
    char text[2048];
};

static void keep_note(void *context, enum sbmt_log_level level, const char *message)
{
    struct notes *notes = context;
    const size_t used = strlen(notes->text), root = strlen(notes->folder->folder);
    ck_assert_int_eq(strncmp(message, notes->folder->folder, root), 0);
    snprintf(notes->text + used, sizeof notes->text - used, "%s%s\n",
             level == SBMT_LOG_WARNING ? "warning: " : "", message + root + 1);
}

static void open_noted(struct sbmt_metrics *metrics, const struct temporary *folder, int64_t step,
                       bool pending, const char *wanted)
{
    struct sbmt_error err = {0};
    struct notes notes = {.folder = folder};
    const struct sbmt_log log = {.write = keep_note, .context = &notes};
    const struct sbmt_checkpoint state = {.step = step, .eval_pending = pending};
    ck_assert_msg(sbmt_metrics_open(metrics, folder->folder, &state, &log, &err), "%s",
                  err.message);
    if (wanted != NULL)
        ck_assert_str_eq(notes.text, wanted);
}

static void open_at(struct sbmt_metrics *metrics, const struct temporary *folder, int64_t step,
                    bool pending)
{
    open_noted(metrics, folder, step, pending, NULL);
}

static void expect_text(struct temporary *folder, const char *expected)
{
    size_t size;
    char *text = temporary_get(temporary_path(folder, "metrics.jsonl"), &size);
    ck_assert_str_eq(text, expected);
    free(text);
}

#define STEP(number, elapsed)                                                                      \
    "{\"step\":" number ",\"loss\":2.5,\"accuracy\":0.25,\"lr\":0.0001,\"gradient_norm\":3,"       \
    "\"tokens\":100,\"seconds\":0.5,\"elapsed\":" elapsed "}\n"
#define EVAL(number, elapsed)                                                                      \
    "{\"step\":" number ",\"dev\":{\"loss\":2,\"accuracy\":0.5,\"count\":20,\"seconds\":0.25,"     \
    "\"best\":true},\"elapsed\":" elapsed "}\n"

START_TEST(lines_are_appended)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    struct sbmt_error err = {0};
    open_at(&metrics, &folder, 0, false);
    write_step(&metrics, 1, -1);
    write_eval(&metrics, 1);
    ck_assert(sbmt_metrics_sync(&metrics, &err));
    expect_text(&folder, STEP("1", "0.5") EVAL("1", "0.75"));
    sbmt_metrics_close(&metrics);
    temporary_remove(&folder);
}
END_TEST

static void add_step(struct sbmt_metrics *metrics, int64_t step, double value, bool written)
{
    struct sbmt_error err = {0};
    const struct sbmt_train_event event = {.step = step,
                                           .loss = value,
                                           .accuracy = value / 4,
                                           .density = value / 8,
                                           .lr = value / 2,
                                           .gradient_norm = value,
                                           .tokens = step,
                                           .seconds = 0.5};
    ck_assert_msg(sbmt_metrics_step(metrics, &event, written, &err), "%s", err.message);
}

#define TWO_STEPS                                                                                  \
    "{\"step\":2,\"steps\":2,\"loss\":2,\"accuracy\":0.5,\"density\":0.25,\"lr\":1.5,"             \
    "\"gradient_norm\":2,\"tokens\":3,\"seconds\":1,\"elapsed\":1}\n"
#define THIRD_STEP                                                                                 \
    "{\"step\":3,\"loss\":4,\"accuracy\":1,\"density\":0.5,\"lr\":2,\"gradient_norm\":4,"          \
    "\"tokens\":3,\"seconds\":0.5,\"elapsed\":1.5}\n"

START_TEST(a_line_has_the_means_of_its_steps)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    open_at(&metrics, &folder, 0, false);
    add_step(&metrics, 1, 1, false);
    add_step(&metrics, 2, 3, true);
    add_step(&metrics, 3, 4, true);
    expect_text(&folder, TWO_STEPS THIRD_STEP);
    sbmt_metrics_close(&metrics);
    temporary_remove(&folder);
}
END_TEST

/* A run that goes on from a checkpoint does not know of the steps before it. */
START_TEST(a_checkpoint_ends_a_line)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    struct sbmt_error err = {0};
    open_at(&metrics, &folder, 0, false);
    add_step(&metrics, 1, 1, false);
    add_step(&metrics, 2, 3, false);
    ck_assert(sbmt_metrics_sync(&metrics, &err));
    expect_text(&folder, TWO_STEPS);
    sbmt_metrics_close(&metrics);
    open_at(&metrics, &folder, 2, false);
    add_step(&metrics, 3, 4, true);
    ck_assert(sbmt_metrics_sync(&metrics, &err));
    expect_text(&folder, TWO_STEPS THIRD_STEP);
    sbmt_metrics_close(&metrics);
    temporary_remove(&folder);
}
END_TEST

START_TEST(a_density_is_written_where_there_is_one)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    size_t size;
    open_at(&metrics, &folder, 0, false);
    write_step(&metrics, 1, 0.125);
    sbmt_metrics_close(&metrics);
    char *text = temporary_get(temporary_path(&folder, "metrics.jsonl"), &size);
    ck_assert_ptr_nonnull(strstr(text, "\"density\":0.125"));
    free(text);
    temporary_remove(&folder);
}
END_TEST

/* Of heads that have graphs, the mean. */
START_TEST(densities_of_heads_are_written)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    struct sbmt_error err = {0};
    struct sbmt_densities of[4] = {
        {.count = 2, .sum = 0.5}, {.count = 0}, {.count = 0}, {.count = 4, .sum = 2}};
    const struct sbmt_head_densities densities = {2, 2, of};
    const struct sbmt_eval_result result = {.step = 1, .count = 2, .density = 0.375};
    size_t size;
    open_at(&metrics, &folder, 0, false);
    ck_assert(sbmt_metrics_eval(&metrics, &result, &densities, true, &err));
    of[0].count = of[3].count = 0;
    ck_assert(sbmt_metrics_eval(&metrics, &result, &densities, true, &err));
    sbmt_metrics_close(&metrics);
    char *text = temporary_get(temporary_path(&folder, "metrics.jsonl"), &size);
    const char *found = strstr(text, "\"densities\":{\"layer 0 head 0\":0.25,\"layer 1 head "
                                     "1\":0.5}");
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_null(strstr(found + 2, "densities"));
    free(text);
    temporary_remove(&folder);
}
END_TEST

/* Writes steps 1 … 4 with an evaluation after each second one. */
static void write_four(struct temporary *folder)
{
    struct sbmt_metrics metrics;
    open_at(&metrics, folder, 0, false);
    for (int step = 1; step <= 4; step++) {
        write_step(&metrics, step, -1);
        if (step % 2 == 0)
            write_eval(&metrics, step);
    }
    sbmt_metrics_close(&metrics);
}

START_TEST(a_resumed_run_cuts_off_what_comes_again)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    write_four(&folder);
    open_at(&metrics, &folder, 3, false);
    expect_text(&folder, STEP("1", "0.5") STEP("2", "1") EVAL("2", "1.25") STEP("3", "1.75"));
    ck_assert_double_eq(metrics.elapsed, 1.75);
    write_step(&metrics, 4, -1);
    sbmt_metrics_close(&metrics);
    expect_text(&folder, STEP("1", "0.5") STEP("2", "1") EVAL("2", "1.25") STEP("3", "1.75")
                             STEP("4", "2.25"));
    temporary_remove(&folder);
}
END_TEST

START_TEST(an_evaluation_that_is_pending_comes_again)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    write_four(&folder);
    open_at(&metrics, &folder, 2, false);
    expect_text(&folder, STEP("1", "0.5") STEP("2", "1") EVAL("2", "1.25"));
    sbmt_metrics_close(&metrics);
    open_at(&metrics, &folder, 2, true);
    expect_text(&folder, STEP("1", "0.5") STEP("2", "1"));
    ck_assert_double_eq(metrics.elapsed, 1);
    sbmt_metrics_close(&metrics);
    temporary_remove(&folder);
}
END_TEST

START_TEST(a_line_cut_short_is_dropped)
{
    struct temporary folder = temporary_make();
    struct sbmt_metrics metrics;
    temporary_text(temporary_path(&folder, "metrics.jsonl"), STEP("1", "0.5") "{\"step\":2,\"lo");
    open_noted(&metrics, &folder, 5, false,
               "metrics.jsonl: cut back to step 5, where the checkpoint is\n"
               "warning: metrics.jsonl: has no lines of the steps from 2 to 5, where the "
               "checkpoint is: curves lack them, and their time counts for none\n");
    expect_text(&folder, STEP("1", "0.5"));
    sbmt_metrics_close(&metrics);
    temporary_remove(&folder);
}
END_TEST

/* Good lines stay, and what is amiss is said. */
START_TEST(damage_is_told)
{
    static const struct {
        const char *text;
        int step;
        const char *kept, *notes;
    } cases[] = {
        {STEP("1", "0.5") "junk\n" STEP("2", "1") "\n", 2, STEP("1", "0.5") STEP("2", "1"),
         "warning: metrics.jsonl:2: damaged: not a JSON object; left out\n"
         "metrics.jsonl: cut back to step 2, where the checkpoint is\n"},
        {STEP("1", "0.5") "junk\n{\n" STEP("2", "1"), 2, STEP("1", "0.5") STEP("2", "1"),
         "warning: metrics.jsonl:2: damaged: not a JSON object; left out, like others after it\n"},
        {STEP("1", "0.5") STEP("2", "1"), 2, STEP("1", "0.5") STEP("2", "1"), ""},
        {STEP("1", "0.5") STEP("2", "1"), 0, "",
         "metrics.jsonl: emptied: the run has no checkpoint yet and begins again\n"},
        {"", 3, "",
         "warning: metrics.jsonl: has no lines of the steps from 1 to 3, where the checkpoint is: "
         "curves lack them, and their time counts for none\n"},
    };
    struct temporary folder = temporary_make();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_metrics metrics;
        temporary_text(temporary_path(&folder, "metrics.jsonl"), cases[i].text);
        open_noted(&metrics, &folder, cases[i].step, false, cases[i].notes);
        expect_text(&folder, cases[i].kept);
        sbmt_metrics_close(&metrics);
    }
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("metrics", lines_are_appended, a_line_has_the_means_of_its_steps,
                a_checkpoint_ends_a_line, a_density_is_written_where_there_is_one,
                densities_of_heads_are_written, a_resumed_run_cuts_off_what_comes_again,
                an_evaluation_that_is_pending_comes_again, a_line_cut_short_is_dropped,
                damage_is_told)
