/* Rows lost to quotes. */
#include "data/glue/quotes.h"

#include <stdbool.h>

static enum sbmt_quote_state next(enum sbmt_quote_state state, char c)
{
    if (state == SBMT_QUOTE_INSIDE)
        return c == '"' ? SBMT_QUOTE_CLOSED : SBMT_QUOTE_INSIDE;
    if (c == '\t')
        return SBMT_QUOTE_FIELD;
    /* A field that begins with a quote, or a doubled quote within one. */
    const bool opens = c == '"' && state != SBMT_QUOTE_PLAIN;
    return opens ? SBMT_QUOTE_INSIDE : SBMT_QUOTE_PLAIN;
}

void sbmt_quotes_line(struct sbmt_quotes *quotes, const char *line, size_t length)
{
    quotes->joined += quotes->state == SBMT_QUOTE_INSIDE;
    for (size_t i = 0; i < length; i++)
        quotes->state = next(quotes->state, line[i]);
    if (quotes->state != SBMT_QUOTE_INSIDE)
        quotes->state = SBMT_QUOTE_FIELD;
}
