/* Linear attention (Katharopoulos et al. 2020, arXiv 2006.16236): the feature map elu(x) + 1
 * (equation 7) in place of the softmax.
 *
 * The paper divides by φ(q_i)·Σ_j φ(k_j) (equations 4 and 5): that is `normalise: true`, where the
 * authors' code adds 1e-6 to the normaliser and here 1e-6 is the least that it may be. The default
 * is what the comparisons on Long Range Arena call linear attention (code of Nyströmformer and of
 * SBM-Transformer): no normaliser, and φ(q) and φ(k) each divided by the fourth root of the length.
 * That code takes the padded length of the batch, the same for every sequence; `length` gives such
 * a one, and by default it is the sequence's own. */
#include "core/attention/features.h"

struct linear_config {
    bool normalise;
    int length;
};

#define ROW struct linear_config
static const struct sbmt_field fields[] = {
    SBMT_BOOL(ROW, normalise, false,
              "divide by the sum of all weights (published); without, queries and keys are divided "
              "by the fourth root of the length (the code of the comparisons)"),
    SBMT_INT(ROW, length, 0, 0, 1 << 24,
             "the length to divide by, to compute as with sequences padded to it; 0: each "
             "sequence's own"),
    SBMT_FIELDS_END,
};

static bool check(const void *config_in, struct sbmt_error *err)
{
    const struct linear_config *config = config_in;
    if (config->normalise && config->length != 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "length: has no effect with normalise: true; leave it out");
    return true;
}

/* φ(x) = scale·(elu(x) + 1), where elu(x) + 1 = e^{min(x, 0)} + max(x, 0). */
static void map_forward(const void *context, const struct sbmt_feature_block *block, const real *x,
                        real *y)
{
    const real scale = *(const real *)context;
    for (int i = 0; i < block->rows; i++) {
        const real *from = x + (size_t)i * (size_t)block->stride;
        real *to = y + (size_t)i * (size_t)block->y_stride;
        for (int t = 0; t < block->d; t++)
            to[t] = from[t] < 0 ? from[t] : 0;
        block->kernels->exp_sum(block->d, to, 1, 0);
        for (int t = 0; t < block->d; t++)
            to[t] = scale * (to[t] + (from[t] > 0 ? from[t] : 0));
    }
}

/* φ′(x) is scale above 0 and φ(x) below: the smaller of the two. */
static void map_backward(const void *context, const struct sbmt_feature_block *block, const real *x,
                         const real *y, real *dy, real *dx)
{
    (void)x;
    const real scale = *(const real *)context;
    for (int i = 0; i < block->rows; i++) {
        const real *feature = y + (size_t)i * (size_t)block->y_stride;
        const real *from = dy + (size_t)i * (size_t)block->y_stride;
        real *to = dx + (size_t)i * (size_t)block->stride;
        for (int t = 0; t < block->d; t++) {
            const real slope = feature[t] < scale ? feature[t] : scale;
            to[t] += from[t] * slope;
        }
    }
}

/* 1/⁴√length, or 1 where it would cancel. */
static real scale_of(const struct linear_config *config, const struct sbmt_head *head)
{
    const int length = config->length > 0 ? config->length : head->n;
    return config->normalise ? 1 : 1 / real_sqrt(real_sqrt(SBMT_R(length)));
}

static struct sbmt_features features_of(const struct linear_config *config,
                                        const struct sbmt_head *head, const real *scale)
{
    return (struct sbmt_features){
        .map = {head->d, scale, map_forward, map_backward},
        .normalise = config->normalise,
        .floor = SBMT_R(1e-6),
    };
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)state;
    const real scale = scale_of(config, head);
    const struct sbmt_features features = features_of(config, head, &scale);
    struct sbmt_features_saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    *saved_out = saved;
    return saved != NULL ? sbmt_features_forward(&features, head, pass, saved, out, err)
                         : sbmt_arena_check(pass->saved, "linear attention", err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)state;
    const real scale = scale_of(config, head);
    const struct sbmt_features features = features_of(config, head, &scale);
    return sbmt_features_backward(&features, head, pass, saved, dout, grad, err);
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const struct linear_config *config = config_in;
    return sbmt_features_cost(d, config->normalise, n, d);
}

extern const struct sbmt_attention_ops sbmt_attention_linear;
const struct sbmt_attention_ops sbmt_attention_linear = {
    .variant = {.name = "linear",
                .doc = "attention through the features elu(x) + 1 of queries and keys "
                       "(Katharopoulos et al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct linear_config)},
    .complexity = "O(n·d²)",
    .check = check,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
