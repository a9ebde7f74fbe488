/* Lists of values in one word of a command line: 512,1024,2048. */
#ifndef SBMT_BENCH_LIST_H
#define SBMT_BENCH_LIST_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/field.h"

struct sbmt_list {
    int count;
    const char **word; /**< as written, in the arena */
};

/** Splits a text at its commas. `name` is the option's, for messages ("--lengths: …"): an empty
 * word is a SBMT_ERROR_CONFIG. */
SBMT_MUST_CHECK bool sbmt_list_split(const char *name, const char *text, struct sbmt_arena *arena,
                                     struct sbmt_list *list, struct sbmt_error *err);

/** Splits a list of kinds of attention, of which "all" stands for all; an unknown one is a
 * SBMT_ERROR_CONFIG with a suggestion. */
SBMT_MUST_CHECK bool sbmt_list_kinds(const char *name, const char *text, struct sbmt_arena *arena,
                                     struct sbmt_list *list, struct sbmt_error *err);

/** A list of numbers within [least, most], ascending and without repeats, integers only where
 * `whole`. NULL with *err on failure; else *count of them, in the arena. */
const double *sbmt_list_numbers(const char *name, const char *text, bool whole, double least,
                                double most, struct sbmt_arena *arena, int *count,
                                struct sbmt_error *err);

#endif
