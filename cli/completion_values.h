/* What the values of options and keys can be, for completion. */
#ifndef SBMT_CLI_COMPLETION_VALUES_H
#define SBMT_CLI_COMPLETION_VALUES_H

#include "cli/command.h"

/** The word being completed, and where its candidates go. */
struct sbmt_search {
    const char *word;
    struct sbmt_str *out;
};

/** Adds before + word + after if it begins as the word being completed does. */
void sbmt_search_add(const struct sbmt_search *search, const char *before, const char *word,
                     const char *after, const char *meaning);

/** Adds all names of files or of folders alone, behind `before`. */
void sbmt_search_add_names(const struct sbmt_search *search, const char *before, bool folders);

/** Adds the tasks that have files, and the groups of them. */
void sbmt_search_add_choices(const struct sbmt_search *search);

/** Adds the keys that `takes` is true of (NULL: all), each once, with '=' behind, or the values of
 * the one that the word names. */
void sbmt_search_add_keys(const struct sbmt_search *search,
                          bool (*takes)(const char *key, const struct sbmt_field *field));

/** Adds the values of a command's option, behind `before`: "--option=" or "". */
void sbmt_search_add_option(const struct sbmt_search *search, const char *before,
                            const struct sbmt_field *field);

#endif
