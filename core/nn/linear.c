/* The linear layer, forward and backward. */
#include "core/nn/linear.h"

#include <string.h>

#include "core/kernels/gemm.h"

void sbmt_linear_forward(const struct sbmt_linear *linear, const real *x, int x_stride, real *y,
                         int y_stride)
{
    const size_t row = (size_t)linear->outputs * sizeof(real);
    if (linear->bias != NULL)
        for (int i = 0; i < linear->n; i++)
            memcpy(y + (size_t)i * (size_t)y_stride, linear->bias, row);
    sbmt_gemm_nt(linear->n, linear->outputs, linear->inputs, x, x_stride, linear->weight,
                 linear->inputs, linear->bias != NULL ? 1 : 0, y, y_stride);
}

void sbmt_linear_backward(const struct sbmt_linear *linear, const real *x, int x_stride,
                          const real *dy, int dy_stride, real keep, real *dx, int dx_stride,
                          real *dweight, real *dbias)
{
    sbmt_gemm_tn(linear->outputs, linear->inputs, linear->n, dy, dy_stride, x, x_stride, 1, dweight,
                 linear->inputs);
    if (dbias != NULL)
        for (int i = 0; i < linear->n; i++)
            for (int j = 0; j < linear->outputs; j++)
                dbias[j] += dy[(size_t)i * (size_t)dy_stride + (size_t)j];
    if (dx != NULL)
        sbmt_gemm(linear->n, linear->inputs, linear->outputs, dy, dy_stride, linear->weight,
                  linear->inputs, keep, dx, dx_stride);
}
