/* What is written to the user: plain text, tables, messages, in colour where it is wanted. */
#ifndef SBMT_CLI_TERMINAL_H
#define SBMT_CLI_TERMINAL_H

#include <stdint.h>
#include <stdio.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/io/json.h"

enum sbmt_colour { SBMT_COLOUR_NONE, SBMT_COLOUR_GREEN, SBMT_COLOUR_YELLOW, SBMT_COLOUR_RED };

/** True if the stream is a terminal that can move its cursor. */
bool sbmt_terminal_is(FILE *stream);

/** Columns of the terminal behind a stream; 80 where it is none. */
int sbmt_terminal_width(FILE *stream);

/** What switches a colour on or (SBMT_COLOUR_NONE) off; "" where the stream is no terminal or
 * NO_COLOR is set (no-color.org). */
const char *sbmt_terminal_colour(FILE *stream, enum sbmt_colour colour);

/** Prints a text to stdout and frees it. */
SBMT_MUST_CHECK bool sbmt_terminal_print(struct sbmt_str *text, struct sbmt_error *err);

/** Prints an object to stdout, on a line of its own, and frees it. */
SBMT_MUST_CHECK bool sbmt_terminal_json(struct sbmt_json *json, struct sbmt_error *err);

/** Prints one error line to stderr: "sbmt: <message>". */
void sbmt_terminal_error(const struct sbmt_error *err);

/** Flushes stdout. False if anything written to it was lost (a full disk, a closed pipe). */
SBMT_MUST_CHECK bool sbmt_terminal_flush(struct sbmt_error *err);

/** Appends a word as a shell takes it: in quotes where it needs them. */
void sbmt_terminal_word(const char *word, struct sbmt_str *out);

/** What a word of a count ends in: "s", or "" where it is 1. */
const char *sbmt_terminal_plural(int64_t count);

/** Appends "2:03" or "1:02:03". */
void sbmt_terminal_time(double seconds, struct sbmt_str *out);

/** Appends a table of one row: names over values, columns aligned, numbers to the right. `cells`
 * holds name and value of each of `count` columns. */
void sbmt_terminal_row(const char *const (*cells)[2], int count, struct sbmt_str *out);

/** Messages of the engine as lines on stderr. */
struct sbmt_log sbmt_terminal_log(void);

#endif
