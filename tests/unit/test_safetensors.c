/* Tests of safetensors files: what is written reads back, and every broken file is refused. */
#include <stdint.h>
#include <string.h>

#include "core/io/safetensors.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static const float floats[6] = {0.0F, -1.5F, 3.25F, 1e-30F, 1e30F, 7.0F};
static const int64_t longs[2] = {-5, 1LL << 60};
static const uint8_t bytes3[3] = {1, 2, 255};

/* A small file with a tensor of each width and awkward names. */
static bool write_sample(const char *path, struct sbmt_error *err)
{
    const struct sbmt_stored tensors[] = {
        {.name = "long", .dtype = SBMT_DTYPE_I64, .rank = 1, .shape = {2}, 2, longs},
        {.name = "a \"b\"\\\n", .dtype = SBMT_DTYPE_F32, .rank = 2, .shape = {2, 3}, 6, floats},
        {.name = "scalar", .dtype = SBMT_DTYPE_F32, .rank = 0, .count = 1, .bytes = floats + 1},
        {.name = "empty", .dtype = SBMT_DTYPE_U16, .rank = 2, .shape = {0, 4}, 0, floats},
        {.name = "byte", .dtype = SBMT_DTYPE_U8, .rank = 1, .shape = {3}, 3, bytes3},
    };
    const char *const metadata[] = {"key", "a \"value\"\t", "größe", "é"};
    return sbmt_safetensors_write(path, tensors, 5, metadata, 2, err);
}

START_TEST(test_round_trip)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.safetensors");
    struct sbmt_error err = {0};
    ck_assert(write_sample(path, &err));
    struct sbmt_safetensors file;
    ck_assert_msg(sbmt_safetensors_open(&file, path, &err), "%s", err.message);
    ck_assert_int_eq(file.count, 5);
    ck_assert_str_eq(file.tensors[0].name, "long");
    const struct sbmt_stored *found = sbmt_safetensors_find(&file, "a \"b\"\\\n");
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->count, 6);
    ck_assert_int_eq(found->shape[1], 3);
    ck_assert_mem_eq(found->bytes, floats, sizeof floats);
    ck_assert_uint_eq((uintptr_t)file.tensors[0].bytes % 64, 0);
    found = sbmt_safetensors_find(&file, "scalar");
    ck_assert_int_eq(found->rank, 0);
    ck_assert_mem_eq(found->bytes, floats + 1, 4);
    ck_assert_uint_eq(sbmt_safetensors_find(&file, "empty")->count, 0);
    ck_assert_mem_eq(sbmt_safetensors_find(&file, "byte")->bytes, bytes3, 3);
    ck_assert_mem_eq(sbmt_safetensors_find(&file, "long")->bytes, longs, sizeof longs);
    ck_assert_ptr_null(sbmt_safetensors_find(&file, "none"));
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "key"), "a \"value\"\t");
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "größe"), "é");
    ck_assert_ptr_null(sbmt_safetensors_metadata(&file, "none"));
    sbmt_safetensors_close(&file);
    sbmt_safetensors_close(&file);
    temporary_remove(&temporary);
}
END_TEST

/* The exact bytes: the format is fixed by others, not by what this reader accepts. */
START_TEST(test_written_bytes)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.safetensors");
    const struct sbmt_stored tensor = {
        .name = "x", .dtype = SBMT_DTYPE_U16, .rank = 1, .shape = {2}, 2, "\1\0\2"};
    const char *const metadata[] = {"k", "v"};
    struct sbmt_error err = {0};
    ck_assert(sbmt_safetensors_write(path, &tensor, 1, metadata, 1, &err));
    static const char json[] = "{\"__metadata__\":{\"k\":\"v\"},"
                               "\"x\":{\"dtype\":\"U16\",\"shape\":[2],\"data_offsets\":[0,4]}}";
    size_t size;
    char *bytes = temporary_get(path, &size);
    ck_assert_uint_eq(size, 128 + 4);
    ck_assert_mem_eq(bytes, "\x78\0\0\0\0\0\0\0", 8);
    ck_assert_mem_eq(bytes + 8, json, sizeof json - 1);
    for (size_t i = 8 + sizeof json - 1; i < 128; i++)
        ck_assert_int_eq(bytes[i], ' ');
    ck_assert_mem_eq(bytes + 128, "\1\0\2\0", 4);
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_need)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.safetensors");
    struct sbmt_error err = {0};
    ck_assert(write_sample(path, &err));
    struct sbmt_safetensors file;
    ck_assert(sbmt_safetensors_open(&file, path, &err));
    const int64_t shape[] = {2}, other[] = {2, 3};
    char wanted[700];
    ck_assert_ptr_nonnull(sbmt_safetensors_need(&file, "long", SBMT_DTYPE_I64, 1, shape, &err));
    ck_assert_ptr_nonnull(sbmt_safetensors_need(&file, "long", SBMT_DTYPE_I64, -1, NULL, &err));
    ck_assert_ptr_nonnull(sbmt_safetensors_need(&file, "scalar", SBMT_DTYPE_F32, 0, NULL, &err));
    ck_assert_ptr_null(sbmt_safetensors_need(&file, "none", SBMT_DTYPE_I64, 1, shape, &err));
    snprintf(wanted, sizeof wanted, "%s: there is no tensor 'none'", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_ptr_null(sbmt_safetensors_need(&file, "long", SBMT_DTYPE_F32, 1, shape, &err));
    snprintf(wanted, sizeof wanted, "%s: tensor 'long' has dtype I64, not F32", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_ptr_null(sbmt_safetensors_need(&file, "long", SBMT_DTYPE_I64, 2, other, &err));
    snprintf(wanted, sizeof wanted, "%s: tensor 'long' has shape [2], not [2, 3]", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    sbmt_safetensors_close(&file);
    temporary_remove(&temporary);
}
END_TEST

/* Writes a file from a header and `size` zero bytes of data, opens it, and keeps the message
 * without the path. */
static bool open_made(const char *header, size_t size, char *message, size_t message_size)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.safetensors");
    char bytes[2048] = {0};
    const uint64_t length = strlen(header);
    ck_assert_uint_le(8 + length + size, sizeof bytes);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    temporary_put(path, bytes, 8 + length + size);
    struct sbmt_error err = {0};
    struct sbmt_safetensors file;
    const bool opened = sbmt_safetensors_open(&file, path, &err);
    if (opened) {
        sbmt_safetensors_close(&file);
    } else {
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_int_eq(strncmp(err.message, path, strlen(path)), 0);
        ck_assert_ptr_null(strchr(err.message, '\n'));
        snprintf(message, message_size, "%s", err.message + strlen(path) + 2);
    }
    temporary_remove(&temporary);
    return opened;
}

static void assert_refused(const char *header, size_t size, const char *wanted)
{
    char message[1024] = "(accepted)";
    ck_assert_msg(!open_made(header, size, message, sizeof message), "accepted: %s", header);
    ck_assert_str_eq(message, wanted);
}

static void assert_accepted(const char *header, size_t size)
{
    char message[1024] = "";
    ck_assert_msg(open_made(header, size, message, sizeof message), "%s: %s", header, message);
}

/* One tensor "x" with its three values as given. */
#define ONE(dtype, shape, offsets)                                                                 \
    "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define TWO(first, second)                                                                         \
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" first "},"                          \
    "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" second "}}"

START_TEST(test_valid_forms)
{
    assert_accepted("{}", 0);
    assert_accepted("{}     ", 0);
    assert_accepted(ONE("\"U8\"", "[2,3]", "[0,6]"), 6);
    assert_accepted(ONE("\"U8\"", "[0]", "[0,0]"), 0);
    assert_accepted(TWO("[0,4]", "[4,8]"), 8);
    assert_accepted(TWO("[4,8]", "[0,4]"), 8);
    assert_accepted("{\"__metadata__\":{}}", 0);
}
END_TEST

START_TEST(test_broken_json)
{
    assert_refused("", 0, "the header is not valid JSON (near byte 8)");
    assert_refused("[]", 0, "the header is not valid JSON (near byte 8)");
    assert_refused(" {}", 0, "the header is not valid JSON (near byte 8)");
    assert_refused("{} x", 0, "the header is not valid JSON (near byte 10)");
    assert_refused("{}\n", 0, "the header is not valid JSON (near byte 10)");
    assert_refused("{\"a\":", 0, "the header is not valid JSON (near byte 12)");
    assert_refused("{\"__metadata__\":[]}", 0, "__metadata__ in the header is not a JSON object");
    assert_refused("{\"__metadata__\":{\"k\":1}}", 0, "metadata 'k' is not a string");
    assert_refused("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0,
                   "metadata 'k' occurs twice in the header");
    assert_refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0,
                   "name '__metadata__' occurs twice in the header");
    assert_refused("{\"a\\nb\":3}", 0, "tensor 'a?b': its description is not a JSON object");
}
END_TEST

START_TEST(test_broken_descriptions)
{
    assert_refused(ONE("\"F7\"", "[1]", "[0,4]"), 4, "tensor 'x': dtype 'F7' is not known");
    assert_refused(ONE("4", "[1]", "[0,4]"), 4, "tensor 'x': 'dtype' is missing or not a string");
    assert_refused(ONE("\"F32\"", "1", "[0,4]"), 4, "tensor 'x': 'shape' is missing or not a list");
    static const char not_a_size[] = "tensor 'x': 'shape' holds something other than a size";
    assert_refused(ONE("\"F32\"", "[-1]", "[0,4]"), 4, not_a_size);
    assert_refused(ONE("\"F32\"", "[1.5]", "[0,4]"), 4, not_a_size);
    assert_refused(ONE("\"F32\"", "[\"1\"]", "[0,4]"), 4, not_a_size);
    assert_refused(ONE("\"F32\"", "[1e400]", "[0,4]"), 4, not_a_size);
    /* 2^53 + 2: the first even number above what a double keeps apart from its neighbours. */
    assert_refused(ONE("\"F32\"", "[9007199254740994]", "[0,4]"), 4, not_a_size);
    assert_refused(ONE("\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4,
                   "tensor 'x': has more than 8 dimensions");
    assert_refused(ONE("\"F32\"", "[4294967296,4294967296]", "[0,0]"), 0,
                   "tensor 'x': 'shape' is too large");
    assert_refused(ONE("\"F32\"", "[4294967296,4294967296,0]", "[0,0]"), 0,
                   "tensor 'x': 'shape' is too large");
    static const char not_a_pair[] =
        "tensor 'x': 'data_offsets' is missing or not a pair of positions";
    assert_refused(ONE("\"F32\"", "[1]", "[0]"), 4, not_a_pair);
    assert_refused(ONE("\"F32\"", "[1]", "[0,4,4]"), 4, not_a_pair);
    assert_refused(ONE("\"F32\"", "[1]", "[-4,0]"), 4, not_a_pair);
    assert_refused(ONE("\"F32\"", "[1]", "{}"), 4, not_a_pair);
    assert_refused("{\"x\":{\"dtype\":\"U8\",\"shape\":[0]}}", 0, not_a_pair);
    assert_refused("{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"y\":1}}", 0,
                   "tensor 'x': its description has more than dtype, shape and data_offsets");
}
END_TEST

START_TEST(test_broken_layout)
{
    assert_refused(ONE("\"F32\"", "[1]", "[4,0]"), 4,
                   "tensor 'x': ends at byte 0, before it begins at 4");
    assert_refused(ONE("\"F32\"", "[2]", "[0,8]"), 7,
                   "tensor 'x': ends at byte 8 of 7: the file is truncated or damaged");
    assert_refused(ONE("\"F32\"", "[2]", "[0,4]"), 4,
                   "tensor 'x': occupies 4 bytes, its shape needs 8");
    assert_refused(TWO("[0,4]", "[3,7]"), 7, "tensor 'b': overlaps the tensor before it at byte 3");
    assert_refused(TWO("[0,4]", "[0,4]"), 4, "tensor 'b': overlaps the tensor before it at byte 0");
    assert_refused(TWO("[0,4]", "[5,9]"), 9,
                   "tensor 'b': begins at byte 5 and leaves a gap after byte 4");
    assert_refused(TWO("[1,5]", "[5,9]"), 9,
                   "tensor 'a': begins at byte 1 and leaves a gap after byte 0");
    assert_refused(TWO("[0,4]", "[4,8]"), 9, "1 bytes after the last tensor belong to none");
    assert_refused("{}", 5, "5 bytes after the last tensor belong to none");
    assert_refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                   "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
                   4, "name 'a' occurs twice in the header");
    /* The header has 59 bytes, so the data begins at byte 67. */
    assert_refused(ONE("\"F32\"", "[1]", "[0,4]") "     ", 4,
                   "tensor 'x': is not aligned to its elements in the file");
}
END_TEST

START_TEST(test_header_length)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.safetensors");
    struct sbmt_error err = {0};
    struct sbmt_safetensors file;
    static const struct {
        uint64_t length;
        const char *wanted;
    } cases[] = {
        {3, "truncated: the header needs 3 bytes, the file has 2"},
        {100000000, "truncated: the header needs 100000000 bytes, the file has 2"},
        {100000001, "not a safetensors file: a header of 100000001 bytes is over the limit of "
                    "100000000"},
        {UINT64_MAX, "not a safetensors file: a header of 18446744073709551615 bytes is over the "
                     "limit of 100000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[10] = "........{}";
        memcpy(bytes, &cases[i].length, 8);
        temporary_put(path, bytes, sizeof bytes);
        ck_assert(!sbmt_safetensors_open(&file, path, &err));
        ck_assert_str_eq(err.message + strlen(path) + 2, cases[i].wanted);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    }
    temporary_remove(&temporary);
}
END_TEST

/* A file cut anywhere is refused, and one with any single byte of its header changed does not
 * crash. */
START_TEST(test_truncated_and_damaged_everywhere)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "a.safetensors");
    const char *cut = temporary_path(&temporary, "cut");
    struct sbmt_error err = {0};
    struct sbmt_safetensors file;
    ck_assert(write_sample(path, &err));
    size_t size;
    char *bytes = temporary_get(path, &size);
    for (size_t length = 0; length < size; length++) {
        temporary_put(cut, bytes, length);
        err = (struct sbmt_error){0};
        ck_assert(!sbmt_safetensors_open(&file, cut, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_int_eq(strncmp(err.message, cut, strlen(cut)), 0);
    }
    for (size_t i = 0; i < size; i++) {
        const char before = bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] = (char)(before ^ (1 << bit));
            temporary_put(cut, bytes, size);
            if (sbmt_safetensors_open(&file, cut, &err))
                sbmt_safetensors_close(&file);
        }
        bytes[i] = before;
    }
    free(bytes);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_missing_file)
{
    struct sbmt_error err = {0};
    struct sbmt_safetensors file;
    ck_assert(!sbmt_safetensors_open(&file, "/nonexistent/file", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert_str_eq(err.message, "/nonexistent/file: cannot open: No such file or directory");
}
END_TEST

SBMT_SUITE_MAIN("safetensors", test_round_trip, test_written_bytes, test_need, test_valid_forms,
                test_broken_json, test_broken_descriptions, test_broken_layout, test_header_length,
                test_truncated_and_damaged_everywhere, test_missing_file)
