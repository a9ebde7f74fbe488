/* HTML pages that need nothing but themselves: style, light and dark, sortable tables. */
#ifndef SBMT_BENCH_PAGE_H
#define SBMT_BENCH_PAGE_H

#include "core/base/str.h"

/** Appends everything up to the content of a page: head, style, the title as a heading. */
void sbmt_page_begin(const char *title, struct sbmt_str *out);

/** Appends what follows the content: the script that makes tables of the class "sortable" sort by
 * the column whose heading is pressed. Without scripts they stay as they are. */
void sbmt_page_end(struct sbmt_str *out);

/** Appends <tag>text</tag> and a newline. */
void sbmt_page_element(const char *tag, const char *text, struct sbmt_str *out);

#endif
