/* No attention: every token keeps its own value. The control for what the rest of the model can do.
 */
#include <string.h>

#include "core/attention/attention.h"

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)config, (void)state, (void)pass, (void)err;
    *saved = NULL;
    for (int i = 0; i < head->n; i++) {
        const size_t row = (size_t)i * (size_t)head->stride;
        memcpy(out + row, head->v + row, (size_t)head->d * sizeof *out);
    }
    return true;
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state, (void)pass, (void)saved, (void)err;
    for (int i = 0; i < head->n; i++)
        for (int j = 0; j < head->d; j++) {
            const size_t at = (size_t)i * (size_t)head->stride + (size_t)j;
            grad->dv[at] += dout[at];
        }
    return true;
}

static struct sbmt_cost cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return (struct sbmt_cost){.flops = 0, .bytes = 8.0 * n * d};
}

extern const struct sbmt_attention_ops sbmt_attention_none;
const struct sbmt_attention_ops sbmt_attention_none = {
    .variant = {.name = "none", .doc = "no mixing of tokens: each keeps its value (a control)"},
    .complexity = "O(n·d)",
    .inputs = SBMT_INPUTS_VALUE,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
