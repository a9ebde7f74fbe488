/* TensorBoard's format: the checksum's known answers, and the records of a file byte by byte. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "bench/tensorboard.h"
#include "tests/temporary.h"

START_TEST(checksum_known_answers)
{
    unsigned char bytes[32];
    ck_assert_uint_eq(sbmt_crc32c("123456789", 9), 0xE3069283);
    ck_assert_uint_eq(sbmt_crc32c("", 0), 0);
    memset(bytes, 0, sizeof bytes);
    ck_assert_uint_eq(sbmt_crc32c(bytes, sizeof bytes), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    ck_assert_uint_eq(sbmt_crc32c(bytes, sizeof bytes), 0x62A8AB43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    ck_assert_uint_eq(sbmt_crc32c(bytes, sizeof bytes), 0x46DD794E);
}
END_TEST

static uint64_t little_endian(const char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return value;
}

/* The masked checksum as the format defines it, read backwards: rotate by 15 and add. */
static bool checksum_fits(const char *bytes, size_t size, uint64_t masked)
{
    const uint32_t rotated = (uint32_t)masked - 0xA282EAD8U;
    return ((rotated << 15) | (rotated >> 17)) == sbmt_crc32c(bytes, size);
}

/* Checks the frame at *at and moves on; the record's bytes and size. */
static const char *next_record(const char *file, size_t size, size_t *at, size_t *length)
{
    ck_assert_uint_le(*at + 12, size);
    *length = (size_t)little_endian(file + *at, 8);
    ck_assert(checksum_fits(file + *at, 8, little_endian(file + *at + 8, 4)));
    const char *record = file + *at + 12;
    ck_assert_uint_le(*at + 12 + *length + 4, size);
    ck_assert(checksum_fits(record, *length, little_endian(record + *length, 4)));
    *at += 12 + *length + 4;
    return record;
}

START_TEST(records_of_a_file)
{
    struct temporary folder = temporary_make();
    struct sbmt_tensorboard board;
    struct sbmt_error err = {0};
    const struct sbmt_scalar scalars[] = {{"loss", 2.5}, {"bad", NAN}, {"lr", 0.25}};
    ck_assert(sbmt_tensorboard_open(&board, folder.folder, 300, 1.5, &err));
    ck_assert(sbmt_tensorboard_write(&board, 300, 1.5, scalars, 3, &err));
    ck_assert(sbmt_tensorboard_flush(&board, &err));
    sbmt_tensorboard_close(&board);
    const char *path = temporary_path(&folder, "events.out.tfevents.0000000001.sbmt");
    size_t size, at = 0, length;
    char *file = temporary_get(path, &size);

    const char time[] = "\x09\0\0\0\0\0\0\xF8\x3F";
    const char *record = next_record(file, size, &at, &length);
    ck_assert_uint_eq(length, 9 + 2 + 15);
    ck_assert_mem_eq(record, time, 9);
    ck_assert_mem_eq(record + 9,
                     "\x10\0\x1A\x0D"
                     "brain.Event:2",
                     17);

    record = next_record(file, size, &at, &length);
    ck_assert_uint_eq(length, 9 + 3 + 4);
    ck_assert_mem_eq(record + 9, "\x10\xAC\x02\x3A\x02\x08\x01", 7);

    record = next_record(file, size, &at, &length);
    const char event[] = "\x10\xAC\x02\x2A\x18"
                         "\x0A\x0B\x0A\x04loss\x15\0\0\x20\x40"
                         "\x0A\x09\x0A\x02lr\x15\0\0\x80\x3E";
    ck_assert_uint_eq(length, 9 + sizeof event - 1);
    ck_assert_mem_eq(record + 9, event, sizeof event - 1);
    ck_assert_uint_eq(at, size);
    free(file);
    temporary_remove(&folder);
}
END_TEST

/* {tag, HistogramProto}: numbers as fields 1 … 5, then limits and counts packed; none for what has
 * no numbers. */
START_TEST(histograms_of_a_file)
{
    struct temporary folder = temporary_make();
    struct sbmt_tensorboard board;
    struct sbmt_error err = {0};
    const double limit[] = {0.5, 1}, bucket[] = {1, 2};
    const struct sbmt_histogram histograms[] = {
        {.tag = "h",
         .count = 3,
         .least = 0.25,
         .most = 1,
         .sum = 2,
         .square_sum = 4,
         .buckets = 2,
         .limit = limit,
         .bucket = bucket},
        {.tag = "empty", .buckets = 2, .limit = limit, .bucket = bucket}};
    ck_assert(sbmt_tensorboard_open(&board, folder.folder, 1, 1.5, &err));
    ck_assert(sbmt_tensorboard_histograms(&board, 7, 1.5, histograms, 2, &err));
    ck_assert(sbmt_tensorboard_flush(&board, &err));
    sbmt_tensorboard_close(&board);
    size_t size, at = 0, length;
    char *file = temporary_get(temporary_path(&folder, "events.out.tfevents.0000000001.sbmt"),
                               &size);
    next_record(file, size, &at, &length);
    next_record(file, size, &at, &length);
    const char *record = next_record(file, size, &at, &length);
    const char event[] = "\x10\x07\x2A\x58\x0A\x56\x0A\x01h\x2A\x51"
                         "\x09\0\0\0\0\0\0\xD0\x3F"
                         "\x11\0\0\0\0\0\0\xF0\x3F"
                         "\x19\0\0\0\0\0\0\x08\x40"
                         "\x21\0\0\0\0\0\0\0\x40"
                         "\x29\0\0\0\0\0\0\x10\x40"
                         "\x32\x10\0\0\0\0\0\0\xE0\x3F\0\0\0\0\0\0\xF0\x3F"
                         "\x3A\x10\0\0\0\0\0\0\xF0\x3F\0\0\0\0\0\0\0\x40";
    ck_assert_uint_eq(length, 9 + sizeof event - 1);
    ck_assert_mem_eq(record + 9, event, sizeof event - 1);
    ck_assert_uint_eq(at, size);
    free(file);
    temporary_remove(&folder);
}
END_TEST

START_TEST(a_second_file_does_not_replace_the_first)
{
    struct temporary folder = temporary_make();
    struct sbmt_tensorboard board;
    struct sbmt_error err = {0};
    for (int i = 0; i < 2; i++) {
        ck_assert(sbmt_tensorboard_open(&board, folder.folder, 0, 7, &err));
        sbmt_tensorboard_close(&board);
    }
    ck_assert_int_eq(temporary_count(folder.folder), 2);
    ck_assert(!sbmt_tensorboard_open(&board, "/nonexistent", 0, 7, &err));
    ck_assert_str_eq(err.message, "/nonexistent/events.out.tfevents.0000000007.sbmt: cannot write: "
                                  "No such file or directory");
    temporary_remove(&folder);
}
END_TEST

SBMT_SUITE_MAIN("tensorboard", checksum_known_answers, records_of_a_file, histograms_of_a_file,
                a_second_file_does_not_replace_the_first)
