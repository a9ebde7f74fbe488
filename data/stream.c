/* Streams: libarchive over a file. Gzip goes through zlib, which checks its sums; libarchive does
 * not. */
#include "data/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/str.h"

enum { CHUNK = 1 << 17, LONGEST_MAGIC = 5 };

static const char magic_gzip[] = "\x1f\x8b";

struct sbmt_stream_state {
    struct archive *archive;
    int descriptor; /* −1: gz has it */
    gzFile gz;
    struct sbmt_str place;
    size_t path_length;        /* of `place`: what is in front of the member */
    struct sbmt_error failure; /* why the file could not be read, where it was not libarchive */
    bool single;               /* one file, not the members of an archive */
    bool named;                /* its name says that it is compressed */
    bool begun, ended, sparse;
    const unsigned char *block; /* what is left of libarchive's last block */
    size_t left;
    unsigned char chunk[CHUNK];
};

/* Why gzip data could not be read. At its end zlib reports a stream that stops too early as
 * Z_BUF_ERROR. */
static bool fail_gzip(gzFile gz, struct sbmt_error *err)
{
    int code;
    const char *text = gzerror(gz, &code);
    switch (code) {
    case Z_ERRNO:
        return sbmt_fail_errno(err, "cannot read");
    case Z_MEM_ERROR:
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for reading it");
    case Z_BUF_ERROR:
        return sbmt_fail(err, SBMT_ERROR_DATA, "the gzip data ends here: truncated");
    default: {
        /* The descriptor's number comes first. */
        const char *colon = strstr(text, ": ");
        return sbmt_fail(err, SBMT_ERROR_DATA, "damaged gzip data (%s)",
                         colon != NULL ? colon + 2 : text);
    }
    }
}

/* The next bytes of the file for libarchive. */
static la_ssize_t read_source(struct archive *archive, void *context, const void **bytes)
{
    (void)archive;
    struct sbmt_stream_state *state = context;
    *bytes = state->chunk;
    errno = 0;
    if (state->gz == NULL) {
        ssize_t count;
        do
            count = read(state->descriptor, state->chunk, CHUNK);
        while (count < 0 && errno == EINTR);
        if (count < 0)
            sbmt_fail_errno(&state->failure, "cannot read");
        return count;
    }
    const int count = gzread(state->gz, state->chunk, CHUNK);
    int code = Z_OK;
    if (count == 0)
        (void)gzerror(state->gz, &code);
    if (count > 0 || (count == 0 && (code == Z_OK || code == Z_STREAM_END)))
        return count;
    fail_gzip(state->gz, &state->failure);
    return -1;
}

/* A zip archive has its table of contents at the end. */
static la_int64_t seek_source(struct archive *archive, void *context, la_int64_t offset, int from)
{
    (void)archive;
    struct sbmt_stream_state *state = context;
    const off_t position = lseek(state->descriptor, offset, from);
    if (position >= 0)
        return position;
    sbmt_fail_errno(&state->failure, "cannot seek");
    return ARCHIVE_FATAL;
}

/* Why libarchive could not go on. */
static bool fail(const struct sbmt_stream_state *state, const char *what, struct sbmt_error *err)
{
    if (state->failure.kind != SBMT_ERROR_NONE)
        return sbmt_fail(err, state->failure.kind, "%s", state->failure.message);
    if (state->archive == NULL || archive_errno(state->archive) == ENOMEM)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for reading it");
    const char *text = archive_error_string(state->archive);
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s (%s)", what, text != NULL ? text : "unknown");
}

static bool choose_formats(struct archive *archive, bool single)
{
    if (single)
        return archive_read_support_format_raw(archive) == ARCHIVE_OK &&
               archive_read_support_format_empty(archive) == ARCHIVE_OK;
    /* With the option it reads behind the end of a tar archive up to the end of the compressed
     * file, where the checksum is. */
    return archive_read_support_format_zip(archive) == ARCHIVE_OK &&
           archive_read_support_format_tar(archive) == ARCHIVE_OK &&
           archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1") ==
               ARCHIVE_OK;
}

/* Only these, since others may start programs; as one does that is not built in, with a warning. */
static bool choose_filters(struct archive *archive)
{
    return archive_read_support_filter_bzip2(archive) == ARCHIVE_OK &&
           archive_read_support_filter_xz(archive) == ARCHIVE_OK &&
           archive_read_support_filter_zstd(archive) == ARCHIVE_OK;
}

/* Done at the first read, so that every error about what a file holds comes from reading. */
static bool begin(struct sbmt_stream_state *state)
{
    struct archive *archive = archive_read_new();
    state->archive = archive;
    state->begun = true;
    return archive != NULL && choose_filters(archive) && choose_formats(archive, state->single) &&
           archive_read_set_read_callback(archive, read_source) == ARCHIVE_OK &&
           (state->gz != NULL ||
            archive_read_set_seek_callback(archive, seek_source) == ARCHIVE_OK) &&
           archive_read_set_callback_data(archive, state) == ARCHIVE_OK &&
           archive_read_open1(archive) == ARCHIVE_OK;
}

/* The next header into *entry, NULL behind the last. */
static bool next_entry(struct sbmt_stream_state *state, struct archive_entry **entry,
                       struct sbmt_error *err)
{
    const char *what = state->single ? "damaged or truncated" : "damaged, or no archive";
    *entry = NULL;
    state->left = 0;
    state->ended = true;
    if (!state->begun && !begin(state))
        return fail(state, what, err);
    const int code = archive_read_next_header(state->archive, entry);
    /* A warning is about a name or an attribute. */
    if (code != ARCHIVE_EOF && code < ARCHIVE_WARN)
        return fail(state, what, err);
    /* Of some formats libarchive wants to see more than the first bytes to know them. */
    if (state->named && state->gz == NULL && archive_filter_count(state->archive) < 2)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s", what);
    state->ended = code == ARCHIVE_EOF;
    if (state->ended)
        *entry = NULL;
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

/* A file that is named as a compressed one but does not begin so would pass for a plain one. */
static bool check_name(struct sbmt_stream_state *state, const char *path,
                       const char magic[LONGEST_MAGIC], struct sbmt_error *err)
{
    static const struct {
        const char *end, *what, *magic;
    } known[] = {
        {".gz", "a gzip", magic_gzip},
        {".bz2", "a bzip2", "BZh"},
        {".xz", "an xz", "\xFD\x37zXZ"},
        {".zst", "a zstd", "\x28\xB5\x2F\xFD"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!ends_with(path, known[i].end))
            continue;
        state->named = true;
        if (memcmp(magic, known[i].magic, strlen(known[i].magic)) != 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: is named %s but is not %s file", path,
                             known[i].end, known[i].what);
    }
    return true;
}

/* Looks at the first bytes. Those of a pipe cannot be looked at: zlib hands on what is not gzip. */
static bool choose_source(struct sbmt_stream_state *state, const char *path, struct sbmt_error *err)
{
    char magic[LONGEST_MAGIC] = {0};
    const off_t begin = lseek(state->descriptor, 0, SEEK_CUR);
    const bool is_pipe = begin < 0 && errno == ESPIPE;
    if (!is_pipe && pread(state->descriptor, magic, sizeof magic, begin) < 0)
        return sbmt_fail_errno(err, "%s: cannot read", path);
    if (state->single && !check_name(state, path, magic, err))
        return false;
    const bool is_gzip = memcmp(magic, magic_gzip, strlen(magic_gzip)) == 0;
    if (!is_gzip && !is_pipe)
        return true;
    state->gz = gzdopen(state->descriptor, "rb");
    if (state->gz == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", path);
    state->descriptor = -1;
    gzbuffer(state->gz, CHUNK);
    return true;
}

/* Takes the descriptor over; −1 with errno is one that could not be opened. */
static bool open_stream(struct sbmt_stream *stream, int descriptor, const char *path, bool single,
                        struct sbmt_error *err)
{
    *stream = (struct sbmt_stream){0};
    if (descriptor < 0)
        return sbmt_fail_errno(err, "%s: cannot open", path);
    struct sbmt_stream_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        close(descriptor);
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", path);
    }
    stream->state = state;
    state->descriptor = descriptor;
    state->single = single;
    sbmt_str_printf(&state->place, "%s", path);
    const bool opened = !state->place.failed
                            ? choose_source(state, path, err)
                            : sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", path);
    stream->place = state->place.text;
    state->path_length = state->place.length;
    if (!opened)
        sbmt_stream_close(stream);
    return opened;
}

bool sbmt_stream_open(struct sbmt_stream *stream, const char *path, struct sbmt_error *err)
{
    return open_stream(stream, open(path, O_RDONLY | O_CLOEXEC), path, true, err);
}

bool sbmt_stream_open_descriptor(struct sbmt_stream *stream, int descriptor, const char *name,
                                 struct sbmt_error *err)
{
    return open_stream(stream, fcntl(descriptor, F_DUPFD_CLOEXEC, 0), name, true, err);
}

bool sbmt_stream_open_archive(struct sbmt_stream *stream, const char *path, struct sbmt_error *err)
{
    return open_stream(stream, open(path, O_RDONLY | O_CLOEXEC), path, false, err);
}

/* "archive:member", or "archive" alone. */
static bool set_place(struct sbmt_stream *stream, const char *member, struct sbmt_error *err)
{
    struct sbmt_str *place = &stream->state->place;
    place->length = stream->state->path_length;
    place->text[place->length] = '\0';
    if (member != NULL)
        sbmt_str_printf(place, ":%s", member);
    stream->place = place->text;
    return !place->failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory", place->text);
}

/* Names are bytes; only where they cannot be had in the locale as such, they are UTF-8. */
static const char *name_of(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    return name != NULL ? name : archive_entry_pathname_utf8(entry);
}

bool sbmt_stream_member(struct sbmt_stream *stream, const char **name, struct sbmt_error *err)
{
    struct sbmt_stream_state *state = stream->state;
    struct archive_entry *entry;
    *name = NULL;
    if (!set_place(stream, NULL, err))
        return false;
    for (;;) {
        if (!next_entry(state, &entry, err))
            return sbmt_error_at(err, "%s", stream->place);
        if (entry == NULL)
            return true;
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL ||
            name_of(entry) == NULL)
            continue;
        state->sparse = archive_entry_sparse_count(entry) > 0;
        *name = name_of(entry);
        return set_place(stream, *name, err);
    }
}

/* Fills the block; left is 0 at the end. */
static bool next_block(struct sbmt_stream_state *state, struct sbmt_error *err)
{
    if (state->sparse)
        return sbmt_fail(err, SBMT_ERROR_DATA, "a sparse file; unpack the archive");
    while (!state->ended && state->left == 0) {
        const void *bytes = NULL;
        la_int64_t offset;
        const int code = archive_read_data_block(state->archive, &bytes, &state->left, &offset);
        state->block = bytes;
        if (code == ARCHIVE_OK)
            continue;
        state->left = 0;
        /* A warning here is about a checksum. */
        if (code != ARCHIVE_EOF)
            return fail(state, "damaged or truncated", err);
        state->ended = true;
    }
    return true;
}

bool sbmt_stream_read(struct sbmt_stream *stream, void *bytes, size_t size, size_t *count,
                      struct sbmt_error *err)
{
    struct sbmt_stream_state *state = stream->state;
    struct archive_entry *entry;
    *count = 0;
    if (!state->begun && !next_entry(state, &entry, err))
        return false;
    if (state->left == 0 && !next_block(state, err))
        return false;
    if (state->left == 0)
        return true;
    *count = size < state->left ? size : state->left;
    memcpy(bytes, state->block, *count);
    state->block += *count;
    state->left -= *count;
    return true;
}

void sbmt_stream_close(struct sbmt_stream *stream)
{
    struct sbmt_stream_state *state = stream->state;
    if (state != NULL) {
        archive_read_free(state->archive);
        if (state->gz != NULL)
            gzclose_r(state->gz);
        if (state->descriptor >= 0)
            close(state->descriptor);
        sbmt_str_finish(&state->place);
        free(state);
    }
    *stream = (struct sbmt_stream){0};
}
