/* What becomes of a table with tabs where quotes are honoured: a reader to which a field may begin
 * with a quote and hold newlines up to the next joins lines, and so loses rows. Nothing here reads
 * tables so; this counts what others lose. */
#ifndef SBMT_DATA_GLUE_QUOTES_H
#define SBMT_DATA_GLUE_QUOTES_H

#include <stddef.h>
#include <stdint.h>

enum sbmt_quote_state {
    SBMT_QUOTE_FIELD,  /**< a field begins */
    SBMT_QUOTE_PLAIN,  /**< in a field without quotes */
    SBMT_QUOTE_INSIDE, /**< in a quoted field */
    SBMT_QUOTE_CLOSED, /**< behind a quote in a quoted field */
};

/** A file going by. All zero is its beginning. */
struct sbmt_quotes {
    enum sbmt_quote_state state;
    int64_t joined; /**< lines that began inside quotes, and so belong to the row before */
};

/** Takes the next line, without its end, as Python's csv module reads it with tabs between fields
 * (RFC 4180, with text allowed behind a closing quote). */
void sbmt_quotes_line(struct sbmt_quotes *quotes, const char *line, size_t length);

#endif
