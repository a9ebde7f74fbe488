/* Activations. */
#include "core/nn/activation.h"

#include <string.h>

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

void sbmt_tanh_forward(size_t count, real *x)
{
    for (size_t i = 0; i < count; i++)
        x[i] = real_tanh(x[i]);
}

void sbmt_tanh_backward(size_t count, const real *y, real *dx)
{
    for (size_t i = 0; i < count; i++)
        dx[i] *= 1 - y[i] * y[i];
}

/* √(8/π), twice the factor within the tanh: ½(1 + tanh u) = σ(2u), for which there is a kernel. */
static const double double_factor = 1.59576912160573071176;
static const double cubic = 0.044715;

/* gate = σ(√(8/π)(x + 0.044715x³)) */
static void gelu_tanh_gate(const struct sbmt_kernels *kernels, int count, const real *x, real *gate)
{
    for (int i = 0; i < count; i++)
        gate[i] = SBMT_R(double_factor) * (x[i] + SBMT_R(cubic) * x[i] * x[i] * x[i]);
    kernels->sigmoid(count, gate);
}

static void gelu_tanh_forward(const struct sbmt_kernels *kernels, int count, const real *x, real *y)
{
    gelu_tanh_gate(kernels, count, x, y);
    for (int i = 0; i < count; i++)
        y[i] *= x[i];
}

/* With g the gate: dx = dy·(g + x·g(1 − g)·√(8/π)(1 + 3·0.044715x²)). */
static void gelu_tanh_backward(const struct sbmt_kernels *kernels, int count, const real *x,
                               const real *dy, real *dx)
{
    enum { PART = 256 };
    real gate[PART];
    for (int first = 0; first < count; first += PART) {
        const int part = count - first < PART ? count - first : PART;
        gelu_tanh_gate(kernels, part, x + first, gate);
        for (int i = 0; i < part; i++) {
            const real at = x[first + i], g = gate[i];
            const real inner = SBMT_R(double_factor) * (1 + SBMT_R(3 * cubic) * at * at);
            dx[first + i] = dy[first + i] * (g + at * g * (1 - g) * inner);
        }
    }
}

/* What the kernels count by is an int. */
enum { MOST = 1 << 20 };

static int part_of(size_t left)
{
    return left < MOST ? (int)left : MOST;
}

static void forward_part(const struct sbmt_kernels *kernels, enum sbmt_activation activation,
                         int count, const real *x, real *y)
{
    switch (activation) {
    case SBMT_ACTIVATION_GELU:
        kernels->gelu(count, x, y);
        break;
    case SBMT_ACTIVATION_GELU_TANH:
        gelu_tanh_forward(kernels, count, x, y);
        break;
    case SBMT_ACTIVATION_RELU:
        memcpy(y, x, (size_t)count * sizeof *y);
        sbmt_relu_forward((size_t)count, y);
        break;
    }
}

void sbmt_activation_forward(const struct sbmt_kernels *kernels, enum sbmt_activation activation,
                             size_t count, const real *x, real *y)
{
    for (size_t first = 0; first < count; first += MOST)
        forward_part(kernels, activation, part_of(count - first), x + first, y + first);
}

static void backward_part(const struct sbmt_kernels *kernels, enum sbmt_activation activation,
                          int count, const real *x, const real *dy, real *dx)
{
    switch (activation) {
    case SBMT_ACTIVATION_GELU:
        kernels->gelu_backward(count, x, dy, dx);
        break;
    case SBMT_ACTIVATION_GELU_TANH:
        gelu_tanh_backward(kernels, count, x, dy, dx);
        break;
    case SBMT_ACTIVATION_RELU:
        memmove(dx, dy, (size_t)count * sizeof *dx);
        sbmt_relu_backward((size_t)count, x, dx); /* which asks for the sign alone */
        break;
    }
}

void sbmt_activation_backward(const struct sbmt_kernels *kernels, enum sbmt_activation activation,
                              size_t count, const real *x, const real *dy, real *dx)
{
    for (size_t first = 0; first < count; first += MOST)
        backward_part(kernels, activation, part_of(count - first), x + first, dy + first,
                      dx + first);
}
