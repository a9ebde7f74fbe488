/* The named tensors of a checkpoint, whatever files they lie in. */
#ifndef SBMT_CORE_IO_WEIGHTS_H
#define SBMT_CORE_IO_WEIGHTS_H

#include "core/base/arena.h"
#include "core/io/strided.h"

struct sbmt_weights_file;

/** One tensor and the file it lies in. */
struct sbmt_weight {
    struct sbmt_strided tensor;
    const char *path;
};

/** An open checkpoint: everything points into mappings and the arena and lives until close. */
struct sbmt_weights {
    const char *path; /**< what was opened */
    int count;
    const struct sbmt_weight *tensors; /**< in the order of their names, which are distinct */
    struct sbmt_arena arena;
    int file_count;
    struct sbmt_weights_file *files;
};

/** Opens a file (safetensors; torch.save, both formats; an index of several such files,
 * *.index.json) or a folder that holds one as transformers names it: the first of
 * model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json.
 * Every tensor that an index names must be in the file that it names. A defect is SBMT_ERROR_DATA
 * that begins with the path of the file. */
SBMT_MUST_CHECK bool sbmt_weights_open(struct sbmt_weights *weights, const char *path,
                                       struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_weights_close(struct sbmt_weights *weights);

/** The tensor with a name, or NULL. */
const struct sbmt_weight *sbmt_weights_find(const struct sbmt_weights *weights, const char *name);

/** Writes a tensor as reals, row-major, into `out` after checking its shape; conversions are those
 * of sbmt_strided_read. */
SBMT_MUST_CHECK bool sbmt_weight_read(const struct sbmt_weight *weight, int rank,
                                      const int64_t *shape, real *out, struct sbmt_error *err);

#endif
