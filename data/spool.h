/* Bytes that wait on disk until it is known what stands before them: a file without a name, which
 * is gone when the program ends, however it ends. */
#ifndef SBMT_DATA_SPOOL_H
#define SBMT_DATA_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "core/io/file.h"
#include "data/stream.h"

/** All zero is a valid closed one. */
struct sbmt_spool {
    char *buffer; /**< NULL: closed */
    int descriptor;
    size_t used;      /**< bytes in the buffer */
    uint64_t written; /**< bytes so far, those in the buffer included */
    int failure;      /**< errno of what went wrong first; 0: nothing */
};

/** Opens an empty one in a folder. */
SBMT_MUST_CHECK bool sbmt_spool_open(struct sbmt_spool *spool, const char *folder,
                                     struct sbmt_error *err);

/** Appends bytes. A failure is sticky and reported by sbmt_spool_copy. */
void sbmt_spool_write(struct sbmt_spool *spool, const void *bytes, size_t size);

/** Appends all bytes to a file being written. `path` names the spool in messages; `watch`, which
 * may be NULL, is told of the bytes. */
SBMT_MUST_CHECK bool sbmt_spool_copy(struct sbmt_spool *spool, const char *path,
                                     struct sbmt_writer *writer,
                                     const struct sbmt_stream_watch *watch, struct sbmt_error *err);

/** Reads `size` bytes from a place among those written. */
SBMT_MUST_CHECK bool sbmt_spool_read(struct sbmt_spool *spool, const char *path, uint64_t place,
                                     void *bytes, size_t size, struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_spool_close(struct sbmt_spool *spool);

#endif
