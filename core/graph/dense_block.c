/* Products along the edges of a block that has most of its pairs. */
#include "core/graph/dense_block.h"

#include <string.h>

#include "core/graph/block.h"

bool sbmt_dense_init(struct sbmt_dense *dense, int rows, int keys, struct sbmt_arena *scratch)
{
    /* A little more than the keys, so that columns do not compete for the same cache lines. */
    const int width = (keys + 15) / 16 * 16 + 16;
    *dense = (struct sbmt_dense){
        .width = width,
        .tile = sbmt_arena_reals(scratch, (size_t)rows * (size_t)width),
    };
    for (int i = 0; i < 2; i++)
        dense->keys[i].turned = sbmt_arena_reals(scratch, SBMT_DENSE_WIDTH * (size_t)width);
    return !scratch->failed;
}

/* The block's keys of b by columns; made once for all blocks of these keys. */
static const real *turned(const struct sbmt_block *block, int d, const real *b, int b_stride)
{
    struct sbmt_dense *dense = block->dense;
    struct sbmt_turned_keys *keys = &dense->keys[dense->keys[0].of == b ? 0 : 1];
    if (dense->keys[0].of == NULL)
        keys = &dense->keys[0];
    if (keys->of == b && keys->first_key == block->first_key)
        return keys->turned;
    for (int j = 0; j < block->keys; j++) {
        const real *key = b + (size_t)(block->first_key + j) * (size_t)b_stride;
        for (int t = 0; t < d; t++)
            keys->turned[(size_t)t * (size_t)dense->width + (size_t)j] = key[t];
    }
    keys->of = b;
    keys->first_key = block->first_key;
    return keys->turned;
}

static const uint32_t *row_bits(const struct sbmt_block *block, int i)
{
    const struct sbmt_graph *graph = block->graph;
    return graph->bits + (size_t)(block->first + i) * (size_t)graph->words + block->first_key / 32;
}

/* From numbers of the pairs of a row to those of its edges. */
static void collect_row(const struct sbmt_block *block, int i, real scale, const real *from,
                        real *to)
{
    int count;
    const int32_t *column = sbmt_block_row(block, i, &count);
    if (block->graph->bits != NULL) {
        block->kernels->collect(sbmt_graph_words(block->keys), row_bits(block, i), scale, from, to);
    } else if (count == block->keys) {
        for (int e = 0; e < count; e++)
            to[e] = scale * from[e];
    } else {
        for (int e = 0; e < count; e++)
            to[e] = scale * from[column[e] - block->first_key];
    }
}

/* The reverse, with zeros where there is no edge. */
static void spread_row(const struct sbmt_block *block, int i, const real *from, real *to)
{
    int count;
    const int32_t *column = sbmt_block_row(block, i, &count);
    if (block->graph->bits != NULL) {
        block->kernels->spread(sbmt_graph_words(block->keys), row_bits(block, i), from, to);
    } else if (count == block->keys) {
        memcpy(to, from, (size_t)count * sizeof *to);
    } else {
        memset(to, 0, (size_t)block->keys * sizeof *to);
        for (int e = 0; e < count; e++)
            to[column[e] - block->first_key] = from[e];
    }
}

void sbmt_dense_dot(const struct sbmt_block *block, int d, const real *a, int a_stride,
                    const real *b, int b_stride, real scale, real *out)
{
    const struct sbmt_dense *dense = block->dense;
    block->kernels->product(block->rows, block->keys, d, false,
                            a + (size_t)block->first * (size_t)a_stride, a_stride, 1,
                            turned(block, d, b, b_stride), dense->width, dense->tile, dense->width);
    for (int i = 0; i < block->rows; i++)
        collect_row(block, i, scale, dense->tile + (size_t)i * (size_t)dense->width,
                    out + block->begin[i]);
}

/* The weights of the edges among zeros, in the tile. */
static const real *expanded(const struct sbmt_block *block, const real *weight)
{
    const struct sbmt_dense *dense = block->dense;
    for (int i = 0; i < block->rows; i++)
        spread_row(block, i, weight + block->begin[i],
                   dense->tile + (size_t)i * (size_t)dense->width);
    return dense->tile;
}

void sbmt_dense_gather(const struct sbmt_block *block, int d, const real *weight, const real *b,
                       int b_stride, real *out, int out_stride)
{
    block->kernels->product(block->rows, d, block->keys, true, expanded(block, weight),
                            block->dense->width, 1, b + (size_t)block->first_key * (size_t)b_stride,
                            b_stride, out + (size_t)block->first * (size_t)out_stride, out_stride);
}

void sbmt_dense_gather_turned(const struct sbmt_block *block, int d, const real *weight,
                              const real *a, int a_stride, real *out, int out_stride)
{
    block->kernels->product(block->keys, d, block->rows, true, expanded(block, weight), 1,
                            block->dense->width, a + (size_t)block->first * (size_t)a_stride,
                            a_stride, out + (size_t)block->first_key * (size_t)out_stride,
                            out_stride);
}
