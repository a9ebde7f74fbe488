/* Lines of a text file, plain or compressed, on disk or in an archive. */
#ifndef SBMT_DATA_LINES_H
#define SBMT_DATA_LINES_H

#include "data/stream.h"

/** The name under which standard input is opened. */
#define SBMT_LINES_STANDARD_INPUT "-"

/** How messages name what is opened under a path. */
const char *sbmt_lines_name(const char *path);

/** An open file of lines. All zero is a valid closed one. */
struct sbmt_lines {
    const char *path; /**< for messages: the place of the stream */
    int64_t number;   /**< of the current line, from 1; 0 before the first */
    char *text;       /**< the current line without its end, NUL-terminated; NULL after the last */
    bool unended;     /**< the current line, the last, ended with the file */
    size_t length;    /**< bytes in `text`; more than strlen(text) if the file holds NULs */
    bool skips_mark;  /**< set by the caller: what sbmt_utf8_mark finds is left out */
    struct sbmt_stream stream;
    char *line, *chunk; /**< buffers of the reader */
    size_t capacity, chunk_used, chunk_size;
};

/** Opens a file, as sbmt_stream_open does, or standard input, which stays open. */
SBMT_MUST_CHECK bool sbmt_lines_open(struct sbmt_lines *lines, const char *path,
                                     struct sbmt_error *err);

/** Takes an open stream over, also on failure, and leaves *stream closed. */
SBMT_MUST_CHECK bool sbmt_lines_open_stream(struct sbmt_lines *lines, struct sbmt_stream *stream,
                                            struct sbmt_error *err);

/** A longer line is no line of a text. */
enum { SBMT_LINES_LONGEST = 1 << 26 };

/** Reads the next line into `text` (valid until the next call), or sets it to NULL at the end.
 * Lines end with LF or CRLF; the last one may end with the file. Damaged or truncated data and
 * lines of more than SBMT_LINES_LONGEST bytes are SBMT_ERROR_DATA with path:line, a read error is
 * SBMT_ERROR_IO. */
SBMT_MUST_CHECK bool sbmt_lines_next(struct sbmt_lines *lines, struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_lines_close(struct sbmt_lines *lines);

#endif
