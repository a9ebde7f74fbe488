/* Activations beyond the kernel table's: ReLU. (GELU, exact erf, is a kernel.) */
#ifndef SBMT_CORE_NN_ACTIVATION_H
#define SBMT_CORE_NN_ACTIVATION_H

#include <stddef.h>

#include "core/base/real.h"

/** x ← max(x, 0). */
void sbmt_relu_forward(size_t count, real *x);

/** dx ← dx where y > 0, else 0; y is the output of forward. */
void sbmt_relu_backward(size_t count, const real *y, real *dx);

#endif
