/* Dense softmax attention (Vaswani et al. 2017). */
#include "core/attention/attention.h"
#include "core/attention/dense.h"
#include "core/attention/shown.h"

struct saved {
    real *log_sum; /* (n) log Σ_j e^{s_ij} */
    real *out;     /* the output given to the caller, stride as the head's */
};

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    if (saved == NULL || log_sum == NULL)
        return sbmt_arena_check(pass->saved, "softmax attention", err);
    const struct sbmt_dense_attend attend = sbmt_dense_head(head, pass);
    if (!sbmt_dense_attend_forward(&attend, pass->kernels, out, head->stride, log_sum,
                                   pass->scratch) ||
        (pass->probe != NULL && !sbmt_shown_pairs(NULL, head, pass)))
        return sbmt_arena_check(pass->scratch, "softmax attention", err);
    pass->stats->edges += (double)head->n * head->n;
    *saved = (struct saved){log_sum, out};
    *saved_out = saved;
    return true;
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct saved *saved = saved_in;
    const struct sbmt_dense_attend attend = sbmt_dense_head(head, pass);
    const struct sbmt_rows out = {saved->out, head->stride}, gradient = {dout, head->stride};
    const struct sbmt_dense_grad to = {.dq = grad->dq, .dk = grad->dk, .dv = grad->dv};
    return sbmt_dense_attend_backward(&attend, pass->kernels, out, saved->log_sum, gradient, &to,
                                      pass->scratch) ||
           sbmt_arena_check(pass->scratch, "softmax attention", err);
}

static struct sbmt_cost cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return (struct sbmt_cost){.flops = 4.0 * n * n * d, .bytes = 4.0 * n};
}

extern const struct sbmt_attention_ops sbmt_attention_softmax;
const struct sbmt_attention_ops sbmt_attention_softmax = {
    .variant = {.name = "softmax",
                .doc = "dense softmax attention, exact, memory O(n) (Vaswani et al. 2017)"},
    .complexity = "O(n²·d)",
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
