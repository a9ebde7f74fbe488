/* Sparsemax attention (Martins & Astudillo 2016, arXiv 1602.02068): the weights of a row are the
 * point of the simplex nearest to its scores, which is α-entmax with α = 2: p_j = [y_j − c]₊. */
#include "core/attention/entmax.h"

/* Over a set that holds the support, c is at least the solution c' of Σ (y_j − c') = 1: beside the
 * support's terms, which add up to 1 at c, the sum has some that are not above 0. So what is not
 * above c' can leave the set (Michelot 1986). When nothing does, the set is the support, and c' is
 * c, for all of the terms are above 0. */
static real threshold(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                      int count, real *y, real *work, real from)
{
    (void)entmax, (void)work;
    int left = sbmt_entmax_keep(count, y, from);
    do {
        count = left;
        from = (kernels->sum(count, y) - 1) / SBMT_R(count);
        left = sbmt_entmax_keep(count, y, from);
    } while (left < count);
    return from;
}

static void weights(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels, int count,
                    real *x)
{
    (void)entmax, (void)kernels, (void)count, (void)x;
}

/* Every slope is 1. */
static double row_backward(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                           int count, const real *p, real *dp, real *work)
{
    (void)entmax, (void)p, (void)work;
    const real mean = kernels->sum(count, dp) / SBMT_R(count);
    for (int e = 0; e < count; e++)
        dp[e] -= mean;
    return 0;
}

static const struct sbmt_entmax sparsemax = {
    .epsilon = 1,
    .threshold = threshold,
    .weights = weights,
    .backward = row_backward,
};

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    return sbmt_entmax_forward(&sparsemax, head, pass, saved, out, err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    double dalpha;
    return sbmt_entmax_backward(&sparsemax, head, pass, saved, dout, grad, &dalpha, err);
}

extern const struct sbmt_attention_ops sbmt_attention_sparsemax;
const struct sbmt_attention_ops sbmt_attention_sparsemax = {
    .variant = {.name = "sparsemax",
                .doc = "weights that are the point of the simplex nearest to a row's scores, most "
                       "of them 0 (Martins & Astudillo 2016)"},
    .complexity = "O(n²·d)",
    .forward = forward,
    .backward = backward,
    .cost = sbmt_entmax_cost,
};
