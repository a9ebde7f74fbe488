/* The directory of a zip archive. */
#include "core/io/zip.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

/* Signatures, sizes of the fixed parts of records, and places of fields in them. */
enum {
    LOCAL_SIGNATURE = 0x04034B50,
    LOCAL_SIZE = 30,
    LOCAL_NAME_LENGTH = 26,
    LOCAL_EXTRA_LENGTH = 28,

    ENTRY_SIGNATURE = 0x02014B50,
    ENTRY_SIZE = 46,
    ENTRY_FLAGS = 8,
    ENTRY_METHOD = 10,
    ENTRY_STORED_SIZE = 20,
    ENTRY_FULL_SIZE = 24,
    ENTRY_NAME_LENGTH = 28,
    ENTRY_EXTRA_LENGTH = 30,
    ENTRY_COMMENT_LENGTH = 32,
    ENTRY_OFFSET = 42,

    END_SIGNATURE = 0x06054B50,
    END_SIZE = 22,
    END_COUNT = 10,
    END_OFFSET = 16,
    COMMENT_MOST = 0xFFFF,

    LOCATOR_SIGNATURE = 0x07064B50,
    LOCATOR_SIZE = 20,
    LOCATOR_OFFSET = 8,

    END64_SIGNATURE = 0x06064B50,
    END64_SIZE = 56,
    END64_COUNT = 32,
    END64_OFFSET = 48,

    EXTRA_HEAD = 4,
    EXTRA_SIZES64 = 1,
    FLAG_ENCRYPTED = 1,
    METHOD_STORED = 0,
};

static const uint32_t see_extra = 0xFFFFFFFFU; /* the value stands in the 64-bit extension */

struct archive {
    const unsigned char *bytes;
    size_t size;
    const char *path;
    struct sbmt_error *err;
};

static uint64_t number(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size);
    return value;
}

/* A record of `size` bytes at an offset that begins with a signature, or NULL. */
static const unsigned char *record(const struct archive *zip, uint64_t offset, size_t size,
                                   uint32_t signature)
{
    if (offset > zip->size || size > zip->size - offset)
        return NULL;
    const unsigned char *bytes = zip->bytes + offset;
    return number(bytes, 4) == signature ? bytes : NULL;
}

/* Where the directory begins, and how many entries it has. */
static bool find_directory(const struct archive *zip, uint64_t *offset, uint64_t *count)
{
    const unsigned char *end = NULL;
    uint64_t at = zip->size;
    for (size_t i = END_SIZE; end == NULL && i <= zip->size && i <= END_SIZE + COMMENT_MOST; i++) {
        at = zip->size - i;
        end = record(zip, at, END_SIZE, END_SIGNATURE);
    }
    if (end == NULL)
        return sbmt_fail(zip->err, SBMT_ERROR_DATA,
                         "%s: the zip archive has no directory; it is truncated or damaged",
                         zip->path);
    *count = number(end + END_COUNT, 2);
    *offset = number(end + END_OFFSET, 4);
    if (at < LOCATOR_SIZE)
        return true;
    const unsigned char *locator = record(zip, at - LOCATOR_SIZE, LOCATOR_SIZE, LOCATOR_SIGNATURE);
    if (locator == NULL)
        return true;
    const unsigned char *end64 = record(zip, number(locator + LOCATOR_OFFSET, 8), END64_SIZE,
                                        END64_SIGNATURE);
    if (end64 == NULL)
        return sbmt_fail(zip->err, SBMT_ERROR_DATA,
                         "%s: the zip archive's 64-bit directory is not where it should be; the "
                         "file is damaged",
                         zip->path);
    *count = number(end64 + END64_COUNT, 8);
    *offset = number(end64 + END64_OFFSET, 8);
    return true;
}

/* Replaces values that stand in the 64-bit extension of an entry, which holds those that need it in
 * this order. */
static bool extend_values(const unsigned char *extra, size_t size, uint64_t *const values[3])
{
    while (size >= EXTRA_HEAD) {
        const size_t length = (size_t)number(extra + 2, 2);
        if (length > size - EXTRA_HEAD)
            return false;
        size_t used = 0;
        for (int i = 0; number(extra, 2) == EXTRA_SIZES64 && i < 3; i++) {
            if (*values[i] != see_extra)
                continue;
            if (length - used < 8)
                return false;
            *values[i] = number(extra + EXTRA_HEAD + used, 8);
            used += 8;
        }
        extra += EXTRA_HEAD + length;
        size -= EXTRA_HEAD + length;
    }
    return true;
}

/* Finds the bytes of a member behind its local record. */
static bool locate(const struct archive *zip, uint64_t offset, uint64_t size,
                   struct sbmt_zip_member *member)
{
    const unsigned char *local = record(zip, offset, LOCAL_SIZE, LOCAL_SIGNATURE);
    if (local != NULL) {
        const uint64_t begin = offset + LOCAL_SIZE + number(local + LOCAL_NAME_LENGTH, 2) +
                               number(local + LOCAL_EXTRA_LENGTH, 2);
        if (begin <= zip->size && size <= zip->size - begin) {
            member->bytes = zip->bytes + begin;
            member->size = (size_t)size;
            return true;
        }
    }
    return sbmt_fail(zip->err, SBMT_ERROR_DATA,
                     "%s: member '%s' does not lie in the file; it is truncated or damaged",
                     zip->path, member->name);
}

/* A copy of a name that can stand in a message. */
static const char *copy_name(const unsigned char *bytes, size_t length, struct sbmt_arena *arena)
{
    char *name = sbmt_arena_zalloc(arena, length + 1, 1);
    for (size_t i = 0; name != NULL && i < length; i++)
        name[i] = bytes[i] < 0x20 || bytes[i] == 0x7F ? '?' : (char)bytes[i];
    return name;
}

/* Reads the entry at *offset and moves behind it. */
static bool read_entry(const struct archive *zip, uint64_t *offset, struct sbmt_arena *arena,
                       struct sbmt_zip_member *member)
{
    const unsigned char *entry = record(zip, *offset, ENTRY_SIZE, ENTRY_SIGNATURE);
    if (entry == NULL)
        return sbmt_fail(zip->err, SBMT_ERROR_DATA,
                         "%s: the zip archive's directory is broken at byte %llu", zip->path,
                         (unsigned long long)*offset);
    const size_t name_length = (size_t)number(entry + ENTRY_NAME_LENGTH, 2);
    const size_t extra_length = (size_t)number(entry + ENTRY_EXTRA_LENGTH, 2);
    const size_t all = ENTRY_SIZE + name_length + extra_length +
                       (size_t)number(entry + ENTRY_COMMENT_LENGTH, 2);
    uint64_t stored = number(entry + ENTRY_STORED_SIZE, 4);
    uint64_t full = number(entry + ENTRY_FULL_SIZE, 4), local = number(entry + ENTRY_OFFSET, 4);
    uint64_t *const values[3] = {&full, &stored, &local};
    if (all > zip->size - *offset ||
        !extend_values(entry + ENTRY_SIZE + name_length, extra_length, values))
        return sbmt_fail(zip->err, SBMT_ERROR_DATA,
                         "%s: the zip archive's directory is broken at byte %llu", zip->path,
                         (unsigned long long)*offset);
    *member = (struct sbmt_zip_member){.name = copy_name(entry + ENTRY_SIZE, name_length, arena)};
    if (!sbmt_arena_check(arena, zip->path, zip->err))
        return false;
    if ((number(entry + ENTRY_FLAGS, 2) & FLAG_ENCRYPTED) != 0 ||
        number(entry + ENTRY_METHOD, 2) != METHOD_STORED || stored != full)
        return sbmt_fail(zip->err, SBMT_ERROR_DATA,
                         "%s: member '%s' is compressed or encrypted; PyTorch stores as it is",
                         zip->path, member->name);
    *offset += all;
    return locate(zip, local, full, member);
}

static int compare_members(const void *a, const void *b)
{
    const struct sbmt_zip_member *x = a, *y = b;
    return strcmp(x->name, y->name);
}

bool sbmt_zip_is(const unsigned char *bytes, size_t size)
{
    return size >= 4 && number(bytes, 4) == LOCAL_SIGNATURE;
}

bool sbmt_zip_read(struct sbmt_zip *zip, const unsigned char *bytes, size_t size, const char *path,
                   struct sbmt_arena *arena, struct sbmt_error *err)
{
    const struct archive archive = {bytes, size, path, err};
    uint64_t offset = 0, count = 0;
    *zip = (struct sbmt_zip){0};
    if (!find_directory(&archive, &offset, &count))
        return false;
    if (count > size / ENTRY_SIZE || count > INT32_MAX)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: the zip archive is too small for its %llu members; it is damaged",
                         path, (unsigned long long)count);
    struct sbmt_zip_member *members = sbmt_arena_zalloc(arena, (size_t)count, sizeof *members);
    if (!sbmt_arena_check(arena, path, err))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!read_entry(&archive, &offset, arena, &members[i]))
            return false;
    if (count > 1)
        qsort(members, (size_t)count, sizeof members[0], compare_members);
    for (uint64_t i = 1; i < count; i++)
        if (strcmp(members[i - 1].name, members[i].name) == 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: member '%s' occurs twice", path,
                             members[i].name);
    *zip = (struct sbmt_zip){.count = (int)count, .members = members};
    return true;
}

const struct sbmt_zip_member *sbmt_zip_find(const struct sbmt_zip *zip, const char *name)
{
    const struct sbmt_zip_member key = {.name = name};
    return zip->count > 0
               ? bsearch(&key, zip->members, (size_t)zip->count, sizeof key, compare_members)
               : NULL;
}
