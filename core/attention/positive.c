/* Softmax attention through positive random features. */
#include "core/attention/positive.h"

#include "core/attention/dense.h"

/* Features over keys: `bias` (n) is −|k_j|²/2√d. */
static struct sbmt_dense_attend over_keys(const struct sbmt_positive *positive,
                                          const struct sbmt_head *head, const real *bias)
{
    return (struct sbmt_dense_attend){
        .queries = positive->features,
        .keys = head->n,
        .d = head->d,
        .width = head->d,
        .q = {positive->directions, head->d},
        .k = {head->k, head->stride},
        .v = {head->v, head->stride},
        .bias = bias,
        .scale = 1,
    };
}

/* Queries over features. */
static struct sbmt_dense_attend over_features(const struct sbmt_positive *positive,
                                              const struct sbmt_head *head)
{
    return (struct sbmt_dense_attend){
        .queries = head->n,
        .keys = positive->features,
        .d = head->d,
        .width = head->d,
        .q = {head->q, head->stride},
        .k = {positive->directions, head->d},
        .v = {positive->mean, head->d},
        .bias = positive->feature_sum,
        .scale = 1,
    };
}

/* The bias of the keys, in scratch; NULL when that is out. */
static real *key_bias(const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const real half = SBMT_R(-0.5) / real_sqrt(SBMT_R(head->d));
    real *bias = sbmt_arena_reals(pass->scratch, (size_t)head->n);
    for (int j = 0; j < head->n && bias != NULL; j++) {
        const real *k = head->k + (size_t)j * (size_t)head->stride;
        bias[j] = half * pass->kernels->dot(head->d, k, k);
    }
    return bias;
}

bool sbmt_positive_forward(struct sbmt_positive *positive, const struct sbmt_head *head,
                           struct sbmt_pass *pass, real *out, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const size_t features = (size_t)positive->features;
    positive->mean = sbmt_arena_reals(pass->saved, features * (size_t)head->d);
    positive->feature_sum = sbmt_arena_reals(pass->saved, features);
    positive->log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    positive->out = out;
    const real *bias = key_bias(head, pass);
    if (pass->saved->failed || bias == NULL)
        return sbmt_pass_check(pass, "attention through random features", err);
    const struct sbmt_dense_attend keys = over_keys(positive, head, bias);
    const struct sbmt_dense_attend queries = over_features(positive, head);
    if (!sbmt_dense_attend_forward(&keys, pass->kernels, positive->mean, head->d,
                                   positive->feature_sum, pass->scratch) ||
        !sbmt_dense_attend_forward(&queries, pass->kernels, out, head->stride, positive->log_sum,
                                   pass->scratch))
        return sbmt_pass_check(pass, "attention through random features", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* Gradients of u (features, d), L (features) and the keys' bias (n), zeroed, in scratch. */
struct inner {
    real *dmean, *dsum, *dbias;
};

static bool inner_init(struct inner *inner, const struct sbmt_positive *positive,
                       const struct sbmt_head *head, struct sbmt_arena *scratch)
{
    const size_t features = (size_t)positive->features;
    *inner = (struct inner){
        .dmean = sbmt_arena_zalloc(scratch, features * (size_t)head->d, sizeof(real)),
        .dsum = sbmt_arena_zalloc(scratch, features, sizeof(real)),
        .dbias = sbmt_arena_zalloc(scratch, (size_t)head->n, sizeof(real)),
    };
    return !scratch->failed;
}

bool sbmt_positive_backward(const struct sbmt_positive *positive, const struct sbmt_head *head,
                            struct sbmt_pass *pass, const real *dout,
                            const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct sbmt_rows out = {positive->out, head->stride}, gradient = {dout, head->stride};
    const struct sbmt_rows mean = {positive->mean, head->d};
    struct inner inner;
    const real *bias = key_bias(head, pass);
    if (bias == NULL || !inner_init(&inner, positive, head, pass->scratch))
        return sbmt_pass_check(pass, "attention through random features", err);
    const struct sbmt_dense_attend keys = over_keys(positive, head, bias);
    const struct sbmt_dense_attend queries = over_features(positive, head);
    const struct sbmt_dense_grad to_features = {
        .dq = grad->dq, .dv = inner.dmean, .dbias = inner.dsum};
    const struct sbmt_dense_grad to_keys = {
        .dk = grad->dk, .dv = grad->dv, .dbias = inner.dbias, .dlog_sum = inner.dsum};
    if (!sbmt_dense_attend_backward(&queries, pass->kernels, out, positive->log_sum, gradient,
                                    &to_features, pass->scratch) ||
        !sbmt_dense_attend_backward(&keys, pass->kernels, mean, positive->feature_sum,
                                    (struct sbmt_rows){inner.dmean, head->d}, &to_keys,
                                    pass->scratch))
        return sbmt_pass_check(pass, "attention through random features", err);
    const real rate = -1 / real_sqrt(SBMT_R(head->d));
    for (int j = 0; j < head->n; j++) {
        const size_t row = (size_t)j * (size_t)head->stride;
        for (int t = 0; t < head->d; t++)
            grad->dk[row + (size_t)t] += rate * inner.dbias[j] * head->k[row + (size_t)t];
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
