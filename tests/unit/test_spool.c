/* Tests of bytes that wait on disk. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "data/spool.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/* Bytes that repeat only after long; the caller frees. */
static unsigned char *make_bytes(size_t size)
{
    unsigned char *bytes = malloc(size + 1);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 2654435761U >> 24);
    return bytes;
}

/* Spools `size` of them in pieces of all sizes. */
static void spool_bytes(struct sbmt_spool *spool, size_t size)
{
    unsigned char *bytes = make_bytes(size);
    for (size_t done = 0, piece = 1; done < size; piece = 3 * piece + 1) {
        const size_t count = piece < size - done ? piece : size - done;
        sbmt_spool_write(spool, bytes + done, count);
        done += count;
        ck_assert_uint_eq(spool->written, done);
    }
    free(bytes);
}

/* Bytes come back in order, behind what was written before, and leave no file. */
START_TEST(test_in_order)
{
    static const size_t sizes[] = {0, 1, 1 << 18, (1 << 18) + 1, 3000017};
    struct temporary temporary = temporary_make();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *path = temporary_path(&temporary, "file");
        struct sbmt_spool spool;
        struct sbmt_writer writer;
        struct sbmt_error err = {0};
        size_t size;
        ck_assert_msg(sbmt_spool_open(&spool, temporary.folder, &err), "%s", err.message);
        spool_bytes(&spool, sizes[i]);
        ck_assert(sbmt_writer_open(&writer, path, &err));
        ck_assert(sbmt_writer_write(&writer, "head", 4, &err));
        ck_assert_msg(sbmt_spool_copy(&spool, path, &writer, NULL, &err), "%s", err.message);
        ck_assert(sbmt_writer_commit(&writer, &err));
        sbmt_spool_close(&spool);
        sbmt_spool_close(&spool);
        char *bytes = temporary_get(path, &size);
        ck_assert_uint_eq(size, 4 + sizes[i]);
        ck_assert_mem_eq(bytes, "head", 4);
        unsigned char *spooled = make_bytes(sizes[i]);
        ck_assert(memcmp(bytes + 4, spooled, sizes[i]) == 0);
        free(spooled);
        free(bytes);
        ck_assert_int_eq(temporary_count(temporary.folder), 1);
    }
    temporary_remove(&temporary);
}
END_TEST

/* The folder never shows a name: killed halfway, nothing stays. */
START_TEST(test_nameless)
{
    struct temporary temporary = temporary_make();
    struct sbmt_spool spool;
    ck_assert(sbmt_spool_open(&spool, temporary.folder, NULL));
    spool_bytes(&spool, 1000000);
    ck_assert_int_eq(temporary_count(temporary.folder), 0);
    sbmt_spool_close(&spool);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_no_folder)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "absent");
    struct sbmt_spool spool;
    struct sbmt_error err = {0};
    char wanted[600];
    ck_assert(!sbmt_spool_open(&spool, path, &err));
    snprintf(wanted, sizeof wanted, "%s: cannot write prepared data here: %s", path,
             strerror(ENOENT));
    ck_assert_str_eq(err.message, wanted);
    sbmt_spool_close(&spool);
    temporary_remove(&temporary);
}
END_TEST

/* A copy of what could not be kept fails, naming the file that was to be. */
static void assert_not_kept(struct temporary *temporary, struct sbmt_spool *spool, int reason)
{
    const char *path = temporary_path(temporary, "file");
    struct sbmt_writer writer;
    struct sbmt_error err = {0};
    char wanted[600];
    ck_assert(sbmt_writer_open(&writer, path, NULL));
    ck_assert(!sbmt_spool_copy(spool, path, &writer, NULL, &err));
    sbmt_writer_abandon(&writer);
    snprintf(wanted, sizeof wanted, "%s: its tokens cannot be kept: %s", path, strerror(reason));
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert_int_eq(temporary_count(temporary->folder), 0);
}

/* Under a limit of the size of files a write fails halfway, as it does on a full disk. */
START_TEST(test_fails_halfway)
{
    struct temporary temporary = temporary_make();
    struct sbmt_spool spool;
    struct rlimit limit;
    ck_assert(sbmt_spool_open(&spool, temporary.folder, NULL));
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit before = limit;
    limit.rlim_cur = 1000000;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    spool_bytes(&spool, 3000000);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    /* What comes after it does not hide it. */
    sbmt_spool_write(&spool, "x", 1);
    assert_not_kept(&temporary, &spool, EFBIG);
    sbmt_spool_close(&spool);
    temporary_remove(&temporary);
}
END_TEST

/* The spool's file is replaced by a device that is always full. */
START_TEST(test_disk_full)
{
    const int full = open("/dev/full", O_RDWR | O_CLOEXEC);
    if (full < 0)
        return;
    struct temporary temporary = temporary_make();
    struct sbmt_spool spool;
    ck_assert(sbmt_spool_open(&spool, temporary.folder, NULL));
    ck_assert_int_ge(dup2(full, spool.descriptor), 0);
    close(full);
    /* So few bytes that they reach the disk only when they are copied. */
    sbmt_spool_write(&spool, "few", 3);
    assert_not_kept(&temporary, &spool, ENOSPC);
    sbmt_spool_close(&spool);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_truncated_behind_its_back)
{
    struct temporary temporary = temporary_make();
    struct sbmt_spool spool;
    ck_assert(sbmt_spool_open(&spool, temporary.folder, NULL));
    spool_bytes(&spool, 1000000);
    ck_assert_int_eq(ftruncate(spool.descriptor, 5), 0);
    /* The buffer that is still to come must not fill the hole unseen: it is at the end. */
    spool.used = 0;
    assert_not_kept(&temporary, &spool, EIO);
    sbmt_spool_close(&spool);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("spool", test_in_order, test_nameless, test_no_folder, test_fails_halfway,
                test_disk_full, test_truncated_behind_its_back)
