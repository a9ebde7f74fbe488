/* Messages to a receiver. */
#include "core/base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "core/base/str.h"

void sbmt_log_write(const struct sbmt_log *log, enum sbmt_log_level level, const char *format, ...)
{
    if (log == NULL || log->write == NULL)
        return;
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    sbmt_str_make_plain(message);
    log->write(log->context, level, message);
}
