/* Strided tensors as reals. */
#include "core/io/strided.h"

#include <string.h>

#include "core/io/half.h"

struct sbmt_strided sbmt_strided_from(const struct sbmt_stored *stored)
{
    struct sbmt_strided tensor = {.stored = *stored};
    uint64_t stride = 1; /* may wrap where an extent is 0, and then means nothing */
    for (int i = stored->rank - 1; i >= 0; i--) {
        tensor.stride[i] = (int64_t)stride;
        stride *= (uint64_t)stored->shape[i];
    }
    return tensor;
}

/* Reads a value of a type that may stand unaligned, as a real. */
#define READ(type, convert)                                                                        \
    do {                                                                                           \
        type value;                                                                                \
        memcpy(&value, bytes, sizeof value);                                                       \
        return SBMT_R(convert(value));                                                             \
    } while (0)

static real read_element(enum sbmt_dtype dtype, const unsigned char *bytes)
{
    switch (dtype) {
    case SBMT_DTYPE_BOOL:
    case SBMT_DTYPE_U8:
        READ(uint8_t, );
    case SBMT_DTYPE_I8:
        READ(int8_t, );
    case SBMT_DTYPE_U16:
        READ(uint16_t, );
    case SBMT_DTYPE_I16:
        READ(int16_t, );
    case SBMT_DTYPE_F16:
        READ(uint16_t, sbmt_float_from_f16);
    case SBMT_DTYPE_BF16:
        READ(uint16_t, sbmt_float_from_bf16);
    case SBMT_DTYPE_I32:
        READ(int32_t, );
    case SBMT_DTYPE_U32:
        READ(uint32_t, );
    case SBMT_DTYPE_F32:
        READ(float, );
    case SBMT_DTYPE_F64:
        READ(double, );
    case SBMT_DTYPE_I64:
        READ(int64_t, );
    case SBMT_DTYPE_U64:
        READ(uint64_t, );
    }
    return 0;
}

static bool is_contiguous(const struct sbmt_strided *tensor)
{
    const struct sbmt_strided row_major = sbmt_strided_from(&tensor->stored);
    for (int i = 0; i < tensor->stored.rank; i++)
        if (tensor->stored.shape[i] != 1 && tensor->stride[i] != row_major.stride[i])
            return false;
    return true;
}

void sbmt_strided_read(const struct sbmt_strided *tensor, real *out)
{
    const struct sbmt_stored *stored = &tensor->stored;
    const enum sbmt_dtype own = SBMT_REAL_BITS == 64 ? SBMT_DTYPE_F64 : SBMT_DTYPE_F32;
    if (stored->count == 0)
        return;
    if (stored->dtype == own && is_contiguous(tensor)) {
        memcpy(out, stored->bytes, stored->count * sizeof *out);
        return;
    }
    const int64_t size = (int64_t)sbmt_dtype_size(stored->dtype);
    const unsigned char *bytes = stored->bytes;
    int64_t offset = 0;
    int64_t index[SBMT_MAX_RANK] = {0};
    for (size_t i = 0; i < stored->count; i++) {
        out[i] = read_element(stored->dtype, bytes + offset);
        /* On to the next index, the last dimension first. */
        for (int k = stored->rank - 1; k >= 0; k--) {
            offset += tensor->stride[k] * size;
            if (++index[k] < stored->shape[k])
                break;
            offset -= tensor->stride[k] * size * stored->shape[k];
            index[k] = 0;
        }
    }
}
