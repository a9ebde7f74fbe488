/* TensorBoard's file format, encoded by hand: a dozen fields do not need a library. */
#include "bench/tensorboard.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/base/str.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

uint32_t sbmt_crc32c(const void *bytes, size_t size)
{
    /* The reflected polynomial 0x82F63B78, four bits at a time. */
    static const uint32_t table[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
        0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
        0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };
    const unsigned char *byte = bytes;
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < size; i++) {
        crc ^= byte[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

/* Messages are encoded into byte strings. */
static void put_varint(struct sbmt_str *message, uint64_t value)
{
    do {
        const unsigned char byte = (unsigned char)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
        sbmt_str_append(message, (const char *)&byte, 1);
        value >>= 7;
    } while (value != 0);
}

static void put_little_endian(struct sbmt_str *message, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        const unsigned char byte = (unsigned char)(value >> (8 * i));
        sbmt_str_append(message, (const char *)&byte, 1);
    }
}

static void put_double(struct sbmt_str *message, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_little_endian(message, bits, 8);
}

static void put_tag(struct sbmt_str *message, int field, int wire)
{
    put_varint(message, (uint64_t)field << 3 | (uint64_t)wire);
}

static void put_bytes(struct sbmt_str *message, int field, const void *bytes, size_t size)
{
    put_tag(message, field, WIRE_BYTES);
    put_varint(message, size);
    sbmt_str_append(message, bytes, size);
}

/* Takes a message into another as a field of it, and frees it. */
static void put_message(struct sbmt_str *message, int field, struct sbmt_str *inner)
{
    if (inner->failed)
        message->failed = true;
    else
        put_bytes(message, field, inner->text, inner->length);
    sbmt_str_finish(inner);
}

static void put_header(struct sbmt_str *event, double wall_time, int64_t step)
{
    put_tag(event, 1, WIRE_FIXED64);
    put_double(event, wall_time);
    put_tag(event, 2, WIRE_VARINT);
    put_varint(event, (uint64_t)step);
}

/* Summary.Value {string tag = 1; float simple_value = 2}. */
static void put_scalar(struct sbmt_str *summary, const struct sbmt_scalar *scalar)
{
    struct sbmt_str value = {0};
    const float number = (float)scalar->value;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_bytes(&value, 1, scalar->tag, strlen(scalar->tag));
    put_tag(&value, 2, WIRE_FIXED32);
    put_little_endian(&value, bits, 4);
    put_message(summary, 1, &value);
}

static void put_packed(struct sbmt_str *message, int field, const double *values, int count)
{
    put_tag(message, field, WIRE_BYTES);
    put_varint(message, 8 * (uint64_t)count);
    for (int i = 0; i < count; i++)
        put_double(message, values[i]);
}

/* Summary.Value {string tag = 1; HistogramProto histo = 5}, of HistogramProto {double min = 1, max
 * = 2, num = 3, sum = 4, sum_squares = 5; repeated double bucket_limit = 6, bucket = 7, packed}
 * (tensorflow/core/framework/histogram.proto). */
static void put_histogram(struct sbmt_str *summary, const struct sbmt_histogram *histogram)
{
    struct sbmt_str value = {0}, numbers = {0};
    const double head[] = {histogram->least, histogram->most, histogram->count, histogram->sum,
                           histogram->square_sum};
    for (int i = 0; i < 5; i++) {
        put_tag(&numbers, i + 1, WIRE_FIXED64);
        put_double(&numbers, head[i]);
    }
    put_packed(&numbers, 6, histogram->limit, histogram->buckets);
    put_packed(&numbers, 7, histogram->bucket, histogram->buckets);
    put_bytes(&value, 1, histogram->tag, strlen(histogram->tag));
    put_message(&value, 5, &numbers);
    put_message(summary, 1, &value);
}

static bool fail_write(const struct sbmt_tensorboard *board, struct sbmt_error *err)
{
    return sbmt_fail_errno(err, "%s: cannot write", board->path);
}

static uint32_t masked_crc(const void *bytes, size_t size)
{
    const uint32_t crc = sbmt_crc32c(bytes, size);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

/* Writes a record of one event and frees the event. */
static bool write_record(struct sbmt_tensorboard *board, struct sbmt_str *event,
                         struct sbmt_error *err)
{
    struct sbmt_str record = {0};
    if (!event->failed) {
        put_little_endian(&record, event->length, 8);
        if (!record.failed)
            put_little_endian(&record, masked_crc(record.text, 8), 4);
        sbmt_str_append(&record, event->text, event->length);
        put_little_endian(&record, masked_crc(event->text, event->length), 4);
    }
    bool done = true;
    if (event->failed || record.failed)
        done = sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", board->path);
    else if (fwrite(record.text, 1, record.length, board->file) != record.length)
        done = fail_write(board, err);
    sbmt_str_finish(&record);
    sbmt_str_finish(event);
    return done;
}

/* The name begins with the time, for TensorBoard reads files of a folder in the order of names. */
static bool create(struct sbmt_tensorboard *board, const char *folder, double wall_time,
                   struct sbmt_error *err)
{
    for (long long second = (long long)wall_time;; second++) {
        snprintf(board->path, sizeof board->path, "%s/events.out.tfevents.%010lld.sbmt", folder,
                 second);
        const int descriptor = open(board->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno == EEXIST)
            continue;
        if (descriptor < 0)
            return fail_write(board, err);
        board->file = fdopen(descriptor, "wb");
        if (board->file != NULL)
            return true;
        close(descriptor);
        return fail_write(board, err);
    }
}

bool sbmt_tensorboard_open(struct sbmt_tensorboard *board, const char *folder, int64_t first_step,
                           double wall_time, struct sbmt_error *err)
{
    static const char version[] = "brain.Event:2";
    /* SessionLog {status = 1}: START. */
    static const unsigned char start[] = {0x08, 0x01};
    *board = (struct sbmt_tensorboard){0};
    if (!create(board, folder, wall_time, err))
        return false;
    struct sbmt_str first = {0}, second = {0};
    put_header(&first, wall_time, 0);
    put_bytes(&first, 3, version, sizeof version - 1);
    if (!write_record(board, &first, err))
        return false;
    put_header(&second, wall_time, first_step);
    put_bytes(&second, 7, start, sizeof start);
    return write_record(board, &second, err);
}

/* Writes a summary as an event and frees it. */
static bool write_summary(struct sbmt_tensorboard *board, int64_t step, double wall_time,
                          struct sbmt_str *summary, struct sbmt_error *err)
{
    struct sbmt_str event = {0};
    put_header(&event, wall_time, step);
    put_message(&event, 5, summary);
    return write_record(board, &event, err);
}

bool sbmt_tensorboard_write(struct sbmt_tensorboard *board, int64_t step, double wall_time,
                            const struct sbmt_scalar *scalars, int count, struct sbmt_error *err)
{
    struct sbmt_str summary = {0};
    for (int i = 0; i < count; i++)
        if (isfinite(scalars[i].value))
            put_scalar(&summary, &scalars[i]);
    return write_summary(board, step, wall_time, &summary, err);
}

bool sbmt_tensorboard_histograms(struct sbmt_tensorboard *board, int64_t step, double wall_time,
                                 const struct sbmt_histogram *histograms, int count,
                                 struct sbmt_error *err)
{
    struct sbmt_str summary = {0};
    for (int i = 0; i < count; i++)
        if (histograms[i].count > 0)
            put_histogram(&summary, &histograms[i]);
    return write_summary(board, step, wall_time, &summary, err);
}

bool sbmt_tensorboard_flush(struct sbmt_tensorboard *board, struct sbmt_error *err)
{
    return board->file == NULL || fflush(board->file) == 0 || fail_write(board, err);
}

void sbmt_tensorboard_close(struct sbmt_tensorboard *board)
{
    if (board->file != NULL)
        fclose(board->file);
    *board = (struct sbmt_tensorboard){0};
}
