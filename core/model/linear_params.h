/* Linear layers and layer norms whose weights are tensors of the parameter store. */
#ifndef SBMT_CORE_MODEL_LINEAR_PARAMS_H
#define SBMT_CORE_MODEL_LINEAR_PARAMS_H

#include "core/model/params.h"
#include "core/pass.h"

/** The tensors of a linear layer: weight (outputs, inputs), bias (outputs). */
struct sbmt_linear_params {
    const struct sbmt_tensor *weight, *bias;
};

/** The tensors of a norm, (d) both, and what is added to variances. */
struct sbmt_norm_params {
    const struct sbmt_tensor *weight, *bias;
    double epsilon;
};

/** How linear layers start. */
enum sbmt_linear_start {
    SBMT_LINEAR_UNIFORM, /**< both tensors uniform in ±1/√inputs: PyTorch's default */
    SBMT_LINEAR_NORMAL,  /**< weights normal with deviation 0.02, biases 0: BERT's */
};

/** Registers a linear layer's tensors under prefix + name. */
struct sbmt_linear_params sbmt_linear_register(struct sbmt_params *params, const char *prefix,
                                               const char *name, int outputs, int inputs,
                                               enum sbmt_linear_start start);

/** The same of a norm. */
struct sbmt_norm_params sbmt_norm_register(struct sbmt_params *params, const char *prefix,
                                           const char *name, int d, double epsilon);

/** y (n, outputs) from x (n, inputs). */
void sbmt_linear_params_forward(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                int n, const real *x, real *y);

/** Adds the tensors' gradients to pass->grad; dx (n, inputs) = what reaches x, + keep·dx. */
void sbmt_linear_params_backward(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                 int n, const real *x, const real *dy, real keep, real *dx);

/** The norm of x (n, d): y, and what backward needs, `normal` (n, d) and `rate` (n). y may be x. */
void sbmt_norm_params_forward(const struct sbmt_pass *pass, struct sbmt_norm_params params, int n,
                              const real *x, real *y, real *normal, real *rate);

/** The same y from `normal`. */
void sbmt_norm_params_again(const struct sbmt_pass *pass, struct sbmt_norm_params params, int n,
                            const real *normal, real *y);

/** Adds the tensors' gradients to pass->grad, and what reaches x to dx. */
void sbmt_norm_params_backward(const struct sbmt_pass *pass, struct sbmt_norm_params params, int n,
                               const real *normal, const real *rate, const real *dy, real *dx);

#endif
