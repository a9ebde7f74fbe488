/* Scalars and histograms in TensorBoard's file format.
 *
 * A file is records: u64 length; masked CRC-32C of the length; bytes; masked CRC-32C of the bytes
 * (all little-endian; tensorflow/core/lib/io/record_writer.h). A record is a protocol-buffer
 * message Event {double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary =
 * 5; SessionLog session_log = 7} (tensorflow/core/util/event.proto). */
#ifndef SBMT_BENCH_TENSORBOARD_H
#define SBMT_BENCH_TENSORBOARD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/error.h"

/** An events file being written. All zero is a valid closed one. */
struct sbmt_tensorboard {
    FILE *file;
    char path[4096];
};

/** A named value. */
struct sbmt_scalar {
    const char *tag;
    double value;
};

/** A named distribution of numbers: bucket b has those above limit[b − 1] and up to limit[b]. */
struct sbmt_histogram {
    const char *tag;
    double count, least, most, sum, square_sum;
    int buckets;
    const double *limit, *bucket; /**< (buckets) */
};

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4). */
uint32_t sbmt_crc32c(const void *bytes, size_t size);

/** Makes a new events file in a folder. `first_step` is the first step that this process may write:
 * TensorBoard drops what earlier files of the folder hold from that step on, which is how a resumed
 * run replaces what was written after its checkpoint. */
SBMT_MUST_CHECK bool sbmt_tensorboard_open(struct sbmt_tensorboard *board, const char *folder,
                                           int64_t first_step, double wall_time,
                                           struct sbmt_error *err);

/** Appends one event with some scalars; values that are not finite are left out. */
SBMT_MUST_CHECK bool sbmt_tensorboard_write(struct sbmt_tensorboard *board, int64_t step,
                                            double wall_time, const struct sbmt_scalar *scalars,
                                            int count, struct sbmt_error *err);

/** Appends one event with some histograms; those without numbers are left out. */
SBMT_MUST_CHECK bool sbmt_tensorboard_histograms(struct sbmt_tensorboard *board, int64_t step,
                                                 double wall_time,
                                                 const struct sbmt_histogram *histograms, int count,
                                                 struct sbmt_error *err);

/** Hands what is buffered to the system. */
SBMT_MUST_CHECK bool sbmt_tensorboard_flush(struct sbmt_tensorboard *board, struct sbmt_error *err);

/** Closes; what could not be written is lost. Accepts a zeroed struct. */
void sbmt_tensorboard_close(struct sbmt_tensorboard *board);

#endif
