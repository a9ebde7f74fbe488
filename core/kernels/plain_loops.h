/* Kernels whose plain loops every compiler turns into vectors by itself: the reference, and the
 * same source compiled again for each instruction set. Static, so that no instruction set's copy
 * can be linked into another's place. */
#ifndef SBMT_CORE_KERNELS_PLAIN_LOOPS_H
#define SBMT_CORE_KERNELS_PLAIN_LOOPS_H

#include "core/kernels/kernels.h"

static void softmax_backward(int count, const real *p, const real *dp, real delta, real scale,
                             real *ds)
{
    for (int i = 0; i < count; i++)
        ds[i] = p[i] * (dp[i] - delta) * scale;
}

static int draw(int count, const real *p, real shift, const uint32_t *bits, int32_t base,
                int32_t *columns)
{
    int found = 0;
    for (int j = 0; j < count; j++) {
        columns[found] = base + j;
        found += (real)sbmt_rng_unit(bits[j]) < p[j] + shift;
    }
    return found;
}

#endif
