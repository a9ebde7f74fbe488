/* Where the values of a configuration come from: a file, what it extends, and overrides. */
#ifndef SBMT_BENCH_CONFIG_ORIGIN_H
#define SBMT_BENCH_CONFIG_ORIGIN_H

#include "bench/config_load.h"
#include "core/base/str.h"

/** All borrowed. */
struct sbmt_config_origin {
    const char *path;                  /**< of the file that was named */
    const struct sbmt_yaml_node *root; /**< what it and the files it extends say */
    const char *const *overrides;      /**< "key=value" */
    const char *const *places;         /**< of the overrides; NULL: the command line */
    int count;                         /**< of the overrides */
};

/** The last override that sets an option; −1: none does. */
int sbmt_config_origin_override(const struct sbmt_config_origin *origin, const char *key);

/** Appends the place of an option: the last override that set it, else its line in its file, else
 * the file. */
void sbmt_config_origin_place(const struct sbmt_config_origin *origin, const char *key,
                              struct sbmt_str *place);

/** Puts such a place in front of a message about the option; one that names it already stands for
 * the key that the message begins with. NULL: the place is not known. Returns false. */
bool sbmt_config_place_fail(const char *place, const char *key, struct sbmt_error *err);

/** Both. Returns false. */
bool sbmt_config_origin_fail(const struct sbmt_config_origin *origin, const char *key,
                             struct sbmt_error *err);

/** What an option is set to, as text; NULL where nobody sets it. */
const char *sbmt_config_origin_word(const struct sbmt_config_origin *origin, const char *key);

/** The index of the word that a choice is set to; `index` where nobody sets it, or to no word. */
int sbmt_config_origin_choice(const struct sbmt_config_origin *origin, const char *key,
                              const char *const *words, int index);

#endif
