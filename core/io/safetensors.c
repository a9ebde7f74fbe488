/* safetensors: dtypes and lookup in an open file. */
#include "core/io/safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [SBMT_DTYPE_BOOL] = {"BOOL", 1}, [SBMT_DTYPE_U8] = {"U8", 1},   [SBMT_DTYPE_I8] = {"I8", 1},
    [SBMT_DTYPE_U16] = {"U16", 2},   [SBMT_DTYPE_I16] = {"I16", 2}, [SBMT_DTYPE_F16] = {"F16", 2},
    [SBMT_DTYPE_BF16] = {"BF16", 2}, [SBMT_DTYPE_I32] = {"I32", 4}, [SBMT_DTYPE_U32] = {"U32", 4},
    [SBMT_DTYPE_F32] = {"F32", 4},   [SBMT_DTYPE_F64] = {"F64", 8}, [SBMT_DTYPE_I64] = {"I64", 8},
    [SBMT_DTYPE_U64] = {"U64", 8},
};

size_t sbmt_dtype_size(enum sbmt_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *sbmt_dtype_name(enum sbmt_dtype dtype)
{
    return dtypes[dtype].name;
}

bool sbmt_dtype_find(const char *name, enum sbmt_dtype *dtype)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++) {
        if (strcmp(dtypes[i].name, name) == 0) {
            *dtype = (enum sbmt_dtype)i;
            return true;
        }
    }
    return false;
}

const struct sbmt_stored *sbmt_safetensors_find(const struct sbmt_safetensors *file,
                                                const char *name)
{
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

/* "[2, 3]" */
static void print_shape(int rank, const int64_t *shape, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%" PRId64, i > 0 ? ", " : "",
                                 shape[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
}

static bool has_shape(const struct sbmt_stored *tensor, int rank, const int64_t *shape)
{
    if (tensor->rank != rank)
        return false;
    for (int i = 0; i < rank; i++)
        if (tensor->shape[i] != shape[i])
            return false;
    return true;
}

bool sbmt_stored_check_shape(const struct sbmt_stored *tensor, int rank, const int64_t *shape,
                             const char *path, struct sbmt_error *err)
{
    if (has_shape(tensor, rank, shape))
        return true;
    char found[200], wanted[200];
    print_shape(tensor->rank, tensor->shape, found, sizeof found);
    print_shape(rank, shape, wanted, sizeof wanted);
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensor '%s' has shape %s, not %s", path,
                     tensor->name, found, wanted);
}

const struct sbmt_stored *sbmt_safetensors_need(const struct sbmt_safetensors *file,
                                                const char *name, enum sbmt_dtype dtype, int rank,
                                                const int64_t *shape, struct sbmt_error *err)
{
    const struct sbmt_stored *tensor = sbmt_safetensors_find(file, name);
    if (tensor == NULL) {
        sbmt_fail(err, SBMT_ERROR_DATA, "%s: there is no tensor '%s'", file->path, name);
        return NULL;
    }
    if (tensor->dtype != dtype) {
        sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensor '%s' has dtype %s, not %s", file->path, name,
                  sbmt_dtype_name(tensor->dtype), sbmt_dtype_name(dtype));
        return NULL;
    }
    const bool fits = rank < 0 || sbmt_stored_check_shape(tensor, rank, shape, file->path, err);
    return fits ? tensor : NULL;
}

const char *sbmt_safetensors_metadata(const struct sbmt_safetensors *file, const char *key)
{
    for (int i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[2 * i], key) == 0)
            return file->metadata[2 * i + 1];
    return NULL;
}
