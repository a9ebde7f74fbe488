/* Lines of a plain or gzip file, through zlib, which reads both. */
#include "data/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 1 << 17, FIRST_LINE = 1 << 12 };

static bool ends_with_gz(const char *path)
{
    const size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

static bool is_standard_input(const char *path)
{
    return strcmp(path, SBMT_LINES_STANDARD_INPUT) == 0;
}

const char *sbmt_lines_name(const char *path)
{
    return is_standard_input(path) ? "standard input" : path;
}

/* A stream over a copy of standard input's descriptor, which stays open. */
static gzFile open_standard_input(void)
{
    const int descriptor = dup(STDIN_FILENO);
    gzFile stream = descriptor >= 0 ? gzdopen(descriptor, "rb") : NULL;
    if (stream == NULL && descriptor >= 0)
        close(descriptor);
    return stream;
}

bool sbmt_lines_open(struct sbmt_lines *lines, const char *path, struct sbmt_error *err)
{
    *lines = (struct sbmt_lines){.path = sbmt_lines_name(path)};
    errno = 0;
    gzFile stream = is_standard_input(path) ? open_standard_input() : gzopen(path, "rb");
    if (stream == NULL && errno == 0)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", lines->path);
    if (stream == NULL)
        return sbmt_fail_errno(err, "%s: cannot open", lines->path);
    lines->stream = stream;
    gzbuffer(stream, CHUNK);
    lines->capacity = FIRST_LINE;
    lines->line = malloc(FIRST_LINE);
    lines->chunk = malloc(CHUNK);
    const bool memory = lines->line != NULL && lines->chunk != NULL;
    if (memory && !(ends_with_gz(path) && gzdirect(stream)))
        return true;
    sbmt_lines_close(lines);
    if (!memory)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", path);
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s: is named .gz but is not a gzip file", path);
}

/* The error of the stream, if it has one. At the end of the data zlib reports a stream that stops
 * too early as Z_BUF_ERROR. */
static bool check_stream(const struct sbmt_lines *lines, struct sbmt_error *err)
{
    int code;
    const char *text = gzerror(lines->stream, &code);
    const int64_t line = lines->number + 1;
    switch (code) {
    case Z_OK:
    case Z_STREAM_END:
        return true;
    case Z_ERRNO:
        return sbmt_fail_errno(err, "%s: cannot read line %" PRId64, lines->path, line);
    case Z_MEM_ERROR:
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory", lines->path, line);
    case Z_BUF_ERROR:
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": the gzip data ends here: truncated",
                         lines->path, line);
    default:
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": damaged gzip data (%s)",
                         lines->path, line, text);
    }
}

/* The next piece of the file; chunk_size is 0 at its end. */
static bool refill(struct sbmt_lines *lines, struct sbmt_error *err)
{
    errno = 0;
    const int count = gzread(lines->stream, lines->chunk, CHUNK);
    lines->chunk_used = 0;
    lines->chunk_size = count > 0 ? (size_t)count : 0;
    /* Data that came before the damage is handed out first. */
    return count > 0 || check_stream(lines, err);
}

static bool append(struct sbmt_lines *lines, const char *bytes, size_t count,
                   struct sbmt_error *err)
{
    const size_t need = lines->length + count + 1;
    if (need > lines->capacity) {
        const size_t capacity = need + need / 2;
        char *line = realloc(lines->line, capacity);
        if (line == NULL)
            return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for this line",
                             lines->path, lines->number + 1);
        lines->line = line;
        lines->capacity = capacity;
    }
    memcpy(lines->line + lines->length, bytes, count);
    lines->length += count;
    return true;
}

bool sbmt_lines_next(struct sbmt_lines *lines, struct sbmt_error *err)
{
    lines->text = NULL;
    lines->length = 0;
    bool started = false, ended = false;
    while (!ended) {
        if (lines->chunk_used == lines->chunk_size && !refill(lines, err))
            return false;
        if (lines->chunk_size == 0)
            break;
        started = true;
        const char *begin = lines->chunk + lines->chunk_used;
        const size_t left = lines->chunk_size - lines->chunk_used;
        const char *newline = memchr(begin, '\n', left);
        const size_t count = newline != NULL ? (size_t)(newline - begin) : left;
        if (!append(lines, begin, count, err))
            return false;
        ended = newline != NULL;
        lines->chunk_used += count + ended;
    }
    if (!started)
        return true;
    if (ended && lines->length > 0 && lines->line[lines->length - 1] == '\r')
        lines->length--;
    lines->line[lines->length] = '\0';
    lines->text = lines->line;
    lines->number++;
    return true;
}

void sbmt_lines_close(struct sbmt_lines *lines)
{
    if (lines->stream != NULL)
        gzclose_r(lines->stream);
    free(lines->line);
    free(lines->chunk);
    *lines = (struct sbmt_lines){0};
}
