/* Figures under their names. */
#include "cli/verify_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "bench/config_write.h"
#include "cli/terminal.h"

void sbmt_verify_wrap(const char *text, int column, struct sbmt_str *out)
{
    sbmt_config_wrap(text, column, column, sbmt_terminal_width(stdout), out);
}

void sbmt_verify_line(struct sbmt_str *out, const char *name, const char *format, ...)
{
    enum { INDENT = 21 };
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    sbmt_str_printf(out, "         %-12s", name);
    sbmt_verify_wrap(line, INDENT, out);
}

void sbmt_verify_repeated(int64_t repeated, int64_t contradicted, struct sbmt_str *out)
{
    sbmt_verify_line(out, "repeated",
                     "%" PRId64 " example%s, %" PRId64 " of them with another label", repeated,
                     sbmt_terminal_plural(repeated), contradicted);
}
