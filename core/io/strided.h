/* A tensor in a file as a strided view of its elements, and its conversion to reals. */
#ifndef SBMT_CORE_IO_STRIDED_H
#define SBMT_CORE_IO_STRIDED_H

#include "core/base/real.h"
#include "core/io/safetensors.h"

/** Element (i, j, …) stands i·stride[0] + j·stride[1] + … elements behind `stored.bytes`, at no
 * particular alignment. */
struct sbmt_strided {
    struct sbmt_stored stored;
    int64_t stride[SBMT_MAX_RANK];
};

/** A stored tensor as it lies: row-major. */
struct sbmt_strided sbmt_strided_from(const struct sbmt_stored *stored);

/** Writes the elements in row-major order as reals: `out` has room for stored.count of them. F16,
 * BF16 and, in float, F32 exactly; F64 rounded to the nearest; integers and bools likewise. */
void sbmt_strided_read(const struct sbmt_strided *tensor, real *out);

#endif
