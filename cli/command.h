/* Commands of the program: each is one file with a `const struct sbmt_command` at its foot and a
 * line in list.h. */
#ifndef SBMT_CLI_COMMAND_H
#define SBMT_CLI_COMMAND_H

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/field.h"
#include "core/base/str.h"

/** One call of a command. */
struct sbmt_call {
    const struct sbmt_command *command;
    const void *options;          /**< the command's struct of options */
    int count;                    /**< arguments that are no options */
    const char *const *arguments; /**< in their order */
    struct sbmt_arena *arena;     /**< lives until the program ends */
};

struct sbmt_command {
    const char *group;     /**< heading it stands under in the list of commands */
    const char *name;      /**< one or more words: "train", "data list" */
    const char *arguments; /**< as usage shows them: "CONFIG [KEY=VALUE ...]"; "" for none */
    const char *doc;       /**< one line, without a full stop */
    int most_arguments;    /**< −1: any number */
    /** A KEY=VALUE may have this key of a configuration; NULL: any. */
    bool (*takes_key)(const char *key, const struct sbmt_field *field);
    const struct sbmt_field *options; /**< its options; key some_thing is --some-thing */
    size_t options_size;
    /** Prints results to stdout and messages to stderr. */
    bool (*run)(const struct sbmt_call *call, struct sbmt_error *err);
    const char *remarks; /**< paragraphs, a line each, behind its options; may be NULL */
    /** Appends more to its help, for `width` columns; may be NULL. */
    void (*more_help)(int width, struct sbmt_str *out);
};

/** Command by its place in list.h; NULL past the end. */
const struct sbmt_command *sbmt_command_at(int index);

/** Finds the command whose words the arguments begin with and sets *words to their number. NULL
 * with SBMT_ERROR_USAGE and a suggestion. */
const struct sbmt_command *sbmt_command_find(int count, const char *const *arguments, int *words,
                                             struct sbmt_error *err);

/** Appends the list of all commands by groups, with the usage above it. */
void sbmt_command_list(int width, struct sbmt_str *out);

/** Appends the list of the commands that begin with these words ("data"), with the usage above it.
 * False, and nothing, where there are none or the words are a command by themselves. */
bool sbmt_command_list_below(int count, const char *const *words, int width, struct sbmt_str *out);

/** The next paragraph of *remarks, which moves on, in `room`; NULL past the last one. */
const char *sbmt_command_remark(const char **remarks, struct sbmt_str *room);

/** Appends usage, description and options of a command. */
void sbmt_command_help(const struct sbmt_command *command, int width, struct sbmt_str *out);

#endif
