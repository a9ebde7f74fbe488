/* Mixing of tokens in a layer: the projections that its kind of attention reads, the heads, and the
 * projection of the output. */
#ifndef SBMT_CORE_MODEL_MIXING_H
#define SBMT_CORE_MODEL_MIXING_H

#include "core/attention/attention.h"
#include "core/model/config.h"
#include "core/model/linear_params.h"

/** The tensors, and the kind of attention. Tensors that the kind has no use for are NULL. */
struct sbmt_mixing {
    const struct sbmt_model_config *config;
    const struct sbmt_attention_ops *ops;
    void *state;  /**< as the kind's init filled it; owned by the encoder */
    int heads, d; /**< as the kind sees them */
    struct sbmt_linear_params query, key, value, output;
};

struct sbmt_mixing_saved;

/** Registers the parameters under `prefix` ("encoder.layer.0."). state must have room for the
 * kind's; sequences have up to `positions` tokens. */
SBMT_MUST_CHECK bool sbmt_mixing_init(struct sbmt_mixing *mixing,
                                      const struct sbmt_model_config *config, const char *prefix,
                                      int positions, void *state, struct sbmt_params *params,
                                      struct sbmt_error *err);

/** y (n, dim) from x (n, dim); *saved is in pass->saved. */
SBMT_MUST_CHECK bool sbmt_mixing_forward(const struct sbmt_mixing *mixing, int n, const real *x,
                                         real *y, struct sbmt_pass *pass,
                                         struct sbmt_mixing_saved **saved, struct sbmt_error *err);

/** dx (n, dim) = the gradient of x, given x as forward had it and dy (n, dim), the gradient of y;
 * dx may be dy. Allocates in pass->scratch, which the caller releases. */
SBMT_MUST_CHECK bool sbmt_mixing_backward(const struct sbmt_mixing *mixing,
                                          const struct sbmt_mixing_saved *saved, const real *x,
                                          const real *dy, real *dx, struct sbmt_pass *pass,
                                          struct sbmt_error *err);

#endif
