/* Streams: libarchive over a file. Gzip goes through data/gunzip.h, which checks its sums;
 * libarchive does not. */
#include "data/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/str.h"
#include "data/gunzip.h"

enum { CHUNK = 1 << 17, LONGEST_MAGIC = 5 };

static const char magic_gzip[] = "\x1f\x8b", magic_zip[] = "PK\3\4";

struct sbmt_stream_state {
    struct archive *archive;
    int descriptor;
    struct sbmt_gunzip *gunzip;            /* NULL: libarchive has the bytes of the file */
    const struct sbmt_stream_watch *watch; /* may be NULL */
    struct sbmt_str place;
    size_t path_length;        /* of `place`: what is in front of the member */
    struct sbmt_error failure; /* why the file could not be read, where it was not libarchive */
    bool single;               /* one file, not the members of an archive */
    bool named;                /* its name says that it is compressed */
    bool zip;                  /* begins as a zip archive */
    bool begun, ended, sparse;
    const unsigned char *block; /* what is left of libarchive's last block */
    size_t left;
    unsigned char chunk[CHUNK];
};

/* The bytes of the file as they are there; as struct sbmt_gunzip_source wants it. */
static bool read_file(void *context, void *bytes, size_t size, size_t *count,
                      struct sbmt_error *err)
{
    struct sbmt_stream_state *state = context;
    const struct sbmt_stream_watch *watch = state->watch;
    ssize_t got;
    do
        got = read(state->descriptor, bytes, size);
    while (got < 0 && errno == EINTR);
    *count = got > 0 ? (size_t)got : 0;
    if (got < 0)
        return sbmt_fail_errno(err, "cannot read");
    return watch == NULL || watch->passed(watch->context, (int64_t)got, err);
}

/* The next bytes of the file for libarchive. */
static la_ssize_t read_source(struct archive *archive, void *context, const void **bytes)
{
    (void)archive;
    struct sbmt_stream_state *state = context;
    const struct sbmt_gunzip_source source = {read_file, state};
    size_t count;
    *bytes = state->chunk;
    const bool got = state->gunzip == NULL
                         ? read_file(state, state->chunk, CHUNK, &count, &state->failure)
                         : sbmt_gunzip_read(state->gunzip, &source, state->chunk, CHUNK, &count,
                                            &state->failure);
    return got ? (la_ssize_t)count : -1;
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
    /* Of zip archives only those with a table of contents, which is at the end: what was cut short
     * has none. With the option it reads behind the end of a tar archive up to the end of the
     * compressed file, where the checksum is. */
    return archive_read_support_format_zip_seekable(archive) == ARCHIVE_OK &&
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
           (state->gunzip != NULL ||
            archive_read_set_seek_callback(archive, seek_source) == ARCHIVE_OK) &&
           archive_read_set_callback_data(archive, state) == ARCHIVE_OK &&
           archive_read_open1(archive) == ARCHIVE_OK;
}

/* A tar archive ends in a block of zeros, without which members may be missing. */
static bool check_end(const struct sbmt_stream_state *state, struct sbmt_error *err)
{
    enum { BLOCK = 512 };
    const la_int64_t end = archive_read_header_position(state->archive);
    if ((archive_format(state->archive) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR ||
        archive_filter_bytes(state->archive, 0) >= end + BLOCK)
        return true;
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "truncated: the tar archive stops at byte %" PRId64 " without its end mark",
                     (int64_t)end);
}

/* The next header into *entry, NULL behind the last. */
static bool next_entry(struct sbmt_stream_state *state, struct archive_entry **entry,
                       struct sbmt_error *err)
{
    const char *what = state->single ? "damaged or truncated"
                       : state->zip  ? "damaged or truncated zip archive"
                                     : "damaged, or no archive";
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
    if (state->named && state->gunzip == NULL && archive_filter_count(state->archive) < 2)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s", what);
    state->ended = code == ARCHIVE_EOF;
    if (!state->ended)
        return true;
    *entry = NULL;
    return check_end(state, err);
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

/* Looks at the first bytes. Those of a pipe cannot be looked at: what is not gzip is handed on. */
static bool choose_source(struct sbmt_stream_state *state, const char *path, struct sbmt_error *err)
{
    char magic[LONGEST_MAGIC] = {0};
    const off_t begin = lseek(state->descriptor, 0, SEEK_CUR);
    const bool is_pipe = begin < 0 && errno == ESPIPE;
    if (!is_pipe && pread(state->descriptor, magic, sizeof magic, begin) < 0)
        return sbmt_fail_errno(err, "%s: cannot read", path);
    if (state->single && !check_name(state, path, magic, err))
        return false;
    state->zip = memcmp(magic, magic_zip, strlen(magic_zip)) == 0;
    const bool is_gzip = memcmp(magic, magic_gzip, strlen(magic_gzip)) == 0;
    if (!is_gzip && !is_pipe)
        return true;
    state->gunzip = sbmt_gunzip_open();
    return state->gunzip != NULL ||
           sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", path);
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

void sbmt_stream_watch(struct sbmt_stream *stream, const struct sbmt_stream_watch *watch)
{
    stream->state->watch = watch;
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

/* A file or a link, and then which. */
static bool is_shown(struct sbmt_stream *stream, struct archive_entry *entry)
{
    const char *hard = archive_entry_hardlink(entry), *symbolic = archive_entry_symlink(entry);
    stream->symbolic = hard == NULL && archive_entry_filetype(entry) == AE_IFLNK;
    stream->link = hard;
    if (stream->symbolic)
        stream->link = symbolic != NULL ? symbolic : "something";
    return stream->link != NULL || archive_entry_filetype(entry) == AE_IFREG;
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
        *name = name_of(entry);
        if (*name == NULL || !is_shown(stream, entry))
            continue;
        state->sparse = archive_entry_sparse_count(entry) > 0;
        state->ended = stream->link != NULL;
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
        sbmt_gunzip_close(state->gunzip);
        close(state->descriptor);
        sbmt_str_finish(&state->place);
        free(state);
    }
    *stream = (struct sbmt_stream){0};
}
