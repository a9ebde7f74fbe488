/* A depthwise convolution of the values along the sequence in the place of attention, one filter a
 * channel (Wu et al. 2019, arXiv 1901.10430, section 2): the control for how much of a task is
 * local (Miralles-González et al. 2025, arXiv 2501.14850). No bias, and no dropout of the filter.
 */
#include <string.h>

#include "core/attention/attention.h"
#include "core/nn/conv.h"

struct config {
    int width;
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, width, 61, 1, 1023, "tokens that a filter sees, itself in the middle; odd"),
    SBMT_FIELDS_END,
};

struct state {
    const struct sbmt_tensor *weight; /* (heads, d, width) */
};

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct config *config = config_in;
    if (config->width % 2 == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "width: %d has no middle; choose an odd width",
                         config->width);
    return true;
}

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)err;
    const struct config *config = config_in;
    struct state *state = state_in;
    const int64_t cube[3] = {shape->heads, shape->d, config->width};
    /* torch's default for a convolution that sees `width` numbers */
    const struct sbmt_init start = {SBMT_INIT_UNIFORM, 1 / sqrt(config->width)};
    state->weight = sbmt_params_add_under(params, prefix, "conv.weight", 3, cube, start);
    return true;
}

static struct sbmt_conv conv_of(const struct config *config, const struct state *state,
                                const struct sbmt_head *head, const struct sbmt_pass *pass)
{
    return (struct sbmt_conv){head->n, head->d, config->width,
                              pass->value + sbmt_tensor_part(state->weight, head->index),
                              config->width};
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    const struct sbmt_conv conv = conv_of(config, state, head, pass);
    *saved = NULL;
    for (int i = 0; i < head->n; i++)
        memset(out + (size_t)i * (size_t)head->stride, 0, (size_t)head->d * sizeof *out);
    return sbmt_conv_forward(&conv, pass->kernels, head->v, head->stride, out, head->stride,
                             pass->scratch) ||
           sbmt_arena_check(pass->scratch, "convolution", err);
}

static bool backward(const void *config, const void *state_in, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)saved;
    const struct state *state = state_in;
    const struct sbmt_conv conv = conv_of(config, state, head, pass);
    return sbmt_conv_backward(&conv, pass->kernels, head->v, head->stride, dout, head->stride,
                              grad->dv, pass->grad + sbmt_tensor_part(state->weight, head->index),
                              pass->scratch) ||
           sbmt_arena_check(pass->scratch, "convolution", err);
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct config *config = config_in;
    return (struct sbmt_cost){.flops = 2.0 * n * d * config->width, .bytes = 0};
}

extern const struct sbmt_attention_ops sbmt_attention_conv;
const struct sbmt_attention_ops sbmt_attention_conv = {
    .variant = {.name = "conv",
                .doc = "a convolution of the values along the sequence, one filter a channel: the "
                       "control for what is local (Wu et al. 2019; Miralles-González et al. 2025)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·d·width)",
    .inputs = SBMT_INPUTS_VALUE,
    .state_size = sizeof(struct state),
    .check = check,
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
