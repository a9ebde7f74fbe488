/* cosFormer (Qin et al. 2022, arXiv 2202.08791, cos-based re-weighting): ReLU features, whose
 * products are weighted by the distance of the tokens,
 *
 *     w_ij = relu(q_i)·relu(k_j)·cos(π/2·(i − j)/M),
 *
 * which the cosine's addition theorem makes products of features relu(x_i)·cos(π/2·i/M) and
 * relu(x_i)·sin(π/2·i/M). Not causal, and normalised by Σ_j w_ij, never less than 1e-6 as in the
 * authors' code: a query whose features are all 0 gives 0.
 *
 * M is the sequence's length (the paper: "M ≥ the length of the sequence"). The authors' code takes
 * the length of the tensor, which is that of the batch's longest sequence where sequences are
 * padded. It counts tokens from 1, which changes no difference i − j. */
#include "core/attention/features.h"

/* The angle of a token, π/2·i/M. */
static double angle_of(const struct sbmt_feature_block *block, int row)
{
    const double quarter = 1.57079632679489661923;
    return quarter * (block->first + row) / block->n;
}

static void map_forward(const void *context, const struct sbmt_feature_block *block, const real *x,
                        real *y)
{
    (void)context;
    for (int i = 0; i < block->rows; i++) {
        const real *from = x + (size_t)i * (size_t)block->stride;
        real *to = y + (size_t)i * (size_t)block->y_stride;
        const real c = SBMT_R(cos(angle_of(block, i))), s = SBMT_R(sin(angle_of(block, i)));
        for (int t = 0; t < block->d; t++) {
            const real positive = from[t] > 0 ? from[t] : 0;
            to[t] = positive * c;
            to[block->d + t] = positive * s;
        }
    }
}

static void map_backward(const void *context, const struct sbmt_feature_block *block, const real *x,
                         const real *y, real *dy, real *dx)
{
    (void)context, (void)y;
    for (int i = 0; i < block->rows; i++) {
        const size_t row = (size_t)i * (size_t)block->stride;
        const real *from = dy + (size_t)i * (size_t)block->y_stride;
        const real c = SBMT_R(cos(angle_of(block, i))), s = SBMT_R(sin(angle_of(block, i)));
        for (int t = 0; t < block->d; t++)
            dx[row + (size_t)t] += x[row + (size_t)t] > 0 ? from[t] * c + from[block->d + t] * s
                                                          : 0;
    }
}

static struct sbmt_features features_of(const struct sbmt_head *head)
{
    return (struct sbmt_features){
        .map = {2 * head->d, NULL, map_forward, map_backward},
        .normalise = true,
        .floor = SBMT_R(1e-6),
    };
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct sbmt_features features = features_of(head);
    struct sbmt_features_saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    *saved_out = saved;
    return saved != NULL ? sbmt_features_forward(&features, head, pass, saved, out, err)
                         : sbmt_arena_check(pass->saved, "cosFormer attention", err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct sbmt_features features = features_of(head);
    return sbmt_features_backward(&features, head, pass, saved, dout, grad, err);
}

static struct sbmt_cost cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return sbmt_features_cost(2 * d, true, n, d);
}

extern const struct sbmt_attention_ops sbmt_attention_cosformer;
const struct sbmt_attention_ops sbmt_attention_cosformer = {
    .variant = {.name = "cosformer",
                .doc = "attention through ReLU features, weighted by the cosine of the tokens' "
                       "distance (Qin et al. 2022)"},
    .complexity = "O(n·d²)",
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
