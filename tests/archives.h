/* Archives and compressed files for the tests that read them. */
#ifndef SBMT_TESTS_ARCHIVES_H
#define SBMT_TESTS_ARCHIVES_H

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <string.h>

/** A member: a regular file with these bytes, a folder (its name ends in a slash) or a link. */
struct member {
    const char *name, *bytes;
    size_t size;
    const char *link; /**< what it is a symbolic link to, or NULL */
    const char *hard; /**< likewise a hard link */
};

/** A member that holds a text. */
#define TEXT(named, text)                                                                          \
    {                                                                                              \
        .name = (named), .bytes = (text), .size = sizeof(text) - 1                                 \
    }

static inline void archives_add(struct archive *archive, const struct member *member)
{
    struct archive_entry *entry = archive_entry_new();
    const bool folder = member->name[strlen(member->name) - 1] == '/';
    archive_entry_set_pathname(entry, member->name);
    archive_entry_set_filetype(entry, folder                 ? AE_IFDIR
                                      : member->link != NULL ? AE_IFLNK
                                                             : AE_IFREG);
    archive_entry_set_perm(entry, folder ? 0755 : 0644);
    archive_entry_set_size(entry, (la_int64_t)member->size);
    if (member->link != NULL)
        archive_entry_set_symlink(entry, member->link);
    if (member->hard != NULL)
        archive_entry_set_hardlink(entry, member->hard);
    ck_assert_msg(archive_write_header(archive, entry) >= ARCHIVE_WARN, "%s",
                  archive_error_string(archive));
    if (member->size > 0)
        ck_assert_int_eq(archive_write_data(archive, member->bytes, member->size),
                         (la_ssize_t)member->size);
    archive_entry_free(entry);
}

/** Writes an archive: format "gnutar", "pax", "zip" or "raw" (one member, which is all of the
 * file); filter "none", "gzip", "bzip2", "xz" or "zstd". */
static inline void archives_put(const char *path, const char *format, const char *filter,
                                const struct member *members, int count)
{
    struct archive *archive = archive_write_new();
    ck_assert_int_eq(archive_write_set_format_by_name(archive, format), ARCHIVE_OK);
    if (strcmp(filter, "none") != 0)
        ck_assert_int_eq(archive_write_add_filter_by_name(archive, filter), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(archive, 1);
    ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (int i = 0; i < count; i++)
        archives_add(archive, &members[i]);
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

/** Writes one file compressed by a filter. */
static inline void archives_compress(const char *path, const char *filter, const void *bytes,
                                     size_t size)
{
    const struct member member = {.name = "data", .bytes = bytes, .size = size};
    archives_put(path, "raw", filter, &member, 1);
}

#endif
