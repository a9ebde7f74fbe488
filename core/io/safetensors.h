/* safetensors: the one binary format for checkpoints, prepared data and dumps.
 *
 * A file is: u64 little-endian length N of the header; N bytes of JSON {name: {dtype, shape,
 * data_offsets: [begin, end]}, "__metadata__": {string: string}}; then the tensors' bytes,
 * row-major little-endian, without gaps. (Format description: huggingface/safetensors, README.) */
#ifndef SBMT_CORE_IO_SAFETENSORS_H
#define SBMT_CORE_IO_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/io/file.h"

enum {
    SBMT_MAX_RANK = 8,
    SBMT_HEADER_LIMIT = 100000000, /**< bytes of JSON that the format allows */
};

enum sbmt_dtype {
    SBMT_DTYPE_BOOL,
    SBMT_DTYPE_U8,
    SBMT_DTYPE_I8,
    SBMT_DTYPE_U16,
    SBMT_DTYPE_I16,
    SBMT_DTYPE_F16,
    SBMT_DTYPE_BF16,
    SBMT_DTYPE_I32,
    SBMT_DTYPE_U32,
    SBMT_DTYPE_F32,
    SBMT_DTYPE_F64,
    SBMT_DTYPE_I64,
    SBMT_DTYPE_U64,
};

/** One tensor of a file. */
struct sbmt_stored {
    const char *name;
    enum sbmt_dtype dtype;
    int rank;
    int64_t shape[SBMT_MAX_RANK];
    size_t count;      /**< number of elements */
    const void *bytes; /**< in the mapping (reading) or the caller's memory (writing) */
};

/** An open file: everything points into the mapping and the arena and lives until close. */
struct sbmt_safetensors {
    struct sbmt_mapping mapping;
    struct sbmt_arena arena;
    const char *path;
    int count;                         /**< number of tensors */
    const struct sbmt_stored *tensors; /**< in file order */
    int metadata_count;
    const char *const *metadata; /**< key, value, key, value, … */
};

/** Bytes of one element. */
size_t sbmt_dtype_size(enum sbmt_dtype dtype);

/** The name in the file format ("F32"). */
const char *sbmt_dtype_name(enum sbmt_dtype dtype);

/** The dtype with a name in the file format; false if there is none. */
bool sbmt_dtype_find(const char *name, enum sbmt_dtype *dtype);

/** Opens and checks a whole file: header length, JSON, dtypes, shapes, offsets in bounds, aligned
 * to their elements, without overlap or gap. Any defect is SBMT_ERROR_DATA naming the path and the
 *  tensor. */
SBMT_MUST_CHECK bool sbmt_safetensors_open(struct sbmt_safetensors *file, const char *path,
                                           struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_safetensors_close(struct sbmt_safetensors *file);

/** The tensor with a name, or NULL. */
const struct sbmt_stored *sbmt_safetensors_find(const struct sbmt_safetensors *file,
                                                const char *name);

/** The tensor with a name, a dtype and a shape (rank −1: any shape), or NULL with *err saying what
 *  differs. */
const struct sbmt_stored *sbmt_safetensors_need(const struct sbmt_safetensors *file,
                                                const char *name, enum sbmt_dtype dtype, int rank,
                                                const int64_t *shape, struct sbmt_error *err);

/** True if a tensor has a shape; otherwise *err says which it has in the file `path`. */
SBMT_MUST_CHECK bool sbmt_stored_check_shape(const struct sbmt_stored *tensor, int rank,
                                             const int64_t *shape, const char *path,
                                             struct sbmt_error *err);

/** A metadata value, or NULL. */
const char *sbmt_safetensors_metadata(const struct sbmt_safetensors *file, const char *key);

/** Writes a file, whole or not at all. `metadata` is key, value, … with `metadata_count` pairs.
 * Tensors are stored in the given order, the header padded with spaces to a multiple of 64 bytes,
 * so that mapped data is aligned. Keep wider dtypes first for alignment; sizes of elements must not
 * make a tensor start unaligned (an assertion). The same input gives the same bytes. */
SBMT_MUST_CHECK bool sbmt_safetensors_write(const char *path, const struct sbmt_stored *tensors,
                                            int count, const char *const *metadata,
                                            int metadata_count, struct sbmt_error *err);

/** The same in steps, for tensors that are not in memory: opens `writer` and writes the head; the
 * bytes of all tensors in their order must follow, then sbmt_writer_commit. */
SBMT_MUST_CHECK bool sbmt_safetensors_begin(struct sbmt_writer *writer, const char *path,
                                            const struct sbmt_stored *tensors, int count,
                                            const char *const *metadata, int metadata_count,
                                            struct sbmt_error *err);

/** Writes the bytes of tensors in memory. */
SBMT_MUST_CHECK bool sbmt_safetensors_bytes(struct sbmt_writer *writer,
                                            const struct sbmt_stored *tensors, int count,
                                            struct sbmt_error *err);

#endif
