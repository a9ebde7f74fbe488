/* Options of commands, parsed and described by the same tables as configurations. */
#ifndef SBMT_CLI_OPTIONS_H
#define SBMT_CLI_OPTIONS_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/field.h"
#include "core/base/str.h"

enum { SBMT_OPTION_NAME = 64 };

/** "--some-thing", the option of the key some_thing. */
void sbmt_option_name(const struct sbmt_field *field, char name[SBMT_OPTION_NAME]);

/** Appends what stands for an option's value in help: "N", "X", "FILE", "DIR", "LIST", "TEXT", or
 * the words of a choice as "a|b". Nothing for a bool, which takes none. */
void sbmt_option_argument(const struct sbmt_field *field, struct sbmt_str *out);

/** Appends what an option does, and its default where that says something. */
void sbmt_option_meaning(const struct sbmt_field *field, struct sbmt_str *out);

/** What stood on a command line beside options. */
struct sbmt_arguments {
    const char **argument; /**< in the arena */
    int count;
    bool help; /**< --help was given: nothing else counts */
};

/** Parses options into a struct that holds the defaults. The option of the key some_thing is
 * --some-thing; its value follows as the next word or after '='; a bool takes none. Everything else
 * is an argument, and everything after `--`. Fails with SBMT_ERROR_USAGE or SBMT_ERROR_CONFIG.
 * `command` is its name, for messages. */
SBMT_MUST_CHECK bool sbmt_options_parse(const struct sbmt_field *fields, void *options,
                                        const char *command, int count, const char *const *words,
                                        struct sbmt_arguments *arguments, struct sbmt_arena *arena,
                                        struct sbmt_error *err);

/** Appends a row for each option, and for --help. */
void sbmt_options_help(const struct sbmt_field *fields, int width, struct sbmt_str *out);

#endif
