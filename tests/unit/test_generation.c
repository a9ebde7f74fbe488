/* Tests of making the files of a task: all appear, or none. */
#include "data/generation.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/temporary.h"

static const char *const files[SBMT_SPLIT_COUNT] = {"train.tsv", "val.tsv", "test.tsv"};

static void assert_files(struct temporary *temporary, const char *text)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        char name[100];
        size_t size;
        snprintf(name, sizeof name, "made/%s", files[split]);
        char *bytes = temporary_get(temporary_path(temporary, name), &size);
        ck_assert_str_eq(bytes, text);
        free(bytes);
    }
    ck_assert_int_eq(temporary_count(temporary_path(temporary, "made")), SBMT_SPLIT_COUNT);
}

/* Writes a text to all three; under a full disk for the last of them. */
static bool make(struct temporary *temporary, const char *text, bool full, struct sbmt_error *err)
{
    struct sbmt_generation generation = {.unit = "lines"};
    ck_assert(sbmt_generation_open(&generation, temporary->folder, "made", files, true, err));
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        ck_assert(sbmt_writer_write(&generation.writer[split], text, strlen(text), err));
    if (full) {
        const int device = open("/dev/full", O_WRONLY | O_CLOEXEC),
                  last = generation.writer[SBMT_SPLIT_COUNT - 1].descriptor;
        ck_assert_int_eq(dup2(device, last), last);
        close(device);
    }
    const bool done = sbmt_generation_commit(&generation, err);
    sbmt_generation_abandon(&generation);
    return done;
}

START_TEST(all_or_none)
{
    struct temporary temporary = temporary_make();
    struct sbmt_error err = {0};
    ck_assert(make(&temporary, "old", false, &err));
    assert_files(&temporary, "old");
    if (access("/dev/full", W_OK) == 0) {
        ck_assert(!make(&temporary, "new", true, &err));
        ck_assert_ptr_nonnull(strstr(
            err.message, "test.tsv: cannot write: No space left on device; the previous file is "
                         "untouched"));
        assert_files(&temporary, "old");
    }
    ck_assert(make(&temporary, "new", false, &err));
    assert_files(&temporary, "new");
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("generation", all_or_none)
