/* Products along the edges of a block. */
#include "core/graph/block.h"

/* Products of more columns go by slices, whose rows stay in the first level of cache. */
enum { SLICE = 64 };

void sbmt_block_dot(const struct sbmt_block *block, int d, const real *a, int a_stride,
                    const real *b, int b_stride, real scale, real *out)
{
    if (block->dense != NULL && d <= SBMT_DENSE_WIDTH) {
        sbmt_dense_dot(block, d, a, a_stride, b, b_stride, scale, out);
        return;
    }
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int32_t *column = sbmt_block_row(block, i, &count);
        const real *row = a + (size_t)(block->first + i) * (size_t)a_stride;
        if (count > 0)
            block->kernels->gather_dot(d, count, column, row, b, b_stride, scale,
                                       out + block->begin[i]);
    }
}

static int slice_width(int d, int from)
{
    return d - from < SLICE ? d - from : SLICE;
}

void sbmt_block_gather(const struct sbmt_block *block, int d, const real *weight, const real *b,
                       int b_stride, real *out, int out_stride)
{
    if (block->dense != NULL) {
        sbmt_dense_gather(block, d, weight, b, b_stride, out, out_stride);
        return;
    }
    out += (size_t)block->first * (size_t)out_stride;
    for (int j = 0; j < d; j += SLICE) {
        const int width = slice_width(d, j);
        for (int i = 0; i < block->rows; i++) {
            int count;
            const int32_t *column = sbmt_block_row(block, i, &count);
            if (count > 0)
                block->kernels->gather_add(width, count, column, weight + block->begin[i], b + j,
                                           b_stride, out + (size_t)i * (size_t)out_stride + j);
        }
    }
}

void sbmt_block_gather_turned(const struct sbmt_block *block, int d, const real *weight,
                              const real *a, int a_stride, real *out, int out_stride)
{
    if (block->dense != NULL) {
        sbmt_dense_gather_turned(block, d, weight, a, a_stride, out, out_stride);
        return;
    }
    a += (size_t)block->first * (size_t)a_stride;
    out += (size_t)block->first_key * (size_t)out_stride;
    for (int j = 0; j < d; j += SLICE) {
        const int width = slice_width(d, j);
        for (int key = 0; key < block->keys; key++) {
            const int at = block->turned_begin[key], count = block->turned_begin[key + 1] - at;
            if (count > 0)
                block->kernels->gather_add_turned(width, count, block->turned + at, weight, a + j,
                                                  a_stride,
                                                  out + (size_t)key * (size_t)out_stride + j);
        }
    }
}
