/* Text as other formats take it. */
#ifndef SBMT_BENCH_ESCAPE_H
#define SBMT_BENCH_ESCAPE_H

#include "core/base/str.h"

/** Appends a text for HTML and SVG: & < > " ' as entities, control characters but newlines
 * and tabs as blanks. */
void sbmt_escape_html(const char *text, struct sbmt_str *out);

/** Appends a text for LaTeX with UTF-8 input and T1 fonts: the ten special characters as commands,
 * < > |, Greek letters and mathematical signs as mathematics, and of characters that it would stop
 * at the number, as [U+4E2D]. */
void sbmt_escape_latex(const char *text, struct sbmt_str *out);

/** Appends a text for a cell of a Markdown table: what Markdown reads as marks with a backslash,
 * newlines as blanks. */
void sbmt_escape_markdown(const char *text, struct sbmt_str *out);

/** Appends a field of CSV (RFC 4180): in quotes where it must be. */
void sbmt_escape_csv(const char *text, struct sbmt_str *out);

#endif
