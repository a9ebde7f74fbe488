/* ReLU. */
#include "core/nn/activation.h"

void sbmt_relu_forward(size_t count, real *x)
{
    for (size_t i = 0; i < count; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

void sbmt_relu_backward(size_t count, const real *y, real *dx)
{
    for (size_t i = 0; i < count; i++)
        dx[i] = y[i] > 0 ? dx[i] : 0;
}
