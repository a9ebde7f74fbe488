/* One encoder layer. Its norms stand before its blocks (Xiong et al. 2020),
 *     x ← x + drop(Wo·attention(LN(x))),  x ← x + drop(W2·drop(f(W1·LN(x)))),
 * or after them as in BERT (Devlin et al. 2019),
 *     x ← LN(x + drop(Wo·attention(x))),  x ← LN(x + drop(W2·f(W1·x))). */
#ifndef SBMT_CORE_MODEL_LAYER_H
#define SBMT_CORE_MODEL_LAYER_H

#include "core/model/mixing.h"

/** The tensors of a layer, and its attention. */
struct sbmt_layer {
    const struct sbmt_model_config *config;
    int index;
    struct sbmt_mixing mixing;
    bool norms_after;
    struct sbmt_norm_params norm1, norm2;
    struct sbmt_linear_params hidden, ffn;
};

struct sbmt_layer_saved;

/** Registers the layer's parameters. attention_state must have room for the kind's state; sequences
 * have up to `positions` tokens. */
SBMT_MUST_CHECK bool sbmt_layer_init(struct sbmt_layer *layer,
                                     const struct sbmt_model_config *config, int index,
                                     int positions, void *attention_state,
                                     struct sbmt_params *params, struct sbmt_error *err);

/** x (n, dim) becomes the layer's output in place; *saved is in pass->saved. */
SBMT_MUST_CHECK bool sbmt_layer_forward(const struct sbmt_layer *layer, int n, real *x,
                                        struct sbmt_pass *pass, struct sbmt_layer_saved **saved,
                                        struct sbmt_error *err);

/** dx (n, dim), the gradient of the output, becomes that of the input in place. */
SBMT_MUST_CHECK bool sbmt_layer_backward(const struct sbmt_layer *layer,
                                         const struct sbmt_layer_saved *saved, real *dx,
                                         struct sbmt_pass *pass, struct sbmt_error *err);

#endif
