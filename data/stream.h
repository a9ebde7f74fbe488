/* Bytes as their sources ship them: a file, plain or compressed, or the members of an archive.
 *
 * Compression by gzip, bzip2, xz or zstd is recognised by content, not by name. */
#ifndef SBMT_DATA_STREAM_H
#define SBMT_DATA_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

/** Who is told of bytes as they pass: of a stream those of its file, packed as they are there. */
struct sbmt_stream_watch {
    void *context;
    /** Returns false with *err, which has no place, to stop. */
    bool (*passed)(void *context, int64_t bytes, struct sbmt_error *err);
};

/** What a compressed file is unpacked with. */
struct sbmt_stream_state;

/** Bytes to be read from front to back. All zero is a valid closed one. It may be moved. */
struct sbmt_stream {
    char *place;      /**< for messages: "folder/file", or "folder/archive:member"; owned */
    const char *link; /**< what the member of an archive is a link to; NULL: it is a file */
    bool symbolic;    /**< such a link may lead to a folder */
    struct sbmt_stream_state *state;
};

/** Opens a file. One whose name ends in .gz, .bz2, .xz or .zst must be compressed in this way; any
 * other is read as it is, or unpacked if it turns out to be compressed. */
SBMT_MUST_CHECK bool sbmt_stream_open(struct sbmt_stream *stream, const char *path,
                                      struct sbmt_error *err);

/** Opens what `descriptor` reads, a file or a pipe, from where it stands; `name` is for messages.
 * The descriptor stays open. */
SBMT_MUST_CHECK bool sbmt_stream_open_descriptor(struct sbmt_stream *stream, int descriptor,
                                                 const char *name, struct sbmt_error *err);

/** Opens a tar archive, plain or compressed, or a zip archive. There is nothing to read before
 * sbmt_stream_member. */
SBMT_MUST_CHECK bool sbmt_stream_open_archive(struct sbmt_stream *stream, const char *path,
                                              struct sbmt_error *err);

/** Has a stream watched, which must be open; `watch` is borrowed, and may be NULL. */
void sbmt_stream_watch(struct sbmt_stream *stream, const struct sbmt_stream_watch *watch);

/** Goes to the next regular file or link of an archive; folders and devices are passed over. A link
 * has nothing to read, whatever it leads to. Its name as the archive has it, never to be used as a
 * path, into *name (valid until the next call), NULL behind the last: only then is all of a
 * compressed archive checked by its checksum. */
SBMT_MUST_CHECK bool sbmt_stream_member(struct sbmt_stream *stream, const char **name,
                                        struct sbmt_error *err);

/** Reads into `bytes`: at least one byte and at most `size`, their number into *count; 0 at the end
 * of the file or member. Data in front of damage is handed out before the error where the format
 * allows it, and damage is found where the format has checksums, or shows otherwise. What is
 * damaged or truncated is SBMT_ERROR_DATA, what the system refuses SBMT_ERROR_IO; the message has
 * no place yet: the caller, who knows the line or record, puts stream->place in front with
 * sbmt_error_at. */
SBMT_MUST_CHECK bool sbmt_stream_read(struct sbmt_stream *stream, void *bytes, size_t size,
                                      size_t *count, struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_stream_close(struct sbmt_stream *stream);

#endif
