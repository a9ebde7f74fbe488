/* The task synthetic/repeated-tokens: its labels, its numbers, and that an example is the same
 * whenever and in whatever batch it is asked for. */
#include "tests/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "data/dataset.h"
#include "data/repeated_tokens_generate.h"
#include "tests/temporary.h"

enum { LENGTH = 256, FINITE = 2000 };

struct notes {
    char text[1024];
};

static void keep_note(void *context, enum sbmt_log_level level, const char *message)
{
    struct notes *notes = context;
    ck_assert_int_eq(level, SBMT_LOG_NOTE);
    const size_t used = strlen(notes->text);
    snprintf(notes->text + used, sizeof notes->text - used, "%s\n", message);
}

static struct sbmt_dataset *open_split(struct sbmt_dataset *dataset, enum sbmt_split split,
                                       uint64_t seed, struct notes *notes)
{
    struct sbmt_error err = {0};
    const struct sbmt_task *task = sbmt_task_find("synthetic/repeated-tokens", &err);
    const struct sbmt_log log = {.write = keep_note, .context = notes};
    ck_assert_ptr_nonnull(task);
    /* The root does not exist: it is not looked at. */
    const struct sbmt_data_options options = {
        .root = "/nowhere", .seed = seed, .log = notes != NULL ? &log : NULL};
    ck_assert_msg(sbmt_dataset_open(dataset, task, task->forms[0], split, &options, &err), "%s",
                  err.message);
    return dataset;
}

/* Examples of consecutive indices; the batch borrows from the data set. */
static struct sbmt_batch load(struct sbmt_dataset *dataset, int64_t first, int count)
{
    const struct sbmt_source source = sbmt_dataset_source(dataset);
    struct sbmt_batch batch;
    struct sbmt_error err = {0};
    int64_t indices[64];
    ck_assert_int_le(count, 64);
    for (int i = 0; i < count; i++)
        indices[i] = first + i;
    ck_assert_msg(source.load(source.context, indices, NULL, count, &batch, &err), "%s",
                  err.message);
    ck_assert_int_eq(batch.count, count);
    ck_assert_int_eq(batch.segments, 1);
    ck_assert_int_eq(batch.target, SBMT_TARGET_TOKEN);
    for (int i = 0; i <= count; i++)
        ck_assert_int_eq(batch.offset[i], LENGTH * i);
    return batch;
}

START_TEST(labels_say_what_is_repeated)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        struct sbmt_dataset dataset;
        open_split(&dataset, (enum sbmt_split)split, 3, NULL);
        const struct sbmt_batch batch = load(&dataset, 100, 5);
        for (int e = 0; e < 5; e++) {
            const int32_t *tokens = batch.tokens + LENGTH * e, *label = batch.label + LENGTH * e;
            for (int i = 0; i < LENGTH; i++) {
                bool elsewhere = false;
                for (int j = 0; j < LENGTH; j++)
                    elsewhere = elsewhere || (j != i && tokens[j] == tokens[i]);
                ck_assert_int_eq(label[i], elsewhere);
            }
        }
        sbmt_dataset_close(&dataset);
    }
}
END_TEST

/* Uniform integers by chi-square over 64 sequences, and the share of those that are repeated. */
START_TEST(integers_are_uniform)
{
    struct sbmt_dataset dataset;
    open_split(&dataset, SBMT_SPLIT_TRAIN, 7, NULL);
    const struct sbmt_batch batch = load(&dataset, 0, 64);
    int count[LENGTH] = {0}, repeated = 0;
    for (int i = 0; i < 64 * LENGTH; i++) {
        ck_assert(batch.tokens[i] >= 0 && batch.tokens[i] < LENGTH);
        count[batch.tokens[i]]++;
        repeated += batch.label[i];
    }
    double chi_square = 0;
    for (int v = 0; v < LENGTH; v++)
        chi_square += pow(count[v] - 64.0, 2) / 64.0;
    /* 255 degrees of freedom: mean 255, deviation 22.6. */
    ck_assert_double_eq_tol(chi_square, 255, 80);
    ck_assert_double_eq_tol((double)repeated / (64 * LENGTH), 1 - pow(1 - 1.0 / LENGTH, LENGTH - 1),
                            0.02);
    sbmt_dataset_close(&dataset);
}
END_TEST

START_TEST(an_example_is_the_same_in_any_batch)
{
    struct sbmt_dataset one, other;
    const int64_t far = (int64_t)1 << 40;
    open_split(&one, SBMT_SPLIT_TRAIN, 3, NULL);
    open_split(&other, SBMT_SPLIT_TRAIN, 3, NULL);
    ck_assert_int_eq(sbmt_dataset_source(&one).count, 0);
    ck_assert_int_eq(sbmt_dataset_labels(&one), 0);
    const struct sbmt_batch many = load(&one, far, 9);
    for (int e = 8; e >= 0; e--) {
        const struct sbmt_batch alone = load(&other, far + e, 1);
        ck_assert_mem_eq(many.tokens + LENGTH * e, alone.tokens, LENGTH * sizeof *alone.tokens);
        ck_assert_mem_eq(many.label + LENGTH * e, alone.label, LENGTH * sizeof *alone.label);
        ck_assert_uint_eq(many.id[e], alone.id[0]);
        ck_assert_uint_eq(many.id[e], (uint64_t)(far + e));
    }
    ck_assert_mem_ne(many.tokens, many.tokens + LENGTH, LENGTH * sizeof *many.tokens);
    sbmt_dataset_close(&one);
    sbmt_dataset_close(&other);
}
END_TEST

START_TEST(train_follows_the_seed_and_the_others_do_not)
{
    int32_t tokens[SBMT_SPLIT_COUNT][2][LENGTH];
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        for (int s = 0; s < 2; s++) {
            struct sbmt_dataset dataset;
            open_split(&dataset, (enum sbmt_split)split, (uint64_t)s, NULL);
            memcpy(tokens[split][s], load(&dataset, 0, 1).tokens, sizeof tokens[split][s]);
            sbmt_dataset_close(&dataset);
        }
    const size_t size = sizeof tokens[0][0];
    ck_assert_mem_ne(tokens[SBMT_SPLIT_TRAIN][0], tokens[SBMT_SPLIT_TRAIN][1], size);
    ck_assert_mem_eq(tokens[SBMT_SPLIT_DEV][0], tokens[SBMT_SPLIT_DEV][1], size);
    ck_assert_mem_eq(tokens[SBMT_SPLIT_TEST][0], tokens[SBMT_SPLIT_TEST][1], size);
    ck_assert_mem_ne(tokens[SBMT_SPLIT_DEV][0], tokens[SBMT_SPLIT_TEST][0], size);
    ck_assert_mem_ne(tokens[SBMT_SPLIT_DEV][0], tokens[SBMT_SPLIT_TRAIN][0], size);
    /* Other integers here want another `version` of the task. */
    const int32_t wanted[] = {122, 175, 50, 15, 234, 75};
    ck_assert_mem_eq(tokens[SBMT_SPLIT_DEV][0], wanted, sizeof wanted);
}
END_TEST

START_TEST(a_finite_split_is_counted)
{
    struct sbmt_dataset dataset;
    struct notes notes = {""};
    open_split(&dataset, SBMT_SPLIT_DEV, 1, &notes);
    int64_t histogram[2];
    sbmt_dataset_histogram(&dataset, histogram);
    ck_assert_int_eq(dataset.examples.count, FINITE);
    ck_assert_int_eq(sbmt_dataset_labels(&dataset), FINITE * LENGTH);
    ck_assert_int_eq(histogram[0] + histogram[1], FINITE * LENGTH);
    ck_assert_int_eq(dataset.longest, LENGTH);
    ck_assert_str_eq(dataset.digest, "");
    char wanted[200];
    const double share = 100.0 * (double)histogram[1] / (FINITE * LENGTH);
    snprintf(
        wanted, sizeof wanted,
        "synthetic/repeated-tokens dev: made 2000 examples with 512000 labels: single %.2f %%, "
        "repeated %.2f %%\n",
        100 - share, share);
    ck_assert_str_eq(notes.text, wanted);
    const struct sbmt_source source = sbmt_dataset_source(&dataset);
    const int64_t beyond[] = {FINITE};
    struct sbmt_batch batch;
    struct sbmt_error err = {0};
    ck_assert_int_eq(source.count, FINITE);
    ck_assert(!source.load(source.context, beyond, NULL, 1, &batch, &err));
    ck_assert_str_eq(err.message, "synthetic/repeated-tokens: there is no example 2000 among 2000");
    sbmt_dataset_close(&dataset);
}
END_TEST

/* The lines of a file are the sequences of a data set, as integers from 1 and labels. */
static void expect_lines(const char *path, enum sbmt_split split, uint64_t seed, int count)
{
    struct sbmt_dataset dataset;
    size_t size;
    char *file = temporary_get(path, &size), *save = NULL;
    struct sbmt_str wanted = {0};
    open_split(&dataset, split, seed, NULL);
    ck_assert_str_eq(strtok_r(file, "\n", &save), "Source\tTarget");
    for (int e = 0; e < count; e++) {
        const struct sbmt_batch batch = load(&dataset, e, 1);
        sbmt_str_clear(&wanted);
        for (int i = 0; i < LENGTH; i++)
            sbmt_str_printf(&wanted, "%s%d", i > 0 ? " " : "", batch.tokens[i] + 1);
        for (int i = 0; i < LENGTH; i++)
            sbmt_str_printf(&wanted, "%s%d", i > 0 ? " " : "\t", batch.label[i]);
        ck_assert_str_eq(strtok_r(NULL, "\n", &save), wanted.text);
    }
    ck_assert_ptr_null(strtok_r(NULL, "\n", &save));
    sbmt_dataset_close(&dataset);
    sbmt_str_finish(&wanted);
    free(file);
}

START_TEST(files_hold_what_runs_meet)
{
    struct temporary folder = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_repeated_tokens_options options = {
        .out = folder.folder, .train = 7, .val = 3, .test = 0, .seed = 5};
    ck_assert_msg(sbmt_repeated_tokens_generate(&options, NULL, NULL, &err), "%s", err.message);
    const char *train = temporary_path(&folder, "repeated-tokens/train.tsv");
    expect_lines(train, SBMT_SPLIT_TRAIN, 5, 7);
    expect_lines(temporary_path(&folder, "repeated-tokens/val.tsv"), SBMT_SPLIT_DEV, 5, 3);
    expect_lines(temporary_path(&folder, "repeated-tokens/test.tsv"), SBMT_SPLIT_TEST, 5, 0);
    ck_assert(!sbmt_repeated_tokens_generate(&options, NULL, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "train.tsv: exists; --force replaces it"));
    options.force = true;
    options.seed = 6;
    ck_assert(sbmt_repeated_tokens_generate(&options, NULL, NULL, &err));
    expect_lines(train, SBMT_SPLIT_TRAIN, 6, 7);
    temporary_remove(&folder);
}
END_TEST

static bool stop_at_hundred(void *context, int64_t done, int64_t total)
{
    (void)context;
    ck_assert_int_eq(total, 300);
    return done < 100;
}

START_TEST(stopping_leaves_no_file)
{
    struct temporary folder = temporary_make();
    struct sbmt_error err = {0};
    const struct sbmt_repeated_tokens_options options = {.out = folder.folder, .train = 300};
    const struct sbmt_generation_watch watch = {.report = stop_at_hundred};
    ck_assert(!sbmt_repeated_tokens_generate(&options, &watch, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_INTERRUPTED);
    ck_assert_ptr_nonnull(strstr(err.message, "repeated-tokens: stopped after 100 of 300 "
                                              "sequences; no file was made"));
    ck_assert_int_eq(temporary_count(temporary_path(&folder, "repeated-tokens")), 0);
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("repeated_tokens", labels_say_what_is_repeated, integers_are_uniform,
                an_example_is_the_same_in_any_batch, train_follows_the_seed_and_the_others_do_not,
                a_finite_split_is_counted, files_hold_what_runs_meet, stopping_leaves_no_file)
