/* Pooling. */
#include "core/nn/pool.h"

#include <stddef.h>

void sbmt_pool_forward(int count, int d, real divisor, const real *x, real *out)
{
    for (int j = 0; j < d; j++)
        out[j] = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < d; j++)
            out[j] += x[(size_t)i * (size_t)d + (size_t)j];
    for (int j = 0; j < d; j++)
        out[j] /= divisor;
}

void sbmt_pool_backward(int n, int count, int d, real divisor, const real *dout, real *dx)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < d; j++)
            dx[(size_t)i * (size_t)d + (size_t)j] = i < count ? dout[j] / divisor : 0;
}
