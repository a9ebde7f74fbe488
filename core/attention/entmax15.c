/* 1.5-entmax attention (Peters et al. 2019, arXiv 1905.05702), between softmax and sparsemax:
 * p_j = ([y_j − c]₊/2)². The published algorithm sorts a row; this one finds the same c by rounds
 * over a shrinking set. */
#include "core/attention/entmax.h"

static bool all_above(int count, const real *y, real threshold)
{
    int above = 0;
    for (int e = 0; e < count; e++)
        above += y[e] > threshold;
    return above == count;
}

/* Throughout from ≤ c and the set is what is above `from`, so it holds the support.
 *
 * If the smaller solution c' of Σ (y_j − c')² = 4 over the set is below all of it, that is c: the
 * sum is no smaller at `from`, so from ≤ c', nothing outside the set is above c', and Σ p = 1
 * there.
 *
 * Else `from` moves by a Newton step for √Σ p = 1, where Σ p is over all [y_j − from]₊: a norm of
 * numbers that fall as `from` grows and are convex in it, so convex, and a step from where it is
 * too large ends where it is not too small. The sets shrink down to the support, and when rounding
 * ends the steps, `from` is c to the last digits. */
static real threshold(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                      int count, real *y, real *work, real from)
{
    (void)entmax, (void)work;
    for (;;) {
        count = sbmt_entmax_keep(count, y, from);
        const real mean = kernels->sum(count, y) / SBMT_R(count);
        const real spread = kernels->dot(count, y, y) - SBMT_R(count) * mean * mean;
        const real solution = mean - real_sqrt((4 - spread) / SBMT_R(count));
        if (all_above(count, y, solution))
            return solution;
        const real gap = mean - from;
        const real total = (spread + SBMT_R(count) * gap * gap) / 4;
        const real next = from + 4 * (total - real_sqrt(total)) / (SBMT_R(count) * gap);
        if (!(next > from))
            return from;
        from = next;
    }
}

static void weights(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels, int count,
                    real *x)
{
    (void)entmax, (void)kernels;
    for (int e = 0; e < count; e++)
        x[e] *= x[e] / 4;
}

static double row_backward(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                           int count, const real *p, real *dp, real *work)
{
    (void)entmax;
    for (int e = 0; e < count; e++)
        work[e] = real_sqrt(p[e]);
    sbmt_entmax_adjoint(kernels, count, work, dp);
    return 0;
}

static const struct sbmt_entmax entmax15 = {
    .epsilon = SBMT_R(0.5),
    .threshold = threshold,
    .weights = weights,
    .backward = row_backward,
};

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    return sbmt_entmax_forward(&entmax15, head, pass, saved, out, err);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    double dalpha;
    return sbmt_entmax_backward(&entmax15, head, pass, saved, dout, grad, &dalpha, err);
}

extern const struct sbmt_attention_ops sbmt_attention_entmax15;
const struct sbmt_attention_ops sbmt_attention_entmax15 = {
    .variant = {.name = "entmax15",
                .doc = "1.5-entmax weights, between softmax and sparsemax (Peters et al. 2019)"},
    .complexity = "O(n²·d)",
    .forward = forward,
    .backward = backward,
    .cost = sbmt_entmax_cost,
};
