/* Unpacking gzip by zlib's inflate: its own reader of files passes over what is behind the data. */
#include "data/gunzip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 1 << 17, MAGIC = 2, GZIP_ONLY = 15 + 16 };

struct sbmt_gunzip {
    z_stream stream;
    bool begun, plain;   /* whether the file is gzip at all is known, and it is not */
    bool between, ended; /* no member is open; all packed bytes have been read */
    uint64_t members_end;
    uint64_t taken; /* packed bytes so far, those in the chunk included */
    unsigned char chunk[CHUNK];
};

struct sbmt_gunzip *sbmt_gunzip_open(void)
{
    struct sbmt_gunzip *gunzip = calloc(1, sizeof *gunzip);
    if (gunzip == NULL)
        return NULL;
    gunzip->between = true;
    gunzip->stream.next_in = gunzip->chunk;
    if (inflateInit2(&gunzip->stream, GZIP_ONLY) == Z_OK)
        return gunzip;
    free(gunzip);
    return NULL;
}

/* More packed bytes behind those that are left, which are few. */
static bool refill(struct sbmt_gunzip *gunzip, const struct sbmt_gunzip_source *source,
                   struct sbmt_error *err)
{
    z_stream *stream = &gunzip->stream;
    size_t count;
    memmove(gunzip->chunk, stream->next_in, stream->avail_in);
    stream->next_in = gunzip->chunk;
    if (!source->read(source->context, gunzip->chunk + stream->avail_in, CHUNK - stream->avail_in,
                      &count, err))
        return false;
    gunzip->ended = count == 0;
    gunzip->taken += count;
    stream->avail_in += (uInt)count;
    return true;
}

/* Looks at the first bytes of the file. */
static bool begin(struct sbmt_gunzip *gunzip, const struct sbmt_gunzip_source *source,
                  struct sbmt_error *err)
{
    while (gunzip->stream.avail_in < MAGIC && !gunzip->ended)
        if (!refill(gunzip, source, err))
            return false;
    gunzip->begun = true;
    gunzip->plain = gunzip->stream.avail_in < MAGIC || memcmp(gunzip->chunk, "\x1f\x8b", MAGIC);
    return true;
}

/* Between members: goes to the next, or to the end of the file. */
static bool next_member(struct sbmt_gunzip *gunzip, const struct sbmt_gunzip_source *source,
                        struct sbmt_error *err)
{
    z_stream *stream = &gunzip->stream;
    for (;;) {
        for (; stream->avail_in > 0 && *stream->next_in == 0; stream->avail_in--)
            stream->next_in++;
        if (stream->avail_in > 0 || gunzip->ended)
            break;
        if (!refill(gunzip, source, err))
            return false;
    }
    if (stream->avail_in == 0)
        return true;
    if (*stream->next_in != 0x1f)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "the gzip data ends at byte %" PRIu64 ", and what is behind it is none",
                         gunzip->members_end);
    gunzip->between = false;
    inflateReset(stream);
    return true;
}

static bool hand_on(struct sbmt_gunzip *gunzip, const struct sbmt_gunzip_source *source,
                    void *bytes, size_t size, size_t *count, struct sbmt_error *err)
{
    z_stream *stream = &gunzip->stream;
    if (stream->avail_in == 0 && !gunzip->ended && !refill(gunzip, source, err))
        return false;
    *count = size < stream->avail_in ? size : stream->avail_in;
    memcpy(bytes, stream->next_in, *count);
    stream->next_in += *count;
    stream->avail_in -= (uInt)*count;
    return true;
}

/* What has been unpacked of the open member into *count, which may be nothing yet. */
static bool unpack(struct sbmt_gunzip *gunzip, void *bytes, size_t size, size_t *count,
                   struct sbmt_error *err)
{
    z_stream *stream = &gunzip->stream;
    stream->next_out = bytes;
    stream->avail_out = size < CHUNK ? (uInt)size : CHUNK;
    const uInt room = stream->avail_out;
    const int code = inflate(stream, Z_NO_FLUSH);
    *count = room - stream->avail_out;
    gunzip->between = code == Z_STREAM_END;
    gunzip->members_end = gunzip->taken - stream->avail_in;
    if (code == Z_MEM_ERROR)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for reading it");
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR ||
           sbmt_fail(err, SBMT_ERROR_DATA, "damaged gzip data (%s)",
                     stream->msg != NULL ? stream->msg : "unknown");
}

bool sbmt_gunzip_read(struct sbmt_gunzip *gunzip, const struct sbmt_gunzip_source *source,
                      void *bytes, size_t size, size_t *count, struct sbmt_error *err)
{
    *count = 0;
    if (!gunzip->begun && !begin(gunzip, source, err))
        return false;
    if (gunzip->plain)
        return hand_on(gunzip, source, bytes, size, count, err);
    while (*count == 0) {
        if (gunzip->between && !next_member(gunzip, source, err))
            return false;
        if (gunzip->between)
            return true;
        if (gunzip->stream.avail_in == 0 && !gunzip->ended && !refill(gunzip, source, err))
            return false;
        const bool last = gunzip->stream.avail_in == 0;
        if (!unpack(gunzip, bytes, size, count, err))
            return false;
        if (last && *count == 0 && !gunzip->between)
            return sbmt_fail(err, SBMT_ERROR_DATA, "the gzip data ends here: truncated");
    }
    return true;
}

void sbmt_gunzip_close(struct sbmt_gunzip *gunzip)
{
    if (gunzip != NULL)
        inflateEnd(&gunzip->stream);
    free(gunzip);
}
