/* What is written to the user. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool sbmt_terminal_is(FILE *stream)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(stream)) == 1 && (kind == NULL || strcmp(kind, "dumb") != 0);
}

int sbmt_terminal_width(FILE *stream)
{
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

const char *sbmt_terminal_colour(FILE *stream, enum sbmt_colour colour)
{
    static const char *const codes[] = {"\x1b[0m", "\x1b[32m", "\x1b[33m", "\x1b[31m"};
    const char *no_colour = getenv("NO_COLOR");
    if ((no_colour != NULL && no_colour[0] != '\0') || !sbmt_terminal_is(stream))
        return "";
    return codes[colour];
}

bool sbmt_terminal_print(struct sbmt_str *text, struct sbmt_error *err)
{
    const bool failed = text->failed;
    if (!failed && text->length > 0) {
        fwrite(text->text, 1, text->length, stdout);
        fflush(stdout); /* measurements take their time: a pipe, too, has each row as it comes */
    }
    sbmt_str_finish(text);
    return !failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "output: out of memory");
}

bool sbmt_terminal_json(struct sbmt_json *json, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_json_line(json, &text);
    return sbmt_terminal_print(&text, err);
}

void sbmt_terminal_error(const struct sbmt_error *err)
{
    fprintf(stderr, "%ssbmt:%s %s\n", sbmt_terminal_colour(stderr, SBMT_COLOUR_RED),
            sbmt_terminal_colour(stderr, SBMT_COLOUR_NONE), err->message);
}

bool sbmt_terminal_flush(struct sbmt_error *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    return sbmt_fail_errno(err, "standard output: cannot write");
}

void sbmt_terminal_word(const char *word, struct sbmt_str *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./,:+=@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        sbmt_str_printf(out, "%s", word);
        return;
    }
    sbmt_str_printf(out, "'");
    for (; *word != '\0'; word++)
        sbmt_str_printf(out, *word == '\'' ? "'\\''" : "%c", *word);
    sbmt_str_printf(out, "'");
}

const char *sbmt_terminal_plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

void sbmt_terminal_time(double seconds, struct sbmt_str *out)
{
    const long long whole = (long long)(seconds + 0.5);
    if (whole >= 3600)
        sbmt_str_printf(out, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        sbmt_str_printf(out, "%lld:%02lld", whole / 60, whole % 60);
}

static bool is_number(const char *text)
{
    return text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
}

static void row_line(const char *const (*cells)[2], int count, int which, struct sbmt_str *out)
{
    for (int i = 0; i < count; i++) {
        const int name = (int)strlen(cells[i][0]), value = (int)strlen(cells[i][1]);
        const int width = name > value ? name : value;
        const char *gap = i > 0 ? "  " : "";
        if (is_number(cells[i][1]))
            sbmt_str_printf(out, "%s%*s", gap, width, cells[i][which]);
        else
            sbmt_str_printf(out, "%s%-*s", gap, i + 1 < count ? width : 0, cells[i][which]);
    }
    sbmt_str_printf(out, "\n");
}

void sbmt_terminal_row(const char *const (*cells)[2], int count, struct sbmt_str *out)
{
    row_line(cells, count, 0, out);
    row_line(cells, count, 1, out);
}

static void write_message(void *context, enum sbmt_log_level level, const char *message)
{
    (void)context;
    const bool warning = level == SBMT_LOG_WARNING;
    /* The first part clears a progress bar, should one stand there. */
    fprintf(stderr, "%s%ssbmt: %s%s%s\n", sbmt_terminal_is(stderr) ? "\r\x1b[K" : "",
            warning ? sbmt_terminal_colour(stderr, SBMT_COLOUR_YELLOW) : "",
            warning ? "warning: " : "", message,
            warning ? sbmt_terminal_colour(stderr, SBMT_COLOUR_NONE) : "");
}

struct sbmt_log sbmt_terminal_log(void)
{
    return (struct sbmt_log){.write = write_message};
}
