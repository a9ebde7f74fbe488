/* Depthwise convolution along a sequence.
 *
 * A channel's sequence is cut into blocks of BLOCK outputs, each of which depends on BLOCK + width
 * − 1 inputs by the same banded matrix, the filter moved along: so a channel is one product of the
 * matrix of its blocks' inputs, whose rows overlap in memory, with the band. */
#include "core/nn/conv.h"

#include <assert.h>

enum { BLOCK = 16 };

/* A channel's numbers side by side, between zeros as far as a filter reaches, for whole blocks. */
struct lines {
    const struct sbmt_conv *conv;
    int blocks, reach, inputs; /* inputs of a block */
    size_t length;             /* from a channel to the next; seldom a power of 2, for the cache */
};

static struct lines lines_of(const struct sbmt_conv *conv)
{
    assert(conv->width % 2 == 1);
    const int blocks = (conv->n + BLOCK - 1) / BLOCK;
    return (struct lines){
        .conv = conv,
        .blocks = blocks,
        .reach = conv->width / 2,
        .inputs = BLOCK + conv->width - 1,
        .length = (size_t)(blocks * BLOCK + conv->width - 1 + BLOCK),
    };
}

/* x (n, channels) channel by channel; NULL when memory is out. */
static real *gather(const struct lines *lines, const real *x, int stride,
                    struct sbmt_arena *scratch)
{
    const int n = lines->conv->n, channels = lines->conv->channels;
    real *line = sbmt_arena_zalloc(scratch, (size_t)channels * lines->length, sizeof *line);
    if (line == NULL)
        return NULL;
    for (int i = 0; i < n; i++) {
        const real *row = x + (size_t)i * (size_t)stride;
        for (int c = 0; c < channels; c++)
            line[(size_t)c * lines->length + (size_t)(lines->reach + i)] = row[c];
    }
    return line;
}

/* Adds what belongs to channels, without margins, to y (n, channels). */
static void scatter(const struct lines *lines, const real *line, real *y, int stride)
{
    const int n = lines->conv->n, channels = lines->conv->channels;
    for (int i = 0; i < n; i++) {
        real *row = y + (size_t)i * (size_t)stride;
        for (int c = 0; c < channels; c++)
            row[c] += line[(size_t)c * lines->length + (size_t)i];
    }
}

/* band (inputs, BLOCK): output j depends on inputs j … j + width − 1. The rest stays 0. */
static void fill_band(const real *filter, int width, bool turned, real *band)
{
    for (int j = 0; j < BLOCK; j++)
        for (int w = 0; w < width; w++)
            band[(size_t)(j + w) * BLOCK + (size_t)j] = filter[turned ? width - 1 - w : w];
}

/* Convolves channel by channel, with the filters as they are or turned round. */
static bool convolve(const struct lines *lines, const struct sbmt_kernels *kernels, bool turned,
                     const real *line, real *y, int stride, struct sbmt_arena *scratch)
{
    const struct sbmt_conv *conv = lines->conv;
    real *band = sbmt_arena_zalloc(scratch, (size_t)(lines->inputs * BLOCK), sizeof *band);
    real *out = sbmt_arena_reals(scratch, (size_t)conv->channels * lines->length);
    if (line == NULL || band == NULL || out == NULL)
        return false;
    for (int c = 0; c < conv->channels; c++) {
        const size_t at = (size_t)c * lines->length;
        if (c == 0 || conv->filter_stride != 0)
            fill_band(conv->filter + (size_t)c * (size_t)conv->filter_stride, conv->width, turned,
                      band);
        kernels->product(lines->blocks, BLOCK, lines->inputs, false, line + at, BLOCK, 1, band,
                         BLOCK, out + at, BLOCK);
    }
    scatter(lines, out, y, stride);
    return true;
}

bool sbmt_conv_forward(const struct sbmt_conv *conv, const struct sbmt_kernels *kernels,
                       const real *x, int x_stride, real *y, int y_stride,
                       struct sbmt_arena *scratch)
{
    const struct lines lines = lines_of(conv);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const real *line = gather(&lines, x, x_stride, scratch);
    if (!convolve(&lines, kernels, false, line, y, y_stride, scratch))
        return false;
    sbmt_arena_release(scratch, mark);
    return true;
}

/* With I the matrix of the blocks' inputs and dY (blocks, BLOCK): dband = Iᵀ·dY, and an entry of
 * the filter has the sum of dband along its diagonal. */
static bool filter_backward(const struct lines *lines, const struct sbmt_kernels *kernels,
                            const real *line, const real *dline, real *dfilter,
                            struct sbmt_arena *scratch)
{
    const struct sbmt_conv *conv = lines->conv;
    real *dband = sbmt_arena_reals(scratch, (size_t)(lines->inputs * BLOCK));
    if (line == NULL || dline == NULL || dband == NULL)
        return false;
    for (int c = 0; c < conv->channels; c++) {
        const size_t at = (size_t)c * lines->length;
        real *to = dfilter + (size_t)c * (size_t)conv->filter_stride;
        kernels->product(lines->inputs, BLOCK, lines->blocks, false, line + at, 1, BLOCK,
                         dline + at + lines->reach, BLOCK, dband, BLOCK);
        for (int w = 0; w < conv->width; w++)
            for (int j = 0; j < BLOCK; j++)
                to[w] += dband[(size_t)(w + j) * BLOCK + (size_t)j];
    }
    return true;
}

/* x_i takes part in y_{i − w + reach}: dx is dy convolved with the filters turned round. */
bool sbmt_conv_backward(const struct sbmt_conv *conv, const struct sbmt_kernels *kernels,
                        const real *x, int x_stride, const real *dy, int dy_stride, real *dx,
                        real *dfilter, struct sbmt_arena *scratch)
{
    const struct lines lines = lines_of(conv);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const real *line = gather(&lines, x, x_stride, scratch);
    const real *dline = gather(&lines, dy, dy_stride, scratch);
    if (!filter_backward(&lines, kernels, line, dline, dfilter, scratch) ||
        !convolve(&lines, kernels, true, dline, dx, x_stride, scratch))
        return false;
    sbmt_arena_release(scratch, mark);
    return true;
}
