/* Longformer attention (Beltagy et al. 2020, arXiv 2004.05150, section 3.1): a window around each
 * query, and a few global tokens that attend to all and that all attend to.
 *
 * The paper gives the global tokens projections of their own, which begin as copies of those of the
 * window. Here both use the layer's: a kind reads one set. Global are the first tokens, as the
 * paper's classification token is; its dilated windows, which its encoder does not use, are left
 * out. */
#include "core/attention/pattern.h"

struct config {
    int window, global;
};

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, window, 512, 0, 1 << 24,
             "width of the window, half of it to each side of a query; even"),
    SBMT_INT(ROW, global, 1, 0, 1 << 24, "first tokens that attend to all and are attended by all"),
    SBMT_FIELDS_END,
};
#undef ROW

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct config *config = config_in;
    return config->window % 2 == 0 ||
           sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "window: %d is odd, but half a window lies on each side; choose an even width",
                     config->window);
}

static int row(const void *context, int n, int i, int32_t *keys)
{
    const struct config *config = context;
    const int global = config->global < n ? config->global : n;
    if (i < global)
        return sbmt_pattern_range(0, n, keys);
    const int first = i - config->window / 2, end = i + config->window / 2 + 1;
    const int count = sbmt_pattern_range(0, global, keys);
    return count +
           sbmt_pattern_range(first > global ? first : global, end < n ? end : n, keys + count);
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

extern const struct sbmt_attention_ops sbmt_attention_longformer;
const struct sbmt_attention_ops sbmt_attention_longformer = {
    .variant = {.name = "longformer",
                .doc = "a window of keys around each query, and global first tokens (Beltagy et "
                       "al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·(window + global)·d)",
    .check = check,
    .forward = forward,
    .backward = backward,
    .cost = sbmt_pattern_cost,
};
