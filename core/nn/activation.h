/* Activations: ReLU and tanh in place, and those of feed-forward blocks by their number. */
#ifndef SBMT_CORE_NN_ACTIVATION_H
#define SBMT_CORE_NN_ACTIVATION_H

#include <stddef.h>

#include "core/kernels/kernels.h"

/** x ← max(x, 0). */
void sbmt_relu_forward(size_t count, real *x);

/** dx ← dx where y > 0, else 0; y is the output of forward. */
void sbmt_relu_backward(size_t count, const real *y, real *dx);

/** x ← tanh x. */
void sbmt_tanh_forward(size_t count, real *x);

/** dx ← dx·(1 − y²); y is the output of forward. */
void sbmt_tanh_backward(size_t count, const real *y, real *dx);

/** What stands between the two layers of a feed-forward block. */
enum sbmt_activation {
    SBMT_ACTIVATION_GELU, /**< x·Φ(x): the kernel (Hendrycks & Gimpel 2016) */
    /** The same article's approximation, ½x·(1 + tanh √(2/π)(x + 0.044715x³)). */
    SBMT_ACTIVATION_GELU_TANH,
    SBMT_ACTIVATION_RELU,
};

/** y = the activation of x; y may not be x. */
void sbmt_activation_forward(const struct sbmt_kernels *kernels, enum sbmt_activation activation,
                             size_t count, const real *x, real *y);

/** dx = the gradient of x, given that of y. dx may be dy. */
void sbmt_activation_backward(const struct sbmt_kernels *kernels, enum sbmt_activation activation,
                              size_t count, const real *x, const real *dy, real *dx);

#endif
