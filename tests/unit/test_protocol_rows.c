/* Tests of what protocols set: every row applies, to a task that exists, and a file overrides it.
 */
#include <stdio.h>
#include <string.h>

#include "bench/experiment_config.h"
#include "bench/protocol_rows.h"
#include "data/task.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static void load(struct temporary *folder, const char *text, struct sbmt_experiment_config *config,
                 struct sbmt_arena *arena)
{
    struct sbmt_error err = {0};
    const char *path = temporary_path(folder, "config.yaml");
    temporary_text(path, text);
    ck_assert_msg(sbmt_experiment_config_load(config, path, NULL, 0, arena, &err), "%s: %s", text,
                  err.message);
}

START_TEST(every_row_applies)
{
    struct temporary folder = temporary_make();
    for (int i = 0; sbmt_protocol_row_at(i) != NULL; i++) {
        const struct sbmt_protocol_row *row = sbmt_protocol_row_at(i);
        const struct sbmt_task *task = sbmt_task_find(row->task, NULL);
        struct sbmt_experiment_config config;
        struct sbmt_arena arena = {0};
        char text[200];
        ck_assert_msg(task != NULL && task->forms[row->protocol] != NULL, "%s", row->task);
        ck_assert_ptr_eq(sbmt_protocol_row_find(row->task, (int)row->protocol), row);
        snprintf(text, sizeof text, "task: %s\nprotocol: %s\ntokenizer: {folder: v}\n", row->task,
                 sbmt_protocol_words[row->protocol]);
        load(&folder, text, &config, &arena);
        ck_assert_int_eq(config.protocol, row->protocol);
        sbmt_arena_finish(&arena);
    }
    temporary_remove(&folder);
}
END_TEST

/* The published figures: batch, steps, learning rate, length of the padded sequences. */
START_TEST(published_settings)
{
    static const struct {
        const char *text;
        int batch, steps, warmup, padded, layers;
        double lr;
    } cases[] = {
        {"task: lra/listops\n", 128, 5000, 1000, 2048, 2, 5e-4},
        {"task: lra/text\n", 128, 20000, 8000, 3072, 2, 5e-4},
        {"task: lra/retrieval\n", 32, 30000, 800, 4096, 2, 1e-4},
        {"task: lra/image\n", 1024, 35000, 175, 1024, 2, 5e-4},
        {"task: lra/text\nprotocol: nystromformer\n", 32, 20000, 8000, 4096, 2, 1e-4},
        {"task: lra/text\nprotocol: google\n", 32, 20000, 8000, 0, 4, 0.05},
        {"task: lra/image\nprotocol: google\n", 256, 35000, 175, 0, 1, 5e-4},
        {"task: lra/listops\nprotocol: s4\n", 32, 120000, 12000, 0, 6, 0.01},
        {"task: lra/image\nprotocol: s4\n", 50, 180000, 18000, 0, 6, 0.01},
        {"task: lra/pathx\nprotocol: s4\n", 16, 500000, 50000, 0, 6, 0.002},
    };
    struct temporary folder = temporary_make();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_experiment_config config;
        struct sbmt_arena arena = {0};
        load(&folder, cases[i].text, &config, &arena);
        ck_assert_int_eq(config.train.batch_size, cases[i].batch);
        ck_assert_int_eq(config.train.steps, cases[i].steps);
        ck_assert_int_eq(config.train.warmup_steps, cases[i].warmup);
        ck_assert_int_eq(config.model.padded_length, cases[i].padded);
        ck_assert_int_eq(config.model.layers, cases[i].layers);
        ck_assert_double_eq(config.train.lr, cases[i].lr);
        sbmt_arena_finish(&arena);
    }
    temporary_remove(&folder);
}
END_TEST

/* Its optimiser is torch's with torch's own epsilon, and its embeddings of tokens are torch's. */
START_TEST(settings_of_s4_that_are_defaults_of_torch)
{
    struct temporary folder = temporary_make();
    struct sbmt_experiment_config config;
    struct sbmt_arena arena = {0};
    load(&folder, "task: lra/text\nprotocol: s4\n", &config, &arena);
    ck_assert_double_eq(config.train.eps, 1e-8);
    ck_assert_double_eq(config.train.weight_decay, 0.05);
    ck_assert_double_eq(config.model.embedding_std, 1);
    sbmt_arena_finish(&arena);
    temporary_remove(&folder);
}
END_TEST

/* What a run keeps has all options of its time: what came later was not set by its protocol. */
START_TEST(stored_configurations_lack_what_came_later)
{
    struct temporary folder = temporary_make();
    struct sbmt_experiment_config config;
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    load(&folder, "task: lra/text\nprotocol: google\nmodel: {layers: 2}\n", &config, &arena);
    ck_assert_int_eq(config.model.position_embedding, SBMT_POSITION_SINUSOIDAL);
    ck_assert_double_eq(config.model.embedding_std, 1);
    const char *path = temporary_path(&folder, "config.yaml");
    ck_assert(sbmt_experiment_config_stored(&config, path, NULL, 0, &arena, &err));
    ck_assert_int_eq(config.model.position_embedding, SBMT_POSITION_LEARNED);
    ck_assert_double_eq(config.model.embedding_std, 0.02);
    ck_assert_int_eq(config.model.layers, 2);
    sbmt_arena_finish(&arena);
    temporary_remove(&folder);
}
END_TEST

START_TEST(a_file_and_the_command_line_come_after)
{
    struct temporary folder = temporary_make();
    struct sbmt_experiment_config config;
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    load(&folder, "task: lra/text\ntrain: {steps: 9000}\n", &config, &arena);
    ck_assert_int_eq(config.train.steps, 9000);
    ck_assert_int_eq(config.train.batch_size, 128);
    static const char *const changes[] = {"protocol=google", "train.batch_size=4"};
    const char *path = temporary_path(&folder, "config.yaml");
    ck_assert(sbmt_experiment_config_load(&config, path, changes, 2, &arena, &err));
    ck_assert_int_eq(config.train.steps, 9000);
    ck_assert_int_eq(config.train.batch_size, 4);
    ck_assert_int_eq(config.model.layers, 4);
    /* A protocol that the task has not. */
    temporary_text(path, "task: lra/pathx\nprotocol: sbm-paper\n");
    ck_assert(!sbmt_experiment_config_load(&config, path, NULL, 0, &arena, &err));
    ck_assert_ptr_nonnull(
        strstr(err.message,
               "config.yaml:2:11: lra/pathx has no protocol 'sbm-paper'; it has: google, s4"));
    sbmt_arena_finish(&arena);
    temporary_remove(&folder);
}
END_TEST

/* Who comes last says whether a run is so many steps or so many epochs. */
START_TEST(the_last_to_say_how_long_is_believed)
{
    static const struct {
        const char *base, *text, *change;
        int steps, warmup;
        double epochs, ratio;
    } cases[] = {
        {"", "task: lra/text\n", NULL, 20000, 8000, 0, 0},
        {"", "task: lra/text\ntrain: {epochs: 3}\n", NULL, 0, 8000, 3, 0},
        {"", "task: lra/text\ntrain: {epochs: 3, warmup_ratio: 0.1}\n", NULL, 0, 0, 3, 0.1},
        {"", "task: lra/text\ntrain: {epochs: 3, steps: 0}\n", NULL, 0, 8000, 3, 0},
        {"", "task: lra/text\ntrain: {epochs: 3}\n", "train.steps=9000", 9000, 8000, 0, 0},
        {"", "task: lra/text\n", "train.epochs=2", 0, 8000, 2, 0},
        {"train: {epochs: 3}\n", "extends: base.yaml\ntask: lra/text\ntrain: {steps: 9000}\n", NULL,
         9000, 8000, 0, 0},
        {"train: {steps: 9000}\n", "extends: base.yaml\ntask: lra/text\ntrain: {epochs: 3}\n", NULL,
         0, 8000, 3, 0},
        {"train: {epochs: 3}\n", "extends: base.yaml\ntask: lra/text\n", NULL, 0, 8000, 3, 0},
    };
    struct temporary folder = temporary_make();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sbmt_experiment_config config;
        struct sbmt_arena arena = {0};
        struct sbmt_error err = {0};
        temporary_text(temporary_path(&folder, "base.yaml"), cases[i].base);
        const char *path = temporary_path(&folder, "config.yaml");
        temporary_text(path, cases[i].text);
        const bool loaded = sbmt_experiment_config_load(&config, path, &cases[i].change,
                                                        cases[i].change != NULL, &arena, &err);
        ck_assert_msg(loaded, "%s", err.message);
        ck_assert_int_eq(config.train.steps, cases[i].steps);
        ck_assert_int_eq(config.train.warmup_steps, cases[i].warmup);
        ck_assert_double_eq(config.train.epochs, cases[i].epochs);
        ck_assert_double_eq(config.train.warmup_ratio, cases[i].ratio);
        sbmt_arena_finish(&arena);
    }
    temporary_remove(&folder);
}
END_TEST

START_TEST(two_lengths_in_one_place_are_a_mistake)
{
    struct temporary folder = temporary_make();
    struct sbmt_experiment_config config;
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    const char *path = temporary_path(&folder, "config.yaml");
    temporary_text(path, "task: lra/text\ntrain: {steps: 9000, epochs: 3}\n");
    ck_assert(!sbmt_experiment_config_load(&config, path, NULL, 0, &arena, &err));
    ck_assert_ptr_nonnull(strstr(err.message,
                                 "config.yaml:2:30: train.epochs: 3, but train.steps is "
                                 "9000; set one of the two, or the other to 0"));
    sbmt_arena_finish(&arena);
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("protocol_rows", every_row_applies, published_settings,
                settings_of_s4_that_are_defaults_of_torch,
                stored_configurations_lack_what_came_later, a_file_and_the_command_line_come_after,
                the_last_to_say_how_long_is_believed, two_lengths_in_one_place_are_a_mistake)
