/* The linear layer y = x·Wᵀ + b, in torch's layout: W is (outputs, inputs). */
#ifndef SBMT_CORE_NN_LINEAR_H
#define SBMT_CORE_NN_LINEAR_H

#include "core/kernels/kernels.h"

/** One use of a linear layer. */
struct sbmt_linear {
    int n, inputs, outputs;
    const real *weight; /**< (outputs, inputs) */
    const real *bias;   /**< (outputs); NULL: none */
};

/** y (n, outputs; rows y_stride apart) from x (n, inputs; rows x_stride apart). */
void sbmt_linear_forward(const struct sbmt_linear *linear, const real *x, int x_stride, real *y,
                         int y_stride);

/** Adds to dweight and dbias (NULL: none); dx, if not NULL, receives keep·dx + dy·W (keep 0 or 1).
 */
void sbmt_linear_backward(const struct sbmt_linear *linear, const real *x, int x_stride,
                          const real *dy, int dy_stride, real keep, real *dx, int dx_stride,
                          real *dweight, real *dbias);

#endif
