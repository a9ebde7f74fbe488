/* Configurations as text: the effective values, differences, and the reference of all options. */
#ifndef SBMT_BENCH_CONFIG_WRITE_H
#define SBMT_BENCH_CONFIG_WRITE_H

#include "core/base/field.h"
#include "core/base/str.h"
#include "data/digest.h"

/** Appends every value as YAML, sections indented by two blanks, in the order of the tables. The
 * same configuration gives the same text, and reading the text gives the same configuration. */
void sbmt_config_write(const struct sbmt_field *fields, const void *config, struct sbmt_str *out);

/** SHA-256 in hex of what sbmt_config_write writes: configurations with the same fingerprint are
 * the same. False without memory. */
SBMT_MUST_CHECK bool sbmt_config_fingerprint(const struct sbmt_field *fields, const void *config,
                                             char hex[SBMT_SHA256_HEX], struct sbmt_error *err);

/** Appends the first option in which two configurations differ, as "train.steps: 5000, not 200".
 * False if there is none. */
bool sbmt_config_difference(const struct sbmt_field *fields, const void *a, const void *b,
                            struct sbmt_str *out);

/** Appends the reference of all options as Markdown: a table for each section and each kind. */
void sbmt_config_markdown(const struct sbmt_field *fields, struct sbmt_str *out);

/** Appends the reference of all options as plain text for a terminal, `width` columns wide. */
void sbmt_config_help(const struct sbmt_field *fields, int width, struct sbmt_str *out);

/** Appends a text that begins with a small letter as a sentence: "a text" becomes "A text.". */
void sbmt_config_sentence(const char *text, struct sbmt_str *out);

/** Appends words, broken into lines of at most `width` columns; the first line begins at column
 * `column`, the others are indented by `indent`. Ends with a newline. */
void sbmt_config_wrap(const char *text, int column, int indent, int width, struct sbmt_str *out);

#endif
