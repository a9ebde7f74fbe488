/* Tests of reading files in every compression and members of archives, whole and damaged. */
#include "data/stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/archives.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static const struct {
    const char *filter, *end, *not_it;
} compressions[] = {
    {"gzip", ".gz", "is named .gz but is not a gzip file"},
    {"bzip2", ".bz2", "is named .bz2 but is not a bzip2 file"},
    {"xz", ".xz", "is named .xz but is not an xz file"},
    {"zstd", ".zst", "is named .zst but is not a zstd file"},
};
enum { COMPRESSIONS = 4, LARGE = 300000 }; /* larger than every buffer */

/* Reads the file or member to its end or the first error, which then has its place; the caller
 * frees. */
static char *drain(struct sbmt_stream *stream, size_t *size, struct sbmt_error *err)
{
    enum { PIECE = 1000 };
    size_t capacity = 8 * PIECE;
    char *bytes = malloc(capacity);
    *size = 0;
    for (;;) {
        size_t count;
        if (*size + PIECE > capacity)
            bytes = realloc(bytes, capacity *= 4);
        ck_assert_ptr_nonnull(bytes);
        if (!sbmt_stream_read(stream, bytes + *size, PIECE, &count, err)) {
            ck_assert_uint_eq(count, 0);
            sbmt_error_at(err, "%s", stream->place);
            return bytes;
        }
        if (count == 0)
            return bytes;
        *size += count;
    }
}

/* Reads a file; false at any error. */
static bool read_file(const char *path, size_t *size, struct sbmt_error *err)
{
    struct sbmt_stream stream;
    *err = (struct sbmt_error){0};
    *size = 0;
    if (!sbmt_stream_open(&stream, path, err)) {
        ck_assert_ptr_null(stream.place);
        return false;
    }
    free(drain(&stream, size, err));
    sbmt_stream_close(&stream);
    return err->kind == SBMT_ERROR_NONE;
}

static void assert_holds(const char *path, const char *bytes, size_t size)
{
    struct sbmt_error err = {0};
    struct sbmt_stream stream;
    size_t got;
    ck_assert_msg(sbmt_stream_open(&stream, path, &err), "%s", err.message);
    ck_assert_str_eq(stream.place, path);
    char *read = drain(&stream, &got, &err);
    ck_assert_msg(err.kind == SBMT_ERROR_NONE, "%s", err.message);
    ck_assert_uint_eq(got, size);
    ck_assert_int_eq(memcmp(read, bytes, size), 0);
    /* The end stays the end. */
    ck_assert(sbmt_stream_read(&stream, read, 1, &got, &err));
    ck_assert_uint_eq(got, 0);
    free(read);
    sbmt_stream_close(&stream);
    sbmt_stream_close(&stream);
}

/* Bytes that do not compress to almost nothing. */
static char *make_noise(size_t size)
{
    char *bytes = malloc(size);
    ck_assert_ptr_nonnull(bytes);
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        bytes[i] = (char)(state >> 28);
    }
    return bytes;
}

START_TEST(test_compressions)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    char *noise = make_noise(LARGE);
    const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"", 0}, {"a", 1}, {"\0\0a\0", 4}, {noise, LARGE}, {"\xFD", 1}, {"text\n", 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        temporary_put(path, cases[i].bytes, cases[i].size);
        assert_holds(path, cases[i].bytes, cases[i].size);
        for (int c = 0; c < COMPRESSIONS; c++) {
            archives_compress(path, compressions[c].filter, cases[i].bytes, cases[i].size);
            assert_holds(path, cases[i].bytes, cases[i].size);
        }
    }
    free(noise);
    temporary_remove(&temporary);
}
END_TEST

/* A plain file that is an archive is read as it is. */
START_TEST(test_archive_as_a_file)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.tar");
    const struct member members[] = {TEXT("a", "text")};
    archives_put(path, "gnutar", "none", members, 1);
    size_t size;
    char *bytes = temporary_get(path, &size);
    assert_holds(path, bytes, size);
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

/* Cut near either end or between, a compressed file is an error; its name sees to it that it does
 * not pass for a plain one. */
START_TEST(test_truncated)
{
    struct temporary temporary = temporary_make();
    char name[32], wanted[1100], *noise = make_noise(300);
    snprintf(name, sizeof name, "file%s", compressions[_i].end);
    const char *path = temporary_path(&temporary, name);
    archives_compress(path, compressions[_i].filter, noise, 300);
    size_t size, count;
    struct sbmt_error err;
    char *bytes = temporary_get(path, &size);
    ck_assert(read_file(path, &count, &err));
    for (size_t length = 0; length < size; length += length < 20 || length + 30 > size ? 1 : 7) {
        temporary_put(path, bytes, length);
        ck_assert_msg(!read_file(path, &count, &err), "cut at %zu of %zu", length, size);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        snprintf(wanted, sizeof wanted, "%s: ", path);
        ck_assert_int_eq(strncmp(err.message, wanted, strlen(wanted)), 0);
        if (length < 2) {
            snprintf(wanted, sizeof wanted, "%s: %s", path, compressions[_i].not_it);
            ck_assert_str_eq(err.message, wanted);
        }
    }
    free(bytes);
    free(noise);
    temporary_remove(&temporary);
}
END_TEST

/* Any changed byte of the data is found; only the last format of the list need not have checksums.
 */
START_TEST(test_damaged)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    char *noise = make_noise(3000);
    archives_compress(path, compressions[_i].filter, noise, 3000);
    size_t size, count;
    struct sbmt_error err;
    char *bytes = temporary_get(path, &size);
    for (size_t i = 40; i + 40 < size; i += 29) {
        bytes[i] = (char)(bytes[i] ^ 0x10);
        temporary_put(path, bytes, size);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        ck_assert_msg(!read_file(path, &count, &err), "changed at %zu of %zu", i, size);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    }
    free(bytes);
    free(noise);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_refusals)
{
    struct temporary temporary = temporary_make();
    struct sbmt_stream stream;
    struct sbmt_error err;
    size_t size;
    char wanted[600];
    const char *path = temporary_path(&temporary, "absent");
    ck_assert(!read_file(path, &size, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot open: No such file or directory", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert(!sbmt_stream_open_archive(&stream, path, &err));
    ck_assert_str_eq(err.message, wanted);
    ck_assert(!read_file(temporary.folder, &size, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot read: Is a directory", temporary.folder);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    temporary_remove(&temporary);
}
END_TEST

static const struct member members[] = {
    {.name = "data/"},      TEXT("data/b", "second\0letter"),   TEXT("data/a", "first letter"),
    TEXT("data/empty", ""), {.name = "data/link", .link = "a"}, TEXT("data/caf\xC3\xA9", "\r\n"),
};
enum { MEMBERS = sizeof members / sizeof members[0] };

static const struct {
    const char *format, *filter;
} archives[] = {{"gnutar", "none"},  {"pax", "none"}, {"pax", "zstd"}, {"gnutar", "gzip"},
                {"gnutar", "bzip2"}, {"pax", "xz"},   {"zip", "none"}};
enum { ARCHIVES = sizeof archives / sizeof archives[0] };

/* Reads all members; how many there are. */
static int read_archive(const char *path, struct sbmt_error *err)
{
    struct sbmt_stream stream;
    const char *name;
    *err = (struct sbmt_error){0};
    int count = 0;
    if (!sbmt_stream_open_archive(&stream, path, err))
        return 0;
    while (sbmt_stream_member(&stream, &name, err) && name != NULL) {
        size_t size;
        free(drain(&stream, &size, err));
        if (err->kind != SBMT_ERROR_NONE)
            break;
        count++;
    }
    sbmt_stream_close(&stream);
    return count;
}

/* Members come in their order, links without bytes; folders are passed over. */
START_TEST(test_members)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_stream stream;
    const char *path = temporary_path(&temporary, "archive"), *name;
    archives_put(path, archives[_i].format, archives[_i].filter, members, MEMBERS);
    for (int skipped = 0; skipped < 2; skipped++) {
        ck_assert(sbmt_stream_open_archive(&stream, path, &err));
        ck_assert_str_eq(stream.place, path);
        for (int m = 0; m < MEMBERS; m++) {
            if (members[m].bytes == NULL && members[m].link == NULL)
                continue;
            ck_assert_msg(sbmt_stream_member(&stream, &name, &err), "%s", err.message);
            ck_assert_pstr_eq(name, members[m].name);
            char place[600];
            snprintf(place, sizeof place, "%s:%s", path, members[m].name);
            ck_assert_str_eq(stream.place, place);
            ck_assert_pstr_eq(stream.link, members[m].link);
            ck_assert(stream.symbolic == (members[m].link != NULL));
            if (skipped)
                continue;
            size_t size;
            char *bytes = drain(&stream, &size, &err);
            ck_assert_msg(err.kind == SBMT_ERROR_NONE, "%s", err.message);
            ck_assert_uint_eq(size, members[m].size);
            if (size > 0)
                ck_assert_int_eq(memcmp(bytes, members[m].bytes, size), 0);
            free(bytes);
        }
        ck_assert(sbmt_stream_member(&stream, &name, &err));
        ck_assert_ptr_null(name);
        ck_assert_str_eq(stream.place, path);
        sbmt_stream_close(&stream);
    }
    temporary_remove(&temporary);
}
END_TEST

/* Cut within the members' bytes; a compressed one cut anywhere. */
START_TEST(test_truncated_archives)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "archive");
    char *noise = make_noise(2000), wanted[600];
    const struct member large[] = {TEXT("a", "text"), {.name = "b", .bytes = noise, .size = 2000}};
    archives_put(path, archives[_i].format, archives[_i].filter, large, 2);
    size_t size;
    char *bytes = temporary_get(path, &size);
    struct sbmt_error err;
    ck_assert_int_eq(read_archive(path, &err), 2);
    ck_assert_msg(err.kind == SBMT_ERROR_NONE, "%s", err.message);
    /* A plain tar archive ends in more zeros than it needs. */
    const bool plain = strcmp(archives[_i].filter, "none") == 0;
    const size_t end = plain && memcmp(bytes, "PK", 2) != 0 ? size - 512 : size;
    for (size_t length = end - 1; length > 600; length -= length < end - 50 ? 53 : 1) {
        temporary_put(path, bytes, length);
        read_archive(path, &err);
        ck_assert_msg(err.kind == SBMT_ERROR_DATA, "cut at %zu of %zu", length, size);
        ck_assert_int_eq(strncmp(err.message, path, strlen(path)), 0);
    }
    temporary_put(path, "", 0);
    ck_assert_int_eq(read_archive(path, &err), 0);
    snprintf(wanted, sizeof wanted, "%s: damaged, or no archive (Unrecognized archive format)",
             path);
    ck_assert_str_eq(err.message, wanted);
    free(bytes);
    free(noise);
    temporary_remove(&temporary);
}
END_TEST

/* A byte of a member's data has changed: found where there are checksums, which the first three of
 * the list do not have. */
START_TEST(test_damaged_archives)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "archive");
    char *noise = make_noise(20000);
    const struct member large = {.name = "a", .bytes = noise, .size = 20000};
    archives_put(path, archives[_i + 3].format, archives[_i + 3].filter, &large, 1);
    size_t size;
    char *bytes = temporary_get(path, &size);
    struct sbmt_error err;
    for (size_t i = size / 4; i < size * 3 / 4; i += size / 50) {
        bytes[i] = (char)(bytes[i] ^ 0x10);
        temporary_put(path, bytes, size);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        read_archive(path, &err);
        ck_assert_msg(err.kind == SBMT_ERROR_DATA, "changed at %zu of %zu", i, size);
    }
    free(bytes);
    free(noise);
    temporary_remove(&temporary);
}
END_TEST

/* Cut between two members, a tar archive looks whole but for the zeros at its end. */
START_TEST(test_cut_between_members)
{
    static const char *const filters[] = {"none", "gzip", "xz"};
    static const struct member two[] = {TEXT("a", "text"), TEXT("b", "more")};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "archive"), *name;
    char wanted[600];
    struct sbmt_error err = {0};
    struct sbmt_stream stream;
    archives_put(path, "gnutar", "none", two, 2);
    size_t size;
    char *bytes = temporary_get(path, &size);
    archives_compress(path, filters[_i], bytes, 1024);
    snprintf(wanted, sizeof wanted,
             "%s: truncated: the tar archive stops at byte 1024 without its end mark", path);
    ck_assert(sbmt_stream_open_archive(&stream, path, &err));
    ck_assert(sbmt_stream_member(&stream, &name, &err));
    ck_assert_pstr_eq(name, "a");
    ck_assert(!sbmt_stream_member(&stream, &name, &err));
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    sbmt_stream_close(&stream);
    /* One of the two blocks is enough. */
    archives_compress(path, filters[_i], bytes, 2048 + 512);
    ck_assert_int_eq(read_archive(path, &err), 2);
    ck_assert_msg(err.kind == SBMT_ERROR_NONE, "%s", err.message);
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

/* Behind gzip data more of it may stand, and zeros, but nothing else. */
START_TEST(test_behind_gzip)
{
    static const struct {
        const char *behind;
        size_t size;
        bool again, good;
    } cases[] = {{"", 0, true, true},    {"\0\0\0", 3, false, true}, {"\0\0", 2, true, true},
                 {"x", 1, false, false}, {"\0x", 2, false, false},   {"\x1f", 1, false, false},
                 {"x", 1, true, false}};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file.gz");
    archives_compress(path, "gzip", "text", 4);
    size_t size, count;
    char *bytes = temporary_get(path, &size), whole[200], wanted[600];
    struct sbmt_error err;
    ck_assert_uint_lt(2 * size + 10, sizeof whole);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = size;
        memcpy(whole, bytes, size);
        memcpy(whole + length, cases[i].behind, cases[i].size);
        length += cases[i].size;
        if (cases[i].again)
            memcpy(whole + length, bytes, size);
        length += cases[i].again ? size : 0;
        temporary_put(path, whole, length);
        ck_assert_msg(read_file(path, &count, &err) == cases[i].good, "case %zu", i);
        ck_assert(!cases[i].good || count == (cases[i].again ? 8 : 4));
    }
    snprintf(wanted, sizeof wanted,
             "%s: the gzip data ends at byte %zu, and what is behind it is none", path, size);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

static bool stop_reading(void *context, int64_t bytes, struct sbmt_error *err)
{
    int64_t *left = context;
    *left -= bytes;
    return *left > 0 || sbmt_fail(err, SBMT_ERROR_INTERRUPTED, "stopped");
}

/* Who watches is told of packed bytes, and may stop. */
START_TEST(test_watch)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    char *noise = make_noise(LARGE);
    for (int c = -1; c < COMPRESSIONS; c++) {
        struct sbmt_error err = {0};
        struct sbmt_stream stream;
        size_t size, count;
        if (c < 0)
            temporary_put(path, noise, LARGE);
        else
            archives_compress(path, compressions[c].filter, noise, LARGE);
        free(temporary_get(path, &size));
        for (int stop = 0; stop < 2; stop++) {
            int64_t left = (int64_t)size + !stop;
            const struct sbmt_stream_watch watch = {&left, stop_reading};
            ck_assert(sbmt_stream_open(&stream, path, &err));
            sbmt_stream_watch(&stream, &watch);
            free(drain(&stream, &count, &err));
            sbmt_stream_close(&stream);
            ck_assert_int_eq(left, !stop);
            ck_assert_int_eq(err.kind, stop ? SBMT_ERROR_INTERRUPTED : SBMT_ERROR_NONE);
        }
    }
    free(noise);
    temporary_remove(&temporary);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {test_compressions, 1},
        {test_archive_as_a_file, 1},
        {test_truncated, COMPRESSIONS},
        {test_damaged, COMPRESSIONS - 1},
        {test_refusals, 1},
        {test_members, ARCHIVES},
        {test_truncated_archives, ARCHIVES},
        {test_damaged_archives, ARCHIVES - 3},
        {test_cut_between_members, 3},
        {test_behind_gzip, 1},
        {test_watch, 1},
    };
    return sbmt_suite_run_loops("stream", tests, (int)(sizeof tests / sizeof tests[0]));
}
