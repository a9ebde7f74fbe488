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
#include <string.h>

#include "core/attention/features.h"
#include "core/nn/activation.h"

/* Cosine and sine of every token's angle π/2·i/M, (n, 2) in scratch; NULL when that is out. */
static real *turns_of(const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const double step = 1.57079632679489661923 / head->n;
    real *turns = sbmt_arena_reals(pass->scratch, 2 * (size_t)head->n);
    for (int i = 0; i < head->n && turns != NULL; i++) {
        turns[2 * i] = SBMT_R(cos(step * i));
        turns[2 * i + 1] = SBMT_R(sin(step * i));
    }
    return turns;
}

static void map_forward(const void *context, const struct sbmt_feature_block *block, const real *x,
                        real *y)
{
    const real *turn = (const real *)context + 2 * block->first;
    for (int i = 0; i < block->rows; i++) {
        const real *from = x + (size_t)i * (size_t)block->stride;
        real *to = y + (size_t)i * (size_t)block->y_stride;
        const real c = turn[2 * i], s = turn[2 * i + 1];
        memcpy(to, from, (size_t)block->d * sizeof *to);
        sbmt_relu_forward((size_t)block->d, to);
        for (int t = 0; t < block->d; t++) {
            const real positive = to[t];
            to[t] = positive * c;
            to[block->d + t] = positive * s;
        }
    }
}

static void map_backward(const void *context, const struct sbmt_feature_block *block, const real *x,
                         const real *y, real *dy, real *dx)
{
    (void)y;
    const real *turn = (const real *)context + 2 * block->first;
    for (int i = 0; i < block->rows; i++) {
        const size_t row = (size_t)i * (size_t)block->stride;
        real *to = dy + (size_t)i * (size_t)block->y_stride;
        const real c = turn[2 * i], s = turn[2 * i + 1];
        for (int t = 0; t < block->d; t++)
            to[t] = to[t] * c + to[block->d + t] * s;
        sbmt_relu_backward((size_t)block->d, x + row, to);
        for (int t = 0; t < block->d; t++)
            dx[row + (size_t)t] += to[t];
    }
}

static struct sbmt_features features_of(const struct sbmt_head *head, const real *turns)
{
    return (struct sbmt_features){
        .map = {2 * head->d, turns, map_forward, map_backward},
        .normalise = true,
        .floor = SBMT_R(1e-6),
    };
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const real *turns = turns_of(head, pass);
    struct sbmt_features_saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    if (turns == NULL || saved == NULL)
        return sbmt_pass_check(pass, "cosFormer attention", err);
    *saved_out = saved;
    const struct sbmt_features features = features_of(head, turns);
    const bool done = sbmt_features_forward(&features, head, pass, saved, out, err);
    sbmt_arena_release(pass->scratch, mark);
    return done;
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const real *turns = turns_of(head, pass);
    if (turns == NULL)
        return sbmt_pass_check(pass, "cosFormer attention", err);
    const struct sbmt_features features = features_of(head, turns);
    const bool done = sbmt_features_backward(&features, head, pass, saved, dout, grad, err);
    sbmt_arena_release(pass->scratch, mark);
    return done;
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
