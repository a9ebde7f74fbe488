/* Linear layers and layer norms whose weights are tensors of the parameter store. */
#include "core/model/linear_params.h"

#include <math.h>
#include <stdio.h>

#include "core/nn/layernorm.h"
#include "core/nn/linear.h"

static const struct sbmt_tensor *add(struct sbmt_params *params, const char *prefix,
                                     const char *name, const char *part, int rank, int outputs,
                                     int inputs, struct sbmt_init init)
{
    char full[256];
    snprintf(full, sizeof full, "%s%s.%s", prefix, name, part);
    const int64_t shape[2] = {outputs, inputs};
    return sbmt_params_add(params, full, rank, shape, init);
}

struct sbmt_linear_params sbmt_linear_register(struct sbmt_params *params, const char *prefix,
                                               const char *name, int outputs, int inputs,
                                               enum sbmt_linear_start start)
{
    const bool uniform = start == SBMT_LINEAR_UNIFORM;
    const struct sbmt_init spread = {SBMT_INIT_UNIFORM, 1 / sqrt(inputs)};
    const struct sbmt_init normal = {SBMT_INIT_NORMAL, 0.02}, zero = {SBMT_INIT_ZERO, 0};
    return (struct sbmt_linear_params){
        .weight = add(params, prefix, name, "weight", 2, outputs, inputs,
                      uniform ? spread : normal),
        .bias = add(params, prefix, name, "bias", 1, outputs, 0, uniform ? spread : zero),
    };
}

struct sbmt_norm_params sbmt_norm_register(struct sbmt_params *params, const char *prefix,
                                           const char *name, int d, double epsilon)
{
    return (struct sbmt_norm_params){
        .epsilon = epsilon,
        .weight = add(params, prefix, name, "weight", 1, d, 0,
                      (struct sbmt_init){SBMT_INIT_ONE, 0}),
        .bias = add(params, prefix, name, "bias", 1, d, 0, (struct sbmt_init){SBMT_INIT_ZERO, 0}),
    };
}

static struct sbmt_linear linear(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                 int n)
{
    return (struct sbmt_linear){
        .n = n,
        .inputs = (int)params.weight->shape[1],
        .outputs = (int)params.weight->shape[0],
        .weight = pass->value + params.weight->offset,
        .bias = pass->value + params.bias->offset,
    };
}

void sbmt_linear_params_forward(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                int n, const real *x, real *y)
{
    const struct sbmt_linear use = linear(pass, params, n);
    sbmt_linear_forward(&use, x, use.inputs, y, use.outputs);
}

void sbmt_linear_params_backward(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                 int n, const real *x, const real *dy, real keep, real *dx)
{
    const struct sbmt_linear use = linear(pass, params, n);
    sbmt_linear_backward(&use, x, use.inputs, dy, use.outputs, keep, dx, use.inputs,
                         pass->grad + params.weight->offset, pass->grad + params.bias->offset);
}

static int norm_width(struct sbmt_norm_params params)
{
    return (int)params.weight->shape[0];
}

void sbmt_norm_params_forward(const struct sbmt_pass *pass, struct sbmt_norm_params params, int n,
                              const real *x, real *y, real *normal, real *rate)
{
    sbmt_layernorm_forward(pass->kernels, n, norm_width(params), params.epsilon, x,
                           pass->value + params.weight->offset, pass->value + params.bias->offset,
                           y, normal, rate);
}

void sbmt_norm_params_again(const struct sbmt_pass *pass, struct sbmt_norm_params params, int n,
                            const real *normal, real *y)
{
    sbmt_layernorm_affine(n, norm_width(params), normal, pass->value + params.weight->offset,
                          pass->value + params.bias->offset, y);
}

void sbmt_norm_params_backward(const struct sbmt_pass *pass, struct sbmt_norm_params params, int n,
                               const real *normal, const real *rate, const real *dy, real *dx)
{
    sbmt_layernorm_backward(pass->kernels, n, norm_width(params), normal, rate,
                            pass->value + params.weight->offset, dy, dx,
                            pass->grad + params.weight->offset, pass->grad + params.bias->offset);
}
