/* Tests of the file layer: what is written appears whole or not at all. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/file.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static void assert_content(const char *path, const char *text)
{
    size_t size;
    char *bytes = temporary_get(path, &size);
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_str_eq(bytes, text);
    free(bytes);
}

START_TEST(test_write_and_map)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    struct sbmt_error err = {0};
    /* Larger than the buffer, in pieces of all sizes, so that every way through it is taken. */
    enum { SIZE = 3000017 };
    unsigned char *bytes = malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)(i * 2654435761U >> 24);
    struct sbmt_writer writer;
    ck_assert(sbmt_writer_open(&writer, path, &err));
    ck_assert(!sbmt_file_exists(path));
    size_t position = 0, piece = 1;
    while (position < SIZE) {
        const size_t count = piece < SIZE - position ? piece : SIZE - position;
        ck_assert(sbmt_writer_write(&writer, bytes + position, count, &err));
        position += count;
        piece = piece * 3 + 1;
        ck_assert_uint_eq(writer.written, position);
    }
    ck_assert(!sbmt_file_exists(path));
    ck_assert(sbmt_writer_commit(&writer, &err));
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    struct sbmt_mapping mapping;
    ck_assert(sbmt_mapping_open(&mapping, path, &err));
    ck_assert_uint_eq(mapping.size, SIZE);
    ck_assert_mem_eq(mapping.bytes, bytes, SIZE);
    sbmt_mapping_close(&mapping);
    sbmt_mapping_close(&mapping);
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_mapping_refusals)
{
    struct temporary temporary = temporary_make();
    struct sbmt_mapping mapping;
    struct sbmt_error err = {0};
    char wanted[600];
    const char *path = temporary_path(&temporary, "absent");
    ck_assert(!sbmt_mapping_open(&mapping, path, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    snprintf(wanted, sizeof wanted, "%s: cannot open: No such file or directory", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert(!sbmt_mapping_open(&mapping, temporary.folder, &err));
    snprintf(wanted, sizeof wanted, "%s: is a folder, not a file", temporary.folder);
    ck_assert_str_eq(err.message, wanted);
    path = temporary_path(&temporary, "empty");
    temporary_text(path, "");
    ck_assert(sbmt_mapping_open(&mapping, path, &err));
    ck_assert_ptr_null(mapping.bytes);
    ck_assert_uint_eq(mapping.size, 0);
    sbmt_mapping_close(&mapping);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_abandon)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    struct sbmt_error err = {0};
    temporary_text(path, "old");
    struct sbmt_writer writer;
    ck_assert(sbmt_writer_open(&writer, path, &err));
    ck_assert_int_eq(temporary_count(temporary.folder), 2);
    ck_assert(sbmt_writer_write(&writer, "new", 3, &err));
    sbmt_writer_abandon(&writer);
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    assert_content(path, "old");
    sbmt_writer_abandon(&writer);
    /* A zeroed writer has descriptor 0, which is not its own to close. */
    ck_assert_int_ne(dup2(STDERR_FILENO, STDIN_FILENO), -1);
    struct sbmt_writer zeroed = {0};
    sbmt_writer_abandon(&zeroed);
    ck_assert_int_ne(fcntl(STDIN_FILENO, F_GETFD), -1);
    temporary_remove(&temporary);
}
END_TEST

/* Under a limit of the size of files a write fails halfway, as it does on a full disk. */
START_TEST(test_write_fails_halfway)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    struct sbmt_error err = {0};
    temporary_text(path, "old");
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit before = limit;
    limit.rlim_cur = 1000000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    char *bytes = calloc(1, 2000000);
    const bool written = sbmt_file_write(path, bytes, 2000000, &err);
    const bool small = sbmt_file_write(temporary_path(&temporary, "small"), bytes, 10, NULL);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    free(bytes);
    ck_assert(!written);
    ck_assert(small);
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    char wanted[600];
    snprintf(wanted, sizeof wanted,
             "%s: cannot write: File too large; the previous file is untouched", path);
    ck_assert_str_eq(err.message, wanted);
    assert_content(path, "old");
    ck_assert_int_eq(temporary_count(temporary.folder), 2);
    temporary_remove(&temporary);
}
END_TEST

/* Leads what is written to a device that is always full: the error of a full disk. */
static void fill_disk(const struct sbmt_writer *writer)
{
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ne(full, -1);
    ck_assert_int_eq(dup2(full, writer->descriptor), writer->descriptor);
    close(full);
}

static bool write_to_full_disk(const char *path, struct sbmt_error *err)
{
    struct sbmt_writer writer;
    ck_assert(sbmt_writer_open(&writer, path, err));
    fill_disk(&writer);
    ck_assert(sbmt_writer_write(&writer, "new", 3, err));
    return sbmt_writer_commit(&writer, err);
}

START_TEST(test_disk_full)
{
    if (!sbmt_file_exists("/dev/full"))
        return;
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    struct sbmt_error err = {0};
    temporary_text(path, "old");
    ck_assert(!write_to_full_disk(path, &err));
    char wanted[600];
    snprintf(wanted, sizeof wanted,
             "%s: cannot write: No space left on device; the previous file is untouched", path);
    ck_assert_str_eq(err.message, wanted);
    assert_content(path, "old");
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    path = temporary_path(&temporary, "first");
    ck_assert(!write_to_full_disk(path, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot write: No space left on device", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    temporary_remove(&temporary);
}
END_TEST

static const char *const together[] = {"a", "b", "c"};

/* Three files that belong together, open over old ones. */
static void open_together(struct temporary *temporary, struct sbmt_writer writer[3])
{
    for (int i = 0; i < 3; i++) {
        temporary_text(temporary_path(temporary, together[i]), "old");
        ck_assert(sbmt_writer_open(&writer[i], temporary_path(temporary, together[i]), NULL));
        ck_assert(sbmt_writer_write(&writer[i], "new", 3, NULL));
    }
}

static void assert_together(struct temporary *temporary, const char *text)
{
    for (int i = 0; i < 3; i++)
        assert_content(temporary_path(temporary, together[i]), text);
    ck_assert_int_eq(temporary_count(temporary->folder), 3);
}

START_TEST(test_commit_all)
{
    struct temporary temporary = temporary_make();
    struct sbmt_writer writer[3];
    struct sbmt_error err = {0};
    char wanted[700];
    open_together(&temporary, writer);
    ck_assert(sbmt_writer_commit_all(writer, 3, &err));
    assert_together(&temporary, "new");
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(writer[i].temporary);
    if (sbmt_file_exists("/dev/full")) {
        open_together(&temporary, writer);
        fill_disk(&writer[2]);
        ck_assert(!sbmt_writer_commit_all(writer, 3, &err));
        snprintf(wanted, sizeof wanted,
                 "%s: cannot write: No space left on device; the previous file is untouched",
                 temporary_path(&temporary, "c"));
        ck_assert_str_eq(err.message, wanted);
        assert_together(&temporary, "old");
    }
    /* What cannot be ruled out is said. */
    open_together(&temporary, writer);
    const char *path = temporary_path(&temporary, "b");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(sbmt_folder_make(path, NULL));
    ck_assert(!sbmt_writer_commit_all(writer, 3, &err));
    snprintf(wanted, sizeof wanted,
             "%s: cannot write: Is a directory; 1 of the 3 files that belong together are new "
             "already: write them again",
             path);
    ck_assert_str_eq(err.message, wanted);
    assert_content(temporary_path(&temporary, "a"), "new");
    assert_content(temporary_path(&temporary, "c"), "old");
    ck_assert_int_eq(temporary_count(temporary.folder), 3);
    temporary_remove(&temporary);
}
END_TEST

static mode_t mode_of(const char *path)
{
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status.st_mode & 07777;
}

START_TEST(test_mode)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    umask(027);
    ck_assert(sbmt_file_write(path, "new", 3, NULL));
    ck_assert_uint_eq(mode_of(path), 0640);
    static const mode_t modes[] = {0600, 0666, 0444, 0751};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        ck_assert_int_eq(chmod(path, modes[i]), 0);
        ck_assert(sbmt_file_write(path, "newer", 5, NULL));
        ck_assert_uint_eq(mode_of(path), modes[i]);
        assert_content(path, "newer");
    }
    temporary_remove(&temporary);
}
END_TEST

/* The file is replaced where it is, by one that was written beside it; the links stay. */
START_TEST(test_links)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a/link"),
               *file = temporary_path(&temporary, "b/file");
    char to[100];
    ck_assert(sbmt_folder_make(temporary_path(&temporary, "a"), NULL));
    ck_assert(sbmt_folder_make(temporary_path(&temporary, "b"), NULL));
    temporary_text(file, "old");
    ck_assert_int_eq(chmod(file, 0600), 0);
    ck_assert_int_eq(symlink("../b/file", temporary_path(&temporary, "a/middle")), 0);
    ck_assert_int_eq(symlink("middle", path), 0);
    struct sbmt_writer writer;
    ck_assert(sbmt_writer_open(&writer, path, NULL));
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "b")), 2);
    ck_assert(sbmt_writer_write(&writer, "new", 3, NULL));
    ck_assert(sbmt_writer_commit(&writer, NULL));
    assert_content(file, "new");
    ck_assert_uint_eq(mode_of(file), 0600);
    ck_assert_int_eq(readlink(path, to, sizeof to), 6);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "a")), 2);
    ck_assert_int_eq(temporary_count(temporary_path(&temporary, "b")), 1);
    temporary_remove(&temporary);
}
END_TEST

static void assert_refused(const char *path, const char *why)
{
    struct sbmt_writer writer;
    struct sbmt_error err = {0};
    char wanted[600];
    ck_assert(!sbmt_writer_open(&writer, path, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    snprintf(wanted, sizeof wanted, "%s: %s", path, why);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_ptr_null(writer.temporary);
}

/* What is there and no file that could be replaced stays what it is. */
START_TEST(test_no_regular_file)
{
    struct temporary temporary = temporary_make();
    const char *pipe = temporary_path(&temporary, "pipe"),
               *link = temporary_path(&temporary, "link");
    struct stat status;
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    assert_refused(pipe, "is not a regular file; give another name");
    ck_assert_int_eq(lstat(pipe, &status), 0);
    ck_assert(S_ISFIFO(status.st_mode));
    ck_assert_int_eq(symlink("pipe", link), 0);
    assert_refused(link, "is not a regular file; give another name");
    ck_assert_int_eq(unlink(pipe), 0);
    assert_refused(link, "is a link to a file that does not exist; make that file or remove the "
                         "link");
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(symlink("link", link), 0);
    assert_refused(link, "cannot write: Too many levels of symbolic links");
    ck_assert_int_eq(lstat(link, &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    temporary_remove(&temporary);
}
END_TEST

/* Writers with one process id, as threads have or containers with a common folder, do not meet. */
START_TEST(test_two_writers)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "file");
    struct sbmt_writer first, second;
    struct stat status;
    ck_assert(sbmt_writer_open(&first, path, NULL));
    ck_assert(sbmt_writer_open(&second, path, NULL));
    ck_assert_int_eq(temporary_count(temporary.folder), 2);
    ck_assert_str_eq(second.temporary + strlen(second.temporary) - 4, ".tmp");
    ck_assert(sbmt_writer_write(&first, "one", 3, NULL));
    ck_assert(sbmt_writer_write(&second, "other", 5, NULL));
    ck_assert(sbmt_writer_commit(&first, NULL));
    assert_content(path, "one");
    ck_assert(sbmt_writer_commit(&second, NULL));
    assert_content(path, "other");
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    /* Neither writes to where a link under the temporary name leads. */
    ck_assert(sbmt_writer_open(&first, path, NULL));
    char taken[600];
    snprintf(taken, sizeof taken, "%s", first.temporary);
    sbmt_writer_abandon(&first);
    ck_assert_int_eq(symlink("elsewhere", taken), 0);
    ck_assert(sbmt_file_write(path, "more", 4, NULL));
    assert_content(path, "more");
    ck_assert_int_eq(lstat(taken, &status), 0);
    ck_assert(!sbmt_file_exists(temporary_path(&temporary, "elsewhere")));
    temporary_remove(&temporary);
}
END_TEST

/* What is there exists, whether or not it can be read or followed. */
START_TEST(test_exists)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "name");
    ck_assert(!sbmt_file_exists(path));
    temporary_text(path, "");
    ck_assert(sbmt_file_exists(path));
    ck_assert(!sbmt_file_exists(temporary_path(&temporary, "name/below")));
    ck_assert_int_eq(chmod(path, 0), 0);
    const bool is_root = temporary_drop_rights(&temporary);
    ck_assert_int_ne(access(path, R_OK), 0);
    ck_assert(sbmt_file_exists(path));
    temporary_regain_rights(is_root);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("nothing", path), 0);
    ck_assert(sbmt_file_exists(path));
    ck_assert(sbmt_file_exists(temporary.folder));
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_write_into_nothing)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "absent/file");
    struct sbmt_error err = {0};
    ck_assert(!sbmt_file_write(path, "x", 1, &err));
    char wanted[600];
    snprintf(wanted, sizeof wanted, "%s: cannot write: No such file or directory", path);
    ck_assert_str_eq(err.message, wanted);
    /* The final name is a folder, seen at once; or became one, so that only renaming finds out. */
    path = temporary_path(&temporary, "folder");
    struct sbmt_writer writer;
    ck_assert(sbmt_writer_open(&writer, path, &err));
    ck_assert(sbmt_folder_make(path, &err));
    ck_assert(!sbmt_writer_commit(&writer, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "cannot write: Is a directory"));
    ck_assert(!sbmt_writer_open(&writer, path, &err));
    snprintf(wanted, sizeof wanted, "%s: is a folder where a file is to be written", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(temporary_count(temporary.folder), 1);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_relative_name)
{
    struct temporary temporary = temporary_make();
    ck_assert_int_eq(chdir(temporary.folder), 0);
    ck_assert(sbmt_file_write("here", "x", 1, NULL));
    assert_content("here", "x");
    ck_assert_int_eq(temporary_count("."), 1);
    ck_assert_int_eq(chdir("/"), 0);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_folders)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    const char *path = temporary_path(&temporary, "a/b/c/");
    ck_assert(sbmt_folder_make(path, &err));
    ck_assert(sbmt_folder_make(path, &err));
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert(S_ISDIR(status.st_mode));
    path = temporary_path(&temporary, "file");
    temporary_text(path, "");
    ck_assert(!sbmt_folder_make(temporary_path(&temporary, "file/below"), &err));
    char wanted[600];
    snprintf(wanted, sizeof wanted, "%s: is a file where a folder is needed", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert(!sbmt_folder_make("", &err));
    ck_assert(sbmt_folder_make("/", &err));
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("file", test_write_and_map, test_mapping_refusals, test_abandon,
                test_write_fails_halfway, test_disk_full, test_commit_all, test_mode, test_links,
                test_no_regular_file, test_two_writers, test_exists, test_write_into_nothing,
                test_relative_name, test_folders)
