/* Error values. */
#include "core/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"

/* Messages quote names and words of files: a message is one line, whatever they hold. */
static void format_plain(char *message, size_t size, const char *format, va_list args)
{
    vsnprintf(message, size, format, args);
    sbmt_str_make_plain(message);
}

bool sbmt_fail(struct sbmt_error *err, enum sbmt_error_kind kind, const char *format, ...)
{
    if (err == NULL)
        return false;
    err->kind = kind;
    va_list args;
    va_start(args, format);
    format_plain(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool sbmt_fail_errno(struct sbmt_error *err, const char *format, ...)
{
    const int number = errno;
    if (err == NULL)
        return false;
    err->kind = SBMT_ERROR_IO;
    va_list args;
    va_start(args, format);
    format_plain(err->message, sizeof err->message, format, args);
    va_end(args);
    const size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(number));
    return false;
}

bool sbmt_error_at(struct sbmt_error *err, const char *format, ...)
{
    if (err == NULL)
        return false;
    char place[sizeof err->message];
    va_list args;
    va_start(args, format);
    format_plain(place, sizeof place, format, args);
    va_end(args);
    char message[sizeof err->message];
    memcpy(message, err->message, sizeof message);
    /* What does not fit is cut at the end; the place in front is what must stay. */
    snprintf(err->message, sizeof err->message, "%.400s: %.600s", place, message);
    return false;
}
