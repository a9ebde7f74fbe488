/* A growing string, and the nearest word for a mistyped one. */
#ifndef SBMT_CORE_BASE_STR_H
#define SBMT_CORE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/** A growing string; all zero is a valid empty one (`text` is then NULL). Memory failure is sticky:
 *  append what there is to append, then look at `failed` once. */
struct sbmt_str {
    char *text; /**< NUL-terminated */
    size_t length, capacity;
    bool failed;
};

/** Frees the text. Accepts a zeroed string. */
void sbmt_str_finish(struct sbmt_str *str);

/** Empties the string, keeping its memory. */
void sbmt_str_clear(struct sbmt_str *str);

__attribute__((format(printf, 2, 3))) void sbmt_str_printf(struct sbmt_str *str, const char *format,
                                                           ...);
void sbmt_str_append(struct sbmt_str *str, const char *bytes, size_t count);

/** True if bytes hold no control characters, so that they can stand in a line. */
bool sbmt_str_is_plain(const char *bytes, size_t count);

/** Puts a question mark in the place of every control character: the text stays a line, and steers
 * no terminal. */
void sbmt_str_make_plain(char *text);

/** The edit distance of two words (insertions, deletions, replacements and swaps of neighbours).
 * With a word of more than 63 bytes it is not computed: the length of the longer one. */
int sbmt_str_distance(const char *a, const char *b);

/** Keeps the nearest of several words: call it with each candidate. `best` and `best_distance`
 * start as NULL and anything. A candidate further away than a third of the longer word is no
 * suggestion. */
void sbmt_str_nearest(const char *word, const char *candidate, const char **best,
                      int *best_distance);

#endif
