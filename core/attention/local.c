/* Sliding-window attention, the pattern of Beltagy et al. 2020 (arXiv 2004.05150, section 3.1)
 * without global tokens: query i has the keys j with |i − j| ≤ window.
 *
 * A window here moves with its query. The baseline that Long Range Arena (Tay et al. 2021) calls
 * local attention is another one: groups of tokens that see only each other. */
#include "core/attention/pattern.h"

struct config {
    int window;
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, window, 128, 0, 1 << 24, "keys to each side of a query, besides its own"),
    SBMT_FIELDS_END,
};
#undef ROW

static int row(const void *context, int n, int i, int32_t *keys)
{
    const int window = ((const struct config *)context)->window;
    const int first = i - window, end = i + window + 1;
    return sbmt_pattern_range(first > 0 ? first : 0, end < n ? end : n, keys);
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)state;
    const struct sbmt_pattern pattern = {row, config};
    return sbmt_pattern_forward(&pattern, head, pass, saved, out, err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)state;
    const struct sbmt_pattern pattern = {row, config};
    return sbmt_pattern_backward(&pattern, head, pass, saved, dout, grad, err);
}

extern const struct sbmt_attention_ops sbmt_attention_local;
const struct sbmt_attention_ops sbmt_attention_local = {
    .variant = {.name = "local",
                .doc = "a window of keys around each query (Beltagy et al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·window·d)",
    .forward = forward,
    .backward = backward,
    .cost = sbmt_pattern_cost,
};
