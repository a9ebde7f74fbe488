/* Zip archives by libarchive, into a file that appears whole or not at all. */
#include "data/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "core/io/file.h"

/* 1 January 1980, the first day that zip knows, in any time zone. */
enum { FIRST_DAY = 315619200 };

struct sbmt_zip_writer_state {
    struct archive *archive;
    struct sbmt_writer file;
    struct sbmt_error failure; /* why bytes could not be written */
};

static la_ssize_t write_bytes(struct archive *archive, void *context, const void *bytes,
                              size_t size)
{
    struct sbmt_zip_writer_state *state = context;
    if (sbmt_writer_write(&state->file, bytes, size, &state->failure))
        return (la_ssize_t)size;
    archive_set_error(archive, EIO, "%s", state->failure.message);
    return -1;
}

static bool fail(const struct sbmt_zip_writer_state *state, struct sbmt_error *err)
{
    if (state->failure.kind != SBMT_ERROR_NONE)
        return sbmt_fail(err, state->failure.kind, "%s", state->failure.message);
    const char *text = state->archive != NULL ? archive_error_string(state->archive) : NULL;
    return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: cannot write a zip archive (%s)",
                     state->file.path, text != NULL ? text : "out of memory");
}

/* Without padding to blocks, as for tapes. */
static bool begin(struct sbmt_zip_writer_state *state)
{
    struct archive *archive = archive_write_new();
    state->archive = archive;
    return archive != NULL && archive_write_set_format_zip(archive) == ARCHIVE_OK &&
           archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK &&
           archive_write_open(archive, state, NULL, write_bytes, NULL) == ARCHIVE_OK;
}

bool sbmt_zip_writer_open(struct sbmt_zip_writer *zip, const char *path, struct sbmt_error *err)
{
    *zip = (struct sbmt_zip_writer){calloc(1, sizeof *zip->state)};
    if (zip->state == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path);
    if (sbmt_writer_open(&zip->state->file, path, err) &&
        (begin(zip->state) || fail(zip->state, err)))
        return true;
    sbmt_zip_writer_abandon(zip);
    return false;
}

static bool write_entry(struct archive *archive, struct archive_entry *entry, const char *name,
                        const void *bytes, size_t size)
{
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_mtime(entry, FIRST_DAY, 0);
    return archive_write_header(archive, entry) == ARCHIVE_OK &&
           archive_write_data(archive, bytes, size) == (la_ssize_t)size;
}

bool sbmt_zip_writer_add(struct sbmt_zip_writer *zip, const char *name, const void *bytes,
                         size_t size, struct sbmt_error *err)
{
    struct archive_entry *entry = archive_entry_new();
    const bool done = entry != NULL && write_entry(zip->state->archive, entry, name, bytes, size);
    archive_entry_free(entry);
    return done || fail(zip->state, err);
}

bool sbmt_zip_writer_commit(struct sbmt_zip_writer *zip, struct sbmt_error *err)
{
    struct sbmt_zip_writer_state *state = zip->state;
    const bool done = (archive_write_close(state->archive) == ARCHIVE_OK || fail(state, err)) &&
                      sbmt_writer_commit(&state->file, err);
    sbmt_zip_writer_abandon(zip);
    return done;
}

void sbmt_zip_writer_abandon(struct sbmt_zip_writer *zip)
{
    struct sbmt_zip_writer_state *state = zip->state;
    if (state != NULL) {
        /* Freeing an archive that is not closed would end it as if it were whole. */
        if (state->archive != NULL)
            archive_write_fail(state->archive);
        archive_write_free(state->archive);
        sbmt_writer_abandon(&state->file);
        free(state);
    }
    *zip = (struct sbmt_zip_writer){0};
}
