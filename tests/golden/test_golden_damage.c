/* Checkpoints that are damaged in every place: an error or other values, never a crash. A build
 * with sanitizers sees every byte that is read outside of the file. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/io/weights.h"
#include "tests/golden/golden.h"
#include "tests/suite.h"
#include "tests/temporary.h"

/* Small files of each format that is read by code of this program. */
static const char *const files[] = {"zip.pt", "legacy.pt"};

enum { FILES = sizeof files / sizeof files[0], MOST_ELEMENTS = 1 << 16 };

static char *read_golden(const char *name, size_t *size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/huggingface/small/%s", GOLDEN_FOLDER, name);
    return temporary_get(path, size);
}

/* Opens a file and reads what it holds. An error names the file and is a line. */
static bool read_all(const char *path)
{
    struct sbmt_weights weights;
    struct sbmt_error err = {0};
    if (!sbmt_weights_open(&weights, path, &err)) {
        ck_assert_msg(strncmp(err.message, path, strlen(path)) == 0, "%s", err.message);
        ck_assert_ptr_null(strchr(err.message, '\n'));
        return false;
    }
    for (int i = 0; i < weights.count; i++) {
        const struct sbmt_stored *stored = &weights.tensors[i].tensor.stored;
        /* A shape that repeats elements may be as large as it likes; nobody would ask for it. */
        if (stored->count > MOST_ELEMENTS)
            continue;
        real *values = malloc(stored->count * sizeof *values + 1);
        ck_assert_ptr_nonnull(values);
        ck_assert(sbmt_weight_read(&weights.tensors[i], stored->rank, stored->shape, values, &err));
        free(values);
    }
    sbmt_weights_close(&weights);
    return true;
}

START_TEST(whole_files_are_read)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/huggingface/small/%s", GOLDEN_FOLDER, files[_i]);
    ck_assert(read_all(path));
}
END_TEST

/* A copy of a golden file, open for damage. */
static int open_copy(const char *path, const char *name, size_t *size)
{
    char *bytes = read_golden(name, size);
    temporary_put(path, bytes, *size);
    free(bytes);
    const int descriptor = open(path, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(descriptor, 0);
    return descriptor;
}

START_TEST(a_changed_byte_does_no_harm)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "changed");
    size_t size;
    const int descriptor = open_copy(path, files[_i], &size);
    int refused = 0;
    for (off_t i = 0; i < (off_t)size; i++) {
        char kept;
        ck_assert_int_eq(pread(descriptor, &kept, 1, i), 1);
        for (int bit = 0; bit <= 8; bit++) {
            const char changed = (char)(kept ^ (bit < 8 ? 1 << bit : 0xFF));
            ck_assert_int_eq(pwrite(descriptor, &changed, 1, i), 1);
            refused += !read_all(path);
        }
        ck_assert_int_eq(pwrite(descriptor, &kept, 1, i), 1);
    }
    ck_assert(read_all(path));
    ck_assert_int_gt(refused, (int)size);
    close(descriptor);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(a_truncated_file_is_refused)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "truncated");
    size_t size;
    const int descriptor = open_copy(path, files[_i], &size);
    for (size_t left = size; left-- > 0;) {
        ck_assert_int_eq(ftruncate(descriptor, (off_t)left), 0);
        ck_assert_msg(!read_all(path), "%zu of %zu bytes are enough", left, size);
    }
    close(descriptor);
    temporary_remove(&temporary);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {whole_files_are_read, FILES},
        {a_changed_byte_does_no_harm, FILES},
        {a_truncated_file_is_refused, FILES},
    };
    return sbmt_suite_run_loops("golden damage", tests, 3);
}
