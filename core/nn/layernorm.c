/* Layer normalisation, forward and backward. */
#include "core/nn/layernorm.h"

real sbmt_layernorm_row(const struct sbmt_kernels *kernels, int d, double epsilon, const real *x,
                        real *normal)
{
    const real mean = kernels->sum(d, x) / SBMT_R(d);
    for (int j = 0; j < d; j++)
        normal[j] = x[j] - mean;
    const real variance = kernels->dot(d, normal, normal) / SBMT_R(d);
    const real rate = 1 / real_sqrt(variance + SBMT_R(epsilon));
    for (int j = 0; j < d; j++)
        normal[j] *= rate;
    return rate;
}

/* dx = (g − mean(g) − x̂·mean(g∘x̂))/deviation for the gradient g of the normalised row x̂. */
void sbmt_layernorm_row_backward(const struct sbmt_kernels *kernels, int d, const real *normal,
                                 real rate, const real *dnormal, real *dx)
{
    const real mean = kernels->sum(d, dnormal) / SBMT_R(d);
    const real along = kernels->dot(d, dnormal, normal) / SBMT_R(d);
    for (int j = 0; j < d; j++)
        dx[j] += (dnormal[j] - mean - normal[j] * along) * rate;
}

void sbmt_layernorm_forward(const struct sbmt_kernels *kernels, int n, int d, double epsilon,
                            const real *x, const real *weight, const real *bias, real *y,
                            real *normal, real *rate)
{
    for (int i = 0; i < n; i++) {
        const size_t row = (size_t)i * (size_t)d;
        rate[i] = sbmt_layernorm_row(kernels, d, epsilon, x + row, normal + row);
    }
    sbmt_layernorm_affine(n, d, normal, weight, bias, y);
}

void sbmt_layernorm_affine(int n, int d, const real *normal, const real *weight, const real *bias,
                           real *y)
{
    for (int i = 0; i < n; i++) {
        const size_t at = (size_t)i * (size_t)d;
        for (int j = 0; j < d; j++)
            y[at + (size_t)j] = normal[at + (size_t)j] * weight[j] + bias[j];
    }
}

/* With x̂ the normalised row and g = dy∘w:  dx = (g − mean(g) − x̂·mean(g∘x̂))/deviation. */
void sbmt_layernorm_backward(const struct sbmt_kernels *kernels, int n, int d, const real *normal,
                             const real *rate, const real *weight, const real *dy, real *dx,
                             real *dweight, real *dbias)
{
    for (int i = 0; i < n; i++) {
        const real *centred = normal + (size_t)i * (size_t)d;
        const real *upstream = dy + (size_t)i * (size_t)d;
        real *out = dx + (size_t)i * (size_t)d;
        for (int j = 0; j < d; j++) {
            dweight[j] += upstream[j] * centred[j];
            dbias[j] += upstream[j];
        }
        const real mean = kernels->dot(d, upstream, weight) / SBMT_R(d);
        real along = 0;
        for (int j = 0; j < d; j++)
            along += upstream[j] * weight[j] * centred[j];
        along /= SBMT_R(d);
        for (int j = 0; j < d; j++)
            out[j] += (upstream[j] * weight[j] - mean - centred[j] * along) * rate[i];
    }
}
