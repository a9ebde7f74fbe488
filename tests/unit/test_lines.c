/* Tests of reading lines, plain and compressed, whole and damaged. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "data/lines.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static void put_gz(const char *path, const char *bytes, size_t size)
{
    gzFile file = gzopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

static void assert_lines(const char *path, const char *const *wanted, int count)
{
    struct sbmt_error err = {0};
    struct sbmt_lines lines;
    ck_assert_msg(sbmt_lines_open(&lines, path, &err), "%s", err.message);
    for (int i = 0; i < count; i++) {
        ck_assert(sbmt_lines_next(&lines, &err));
        ck_assert_ptr_nonnull(lines.text);
        ck_assert_str_eq(lines.text, wanted[i]);
        ck_assert_uint_eq(lines.length, strlen(wanted[i]));
        ck_assert_int_eq(lines.number, i + 1);
    }
    /* The end stays the end. */
    for (int i = 0; i < 2; i++) {
        ck_assert(sbmt_lines_next(&lines, &err));
        ck_assert_ptr_null(lines.text);
        ck_assert_int_eq(lines.number, count);
    }
    sbmt_lines_close(&lines);
    sbmt_lines_close(&lines);
}

START_TEST(test_line_ends)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a"), *gz = temporary_path(&temporary, "a.gz");
    static const struct {
        const char *text;
        int count;
        const char *lines[4];
    } cases[] = {
        {"", 0, {0}},
        {"\n", 1, {""}},
        {"a", 1, {"a"}},
        {"a\n", 1, {"a"}},
        {"a\r\nb", 2, {"a", "b"}},
        {"a\r", 1, {"a\r"}},
        {"a\r\n\r\nb\n\n", 4, {"a", "", "b", ""}},
        {"a\rb\r\r\n", 1, {"a\rb\r"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        temporary_text(path, cases[i].text);
        assert_lines(path, cases[i].lines, cases[i].count);
        put_gz(gz, cases[i].text, strlen(cases[i].text));
        assert_lines(gz, cases[i].lines, cases[i].count);
        /* A gzip file is known by its content too. */
        put_gz(path, cases[i].text, strlen(cases[i].text));
        assert_lines(path, cases[i].lines, cases[i].count);
    }
    temporary_remove(&temporary);
}
END_TEST

/* Lines far longer than every buffer, with CR and LF on both sides of a buffer's end. */
START_TEST(test_long_lines)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a");
    enum { LONGEST = 1 << 20 };
    char *text = malloc(LONGEST + 3);
    for (int around = -2; around <= 1; around++) {
        for (int shift = 17; shift <= 20; shift += 3) {
            const size_t length = (size_t)((1 << shift) + (shift == 20 ? 0 : around));
            memset(text, 'x', length);
            memcpy(text + length, "\r\ny", 3);
            temporary_put(path, text, length + 3);
            struct sbmt_error err = {0};
            struct sbmt_lines lines;
            ck_assert(sbmt_lines_open(&lines, path, &err));
            ck_assert(sbmt_lines_next(&lines, &err));
            ck_assert_uint_eq(lines.length, length);
            ck_assert_mem_eq(lines.text, text, length);
            ck_assert(sbmt_lines_next(&lines, &err));
            ck_assert_str_eq(lines.text, "y");
            sbmt_lines_close(&lines);
        }
    }
    free(text);
    temporary_remove(&temporary);
}
END_TEST

/* Some thousand bytes may unpack to any number: no more than a line can have is kept. */
START_TEST(test_longest_line)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.gz");
    char wanted[600];
    struct sbmt_error err = {0};
    struct sbmt_lines lines;
    char *zeros = calloc(1, SBMT_LINES_LONGEST);
    ck_assert_ptr_nonnull(zeros);
    for (int over = 0; over < 2; over++) {
        gzFile file = gzopen(path, "wb1");
        gzwrite(file, "first\n", 6);
        gzwrite(file, zeros, SBMT_LINES_LONGEST);
        gzwrite(file, over ? "x\n" : "\n", over ? 2 : 1);
        ck_assert_int_eq(gzclose(file), Z_OK);
        ck_assert(sbmt_lines_open(&lines, path, &err));
        ck_assert(sbmt_lines_next(&lines, &err));
        ck_assert(sbmt_lines_next(&lines, &err) == !over);
        ck_assert(over || lines.length == SBMT_LINES_LONGEST);
        ck_assert_uint_le(lines.capacity, 2 * (size_t)SBMT_LINES_LONGEST);
        sbmt_lines_close(&lines);
    }
    snprintf(wanted, sizeof wanted,
             "%s:2: a line of more than 64 MiB: this is another file than it should be", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    free(zeros);
    temporary_remove(&temporary);
}
END_TEST

/* Only who asks is spared the mark, which is one in the first line. */
START_TEST(test_byte_order_mark)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a");
    static const char text[] = "\xEF\xBB\xBF"
                               "a\n\xEF\xBB\xBF"
                               "b\n";
    static const char *const all[] = {"\xEF\xBB\xBF"
                                      "a",
                                      "\xEF\xBB\xBF"
                                      "b"};
    struct sbmt_error err = {0};
    struct sbmt_lines lines;
    temporary_text(path, text);
    assert_lines(path, all, 2);
    ck_assert(sbmt_lines_open(&lines, path, &err));
    lines.skips_mark = true;
    ck_assert(sbmt_lines_next(&lines, &err));
    ck_assert_str_eq(lines.text, "a");
    ck_assert_uint_eq(lines.length, 1);
    ck_assert(sbmt_lines_next(&lines, &err));
    ck_assert_str_eq(lines.text, all[1]);
    sbmt_lines_close(&lines);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_zero_bytes)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a");
    temporary_put(path, "a\0b\n", 4);
    struct sbmt_error err = {0};
    struct sbmt_lines lines;
    ck_assert(sbmt_lines_open(&lines, path, &err));
    ck_assert(sbmt_lines_next(&lines, &err));
    ck_assert_uint_eq(lines.length, 3);
    ck_assert_mem_eq(lines.text, "a\0b", 4);
    sbmt_lines_close(&lines);
    temporary_remove(&temporary);
}
END_TEST

/* Reads to the end or the first error. */
static bool read_all(const char *path, int64_t *count, struct sbmt_error *err)
{
    struct sbmt_lines lines;
    *count = 0;
    if (!sbmt_lines_open(&lines, path, err))
        return false;
    bool read;
    while ((read = sbmt_lines_next(&lines, err)) && lines.text != NULL)
        *count = lines.number;
    sbmt_lines_close(&lines);
    return read;
}

/* A hundred lines that do not compress to almost nothing. */
static size_t make_text(char *text, size_t size)
{
    size_t used = 0;
    for (unsigned i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, size - used, "%u\n", i * 2654435761U);
    return used;
}

START_TEST(test_truncated_gzip_everywhere)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.gz");
    char text[2000];
    put_gz(path, text, make_text(text, sizeof text));
    struct sbmt_error err = {0};
    int64_t count;
    ck_assert(read_all(path, &count, &err));
    ck_assert_int_eq(count, 100);
    size_t size;
    char *bytes = temporary_get(path, &size), wanted[600];
    for (size_t length = 0; length < size; length++) {
        temporary_put(path, bytes, length);
        err = (struct sbmt_error){0};
        ck_assert_msg(!read_all(path, &count, &err), "cut at %zu", length);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        if (length < 2)
            snprintf(wanted, sizeof wanted, "%s: is named .gz but is not a gzip file", path);
        else
            snprintf(wanted, sizeof wanted, "%s:%d: the gzip data ends here: truncated", path,
                     (int)count + 1);
        ck_assert_str_eq(err.message, wanted);
    }
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_damaged_gzip)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.gz");
    char text[2000];
    put_gz(path, text, make_text(text, sizeof text));
    size_t size;
    char *bytes = temporary_get(path, &size);
    /* Any changed byte behind the header is found, at the latest by the checksum; only the byte in
     * front of the checksum has bits that mean nothing. */
    for (size_t i = 10; i < size; i++) {
        if (i == size - 9)
            continue;
        bytes[i] = (char)(bytes[i] ^ 0x10);
        temporary_put(path, bytes, size);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        struct sbmt_error err = {0};
        int64_t count;
        ck_assert_msg(!read_all(path, &count, &err), "changed at %zu", i);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_int_eq(strncmp(err.message, path, strlen(path)), 0);
        ck_assert_int_eq(err.message[strlen(path)], ':');
    }
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_refusals)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    struct sbmt_lines lines;
    char wanted[600];
    const char *path = temporary_path(&temporary, "absent");
    ck_assert(!sbmt_lines_open(&lines, path, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot open: No such file or directory", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    path = temporary_path(&temporary, "plain.gz");
    temporary_text(path, "plain text\n");
    ck_assert(!sbmt_lines_open(&lines, path, &err));
    snprintf(wanted, sizeof wanted, "%s: is named .gz but is not a gzip file", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    int64_t count;
    ck_assert(!read_all(temporary.folder, &count, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot read: Is a directory", temporary.folder);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    temporary_remove(&temporary);
}
END_TEST

/* Standard input may be a file, a pipe or a socket, and stays open. */
START_TEST(test_standard_input)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq((int)write(ends[1], "a\nb", 3), 3);
    close(ends[1]);
    assert_lines(SBMT_LINES_STANDARD_INPUT, (const char *const[]){"a", "b"}, 2);
    char byte;
    ck_assert_int_eq((int)read(STDIN_FILENO, &byte, 1), 0);
    ck_assert_str_eq(sbmt_lines_name(SBMT_LINES_STANDARD_INPUT), "standard input");
    ck_assert_str_eq(sbmt_lines_name("file"), "file");
    close(ends[0]);
    close(STDIN_FILENO);
    struct sbmt_lines lines;
    struct sbmt_error err = {0};
    ck_assert(!sbmt_lines_open(&lines, SBMT_LINES_STANDARD_INPUT, &err));
    ck_assert_str_eq(err.message, "standard input: cannot open: Bad file descriptor");
}
END_TEST

/* A pipe cannot be looked into before it is read; a file is read from where it stands. */
START_TEST(test_standard_input_by_content)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a");
    put_gz(path, "c\nd\n", 4);
    size_t size;
    char *bytes = temporary_get(path, &size);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_int_eq((int)write(ends[1], bytes, size), (int)size);
    close(ends[1]);
    close(ends[0]);
    assert_lines(SBMT_LINES_STANDARD_INPUT, (const char *const[]){"c", "d"}, 2);
    for (int front = 0; front < 2; front++) {
        FILE *file = fopen(path, "wb");
        ck_assert_ptr_nonnull(file);
        fputs(front ? "ab\n" : "", file);
        fwrite(bytes, 1, size, file);
        fclose(file);
        const int descriptor = open(path, O_RDONLY);
        ck_assert_int_eq(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
        close(descriptor);
        ck_assert_int_eq((int)lseek(STDIN_FILENO, front ? 3 : 0, SEEK_SET), front ? 3 : 0);
        assert_lines(SBMT_LINES_STANDARD_INPUT, (const char *const[]){"c", "d"}, 2);
    }
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("lines", test_line_ends, test_long_lines, test_longest_line, test_byte_order_mark,
                test_zero_bytes, test_truncated_gzip_everywhere, test_damaged_gzip, test_refusals,
                test_standard_input, test_standard_input_by_content)
