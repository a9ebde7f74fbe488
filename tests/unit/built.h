/* A prepared file being built in a folder of its own, and read back. */
#ifndef SBMT_TESTS_UNIT_BUILT_H
#define SBMT_TESTS_UNIT_BUILT_H

#include <stdio.h>
#include <string.h>

#include "data/builder.h"
#include "data/prepared.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/** A builder of examples of a task of two classes, and what was written of them. */
struct built {
    struct temporary temporary;
    char path[512];
    struct sbmt_form form;
    struct sbmt_task task;
    struct sbmt_builder builder;
    struct sbmt_error err;
    struct sbmt_dataset dataset;
};

static const struct sbmt_origin built_origin = {.name = "made-up.txt", .size = 7, .mtime = 8};

/** Begins a file under a form; the struct must not move. */
static inline void built_begin(struct built *built, const struct sbmt_form *form, int segments)
{
    *built = (struct built){
        .temporary = temporary_make(),
        .form = *form,
        .task = {.name = "test/built", .doc = "", .classes = 2, .segments = segments},
    };
    built->form.name = "some";
    built->form.version = "built-1";
    snprintf(built->path, sizeof built->path, "%s/some.safetensors", built->temporary.folder);
    ck_assert_msg(
        sbmt_builder_open(&built->builder, &built->task, &built->form, built->path, &built->err),
        "%s", built->err.message);
}

/** Writes the file and opens it; the builder is closed. Returns the examples. */
static inline const struct sbmt_examples *built_read(struct built *built)
{
    ck_assert_msg(sbmt_builder_write(&built->builder, &built_origin, "made-up", &built->err), "%s",
                  built->err.message);
    sbmt_builder_close(&built->builder);
    ck_assert_int_eq(temporary_count(built->temporary.folder), 1);
    built->dataset = (struct sbmt_dataset){.task = &built->task, .form = &built->form};
    ck_assert_msg(sbmt_prepared_open(&built->dataset, built->path, &built->err), "%s",
                  built->err.message);
    return &built->dataset.examples;
}

/** That a sequence has exactly these tokens. */
static inline void built_tokens(const struct built *built, int64_t sequence, const int *tokens,
                                int count)
{
    const struct sbmt_examples *examples = &built->dataset.examples;
    const int64_t *offset = examples->offset + sequence;
    ck_assert_int_eq(offset[1] - offset[0], count);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(examples->tokens8 != NULL ? examples->tokens8[offset[0] + i]
                                                   : examples->tokens16[offset[0] + i],
                         tokens[i]);
}

static inline void built_end(struct built *built)
{
    sbmt_builder_close(&built->builder);
    sbmt_dataset_close(&built->dataset);
    temporary_remove(&built->temporary);
}

#endif
