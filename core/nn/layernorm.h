/* Layer normalisation over the last axis (Ba et al. 2016). */
#ifndef SBMT_CORE_NN_LAYERNORM_H
#define SBMT_CORE_NN_LAYERNORM_H

#include "core/kernels/kernels.h"

/** One row without weight and bias: normal (d) = (x − mean)/deviation with deviation =
 * √(variance + epsilon). Returns 1/deviation. normal may be x. */
real sbmt_layernorm_row(const struct sbmt_kernels *kernels, int d, double epsilon, const real *x,
                        real *normal);

/** Adds to dx (d), given what forward made and the gradient of `normal`. */
void sbmt_layernorm_row_backward(const struct sbmt_kernels *kernels, int d, const real *normal,
                                 real rate, const real *dnormal, real *dx);

/** y (n, d) from x (n, d); `normal` (n, d) receives (x − mean)/deviation and `rate` (n)
 * 1/deviation, which backward needs. y may be x. */
void sbmt_layernorm_forward(const struct sbmt_kernels *kernels, int n, int d, double epsilon,
                            const real *x, const real *weight, const real *bias, real *y,
                            real *normal, real *rate);

/** The same y from `normal` alone. */
void sbmt_layernorm_affine(int n, int d, const real *normal, const real *weight, const real *bias,
                           real *y);

/** Adds to dx (n, d), dweight (d) and dbias (d). */
void sbmt_layernorm_backward(const struct sbmt_kernels *kernels, int n, int d, const real *normal,
                             const real *rate, const real *weight, const real *dy, real *dx,
                             real *dweight, real *dbias);

#endif
