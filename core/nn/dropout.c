/* Dropout with masks from counters. */
#include "core/nn/dropout.h"

struct sbmt_dropout sbmt_dropout_make(double rate)
{
    const double steps = 65536;
    const uint32_t threshold = (uint32_t)(rate * steps + 0.5);
    return (struct sbmt_dropout){threshold, SBMT_R(steps / (steps - threshold))};
}

bool sbmt_dropout_apply(const struct sbmt_kernels *kernels, struct sbmt_dropout dropout,
                        struct sbmt_rng_key key, int n, int d, real *x, int stride,
                        struct sbmt_arena *scratch)
{
    if (dropout.threshold == 0)
        return true;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const int blocks = (d + 7) / 8;
    uint32_t *bits = sbmt_arena_alloc(scratch, (size_t)blocks * 4 * sizeof *bits);
    if (bits == NULL)
        return false;
    for (int i = 0; i < n; i++) {
        kernels->random_bits(key, (uint32_t)i, 0, blocks, bits);
        kernels->dropout(d, bits, dropout.threshold, dropout.scale, x + (size_t)i * (size_t)stride);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}
