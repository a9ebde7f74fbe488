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

#endif
