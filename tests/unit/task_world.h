/* A data root with made-up sources, for the tests of tasks that read files. */
#ifndef SBMT_TESTS_UNIT_TASK_WORLD_H
#define SBMT_TESTS_UNIT_TASK_WORLD_H

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/io/file.h"
#include "data/dataset.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/** The root, and what opening a split came to. */
struct task_world {
    struct temporary temporary;
    const struct sbmt_task *task;
    struct sbmt_emulation emulate;
    uint64_t seed;
    const struct sbmt_tokenizer_config *tokenizer; /**< of tasks of texts */
    struct sbmt_text_names files;
    bool thorough;    /**< as data options have it */
    char notes[4096]; /**< what was logged by the last opening, a line each; without the root */
    /** Done when a source begins to be read; may be NULL. */
    void (*meanwhile)(struct task_world *world);
    struct sbmt_error err;
    struct sbmt_dataset dataset;
};

/** A message without the data root, which it must begin with. */
static inline const char *task_world_below(const struct task_world *world, const char *message)
{
    const size_t length = strlen(world->temporary.folder);
    ck_assert_msg(strncmp(message, world->temporary.folder, length) == 0 && message[length] == '/',
                  "names no file: %s", message);
    return message + length + 1;
}

static inline void task_world_note(void *context, enum sbmt_log_level level, const char *message)
{
    struct task_world *world = context;
    const size_t used = strlen(world->notes);
    const char *below = task_world_below(world, message);
    snprintf(world->notes + used, sizeof world->notes - used, "%s%s\n",
             level == SBMT_LOG_WARNING ? "warning: " : "", below);
    if (world->meanwhile != NULL && strstr(below, ": preparing") != NULL)
        world->meanwhile(world);
}

static inline void task_world_make(struct task_world *world, const char *task)
{
    *world = (struct task_world){.temporary = temporary_make(), .task = sbmt_task_find(task, NULL)};
    ck_assert_ptr_nonnull(world->task);
}

static inline void task_world_remove(struct task_world *world)
{
    sbmt_dataset_close(&world->dataset);
    temporary_remove(&world->temporary);
}

/** Makes a folder below the root. */
static inline void task_world_folder(struct task_world *world, const char *name)
{
    ck_assert(sbmt_folder_make(temporary_path(&world->temporary, name), NULL));
}

/** Writes a file below the root, in a folder that exists. */
static inline void task_world_put(struct task_world *world, const char *name, const char *text)
{
    temporary_text(temporary_path(&world->temporary, name), text);
}

/** Lets a file or folder have been changed long ago, so that the next change is seen whatever the
 * clock of the file system. */
static inline void task_world_age(struct task_world *world, const char *name)
{
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    ck_assert_int_eq(utimensat(AT_FDCWD, temporary_path(&world->temporary, name), times, 0), 0);
}

/** Runs a command of the shell in the root. */
static inline void task_world_run(struct task_world *world, const char *command)
{
    char whole[600];
    snprintf(whole, sizeof whole, "cd '%s' && %s", world->temporary.folder, command);
    ck_assert_int_eq(system(whole), 0);
}

static inline bool task_world_try(struct task_world *world, enum sbmt_protocol protocol,
                                  enum sbmt_split split)
{
    const struct sbmt_log log = {.write = task_world_note, .context = world};
    const struct sbmt_data_options options = {.root = world->temporary.folder,
                                              .thorough = world->thorough,
                                              .seed = world->seed,
                                              .emulate = world->emulate,
                                              .tokenizer = world->tokenizer,
                                              .files = &world->files,
                                              .log = &log};
    sbmt_dataset_close(&world->dataset);
    world->notes[0] = '\0';
    world->err = (struct sbmt_error){0};
    return sbmt_dataset_open(&world->dataset, world->task, world->task->forms[protocol], split,
                             &options, &world->err);
}

/** Opens a split, in place of the one that was open; returns its examples. */
static inline const struct sbmt_examples *
task_world_open(struct task_world *world, enum sbmt_protocol protocol, enum sbmt_split split)
{
    ck_assert_msg(task_world_try(world, protocol, split), "%s", world->err.message);
    return &world->dataset.examples;
}

/** That a split cannot be opened, for a reason (without the root), and leaves nothing behind. */
static inline void task_world_refuses(struct task_world *world, enum sbmt_protocol protocol,
                                      enum sbmt_split split, const char *wanted)
{
    ck_assert_msg(!task_world_try(world, protocol, split), "accepted; wanted: %s", wanted);
    ck_assert_str_eq(task_world_below(world, world->err.message), wanted);
    ck_assert_int_eq(world->err.kind, SBMT_ERROR_DATA);
    const char *prepared = temporary_path(&world->temporary, "prepared");
    ck_assert(!sbmt_file_exists(prepared) || temporary_count(prepared) == 0);
}

/** A token of the open split, however it is stored. */
static inline int task_world_token(const struct task_world *world, int64_t i)
{
    const struct sbmt_examples *examples = &world->dataset.examples;
    return examples->tokens8 != NULL ? examples->tokens8[i] : examples->tokens16[i];
}

/** That a sequence of the open split has exactly these tokens. */
static inline void task_world_tokens(const struct task_world *world, int64_t sequence,
                                     const int *tokens, int count)
{
    const int64_t *offset = world->dataset.examples.offset + sequence;
    ck_assert_int_eq(offset[1] - offset[0], count);
    for (int i = 0; i < count; i++)
        ck_assert_msg(task_world_token(world, offset[0] + i) == tokens[i],
                      "sequence %" PRId64 ", token %d: %d, not %d", sequence, i,
                      task_world_token(world, offset[0] + i), tokens[i]);
}

/** What the token ids of the open split stand for. */
static inline const char *task_world_words(const struct task_world *world)
{
    return sbmt_safetensors_metadata(&world->dataset.file, "words");
}

/** That a split is prepared as the same bytes in two roots, whatever they were read from. */
static inline void task_world_same(struct task_world *a, struct task_world *b,
                                   enum sbmt_protocol protocol, enum sbmt_split split)
{
    task_world_open(a, protocol, split);
    task_world_open(b, protocol, split);
    const struct sbmt_safetensors *left = &a->dataset.file, *right = &b->dataset.file;
    ck_assert_int_eq(left->count, right->count);
    for (int i = 0; i < left->count; i++) {
        const struct sbmt_stored *tensor = &left->tensors[i], *other = &right->tensors[i];
        ck_assert_str_eq(tensor->name, other->name);
        ck_assert_int_eq(tensor->dtype, other->dtype);
        ck_assert_uint_eq(tensor->count, other->count);
        ck_assert_mem_eq(tensor->bytes, other->bytes,
                         sbmt_dtype_size(tensor->dtype) * tensor->count);
    }
    ck_assert_str_eq(a->dataset.digest, b->dataset.digest);
    ck_assert_str_eq(task_world_words(a), task_world_words(b));
}

#endif
