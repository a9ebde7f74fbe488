/* Lines of a stream. */
#include "data/lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/io/utf8.h"

enum { CHUNK = 1 << 17, FIRST_LINE = 1 << 12 };

static bool is_standard_input(const char *path)
{
    return strcmp(path, SBMT_LINES_STANDARD_INPUT) == 0;
}

const char *sbmt_lines_name(const char *path)
{
    return is_standard_input(path) ? "standard input" : path;
}

bool sbmt_lines_open(struct sbmt_lines *lines, const char *path, struct sbmt_error *err)
{
    struct sbmt_stream stream;
    *lines = (struct sbmt_lines){0};
    const bool opened = is_standard_input(path)
                            ? sbmt_stream_open_descriptor(&stream, STDIN_FILENO,
                                                          sbmt_lines_name(path), err)
                            : sbmt_stream_open(&stream, path, err);
    return opened && sbmt_lines_open_stream(lines, &stream, err);
}

bool sbmt_lines_open_stream(struct sbmt_lines *lines, struct sbmt_stream *stream,
                            struct sbmt_error *err)
{
    *lines = (struct sbmt_lines){.path = stream->place,
                                 .stream = *stream,
                                 .line = malloc(FIRST_LINE),
                                 .capacity = FIRST_LINE,
                                 .chunk = malloc(CHUNK)};
    *stream = (struct sbmt_stream){0};
    if (lines->line != NULL && lines->chunk != NULL)
        return true;
    sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", lines->path);
    sbmt_lines_close(lines);
    return false;
}

/* The next piece of the file; chunk_size is 0 at its end. */
static bool refill(struct sbmt_lines *lines, struct sbmt_error *err)
{
    lines->chunk_used = 0;
    return sbmt_stream_read(&lines->stream, lines->chunk, CHUNK, &lines->chunk_size, err) ||
           sbmt_error_at(err, "%s:%" PRId64, lines->path, lines->number + 1);
}

static bool append(struct sbmt_lines *lines, const char *bytes, size_t count,
                   struct sbmt_error *err)
{
    const size_t need = lines->length + count + 1;
    if (need > SBMT_LINES_LONGEST + 1)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ": a line of more than %d MiB: this is another file than it "
                         "should be",
                         lines->path, lines->number + 1, SBMT_LINES_LONGEST >> 20);
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
    lines->unended = !ended;
    lines->text = lines->line;
    if (lines->number++ == 0 && lines->skips_mark) {
        const size_t mark = sbmt_utf8_mark(lines->text, lines->length);
        lines->text += mark;
        lines->length -= mark;
    }
    return true;
}

void sbmt_lines_close(struct sbmt_lines *lines)
{
    sbmt_stream_close(&lines->stream);
    free(lines->line);
    free(lines->chunk);
    *lines = (struct sbmt_lines){0};
}
