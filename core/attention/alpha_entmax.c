/* α-entmax attention with a learnt α for each head (Correia et al. 2019, arXiv 1909.00015):
 * α = 1 + sigmoid(a), p_j = [ε·(y_j − c)]₊^(1/ε) with ε = α − 1. The published code finds c by
 * bisection; here it is Newton's method. A float's roundings in ε·(y_j − c) ≤ 1 are as large as
 * 6e-8/ε of a weight. */

#include "core/attention/entmax.h"

/* No ε is smaller: closer to softmax, all digits of a weight would be roundings. */
static const double least_epsilon = 1e-3;

/* A weight below e^−80 is none. */
static const double least_log_weight = -80;

struct config {
    double initial_alpha;
};

struct state {
    const struct sbmt_tensor *logit; /* (heads) a */
};

/* The root of h(c) = (Σ_j p_j)^ε = 1. h is a norm, with exponent 1/ε ≥ 1, of numbers that fall as c
 * grows and are convex in it, so it is convex itself: a Newton step from the left of the root,
 * where h ≥ 1, ends at the left of the root, and what is not above where it ends leaves for good.
 * The last step is so short that what it leaves, which is of its square's size, is below rounding.
 */
static real threshold(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                      int count, real *y, real *work, real from)
{
    const real epsilon = entmax->epsilon;
    const real enough = SBMT_REAL_BITS == 64 ? SBMT_R(1e-9) : SBMT_R(1e-5);
    for (;;) {
        count = sbmt_entmax_keep(count, y, from);
        for (int e = 0; e < count; e++)
            work[e] = epsilon * (y[e] - from);
        kernels->log(count, work);
        const real total = kernels->exp_sum(count, work, 1 / epsilon, 0);
        for (int e = 0; e < count; e++)
            work[e] /= epsilon * (y[e] - from);
        const real excess = total - real_exp((1 - epsilon) * real_log(total));
        const real step = excess / (epsilon * kernels->sum(count, work));
        from += step > 0 ? step : 0;
        if (!(step > -enough * from))
            return from;
    }
}

static void weights(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels, int count,
                    real *x)
{
    for (int e = 0; e < count; e++)
        x[e] *= entmax->epsilon;
    kernels->log(count, x);
    kernels->exp_sum(count, x, 1 / entmax->epsilon, 0);
}

/* With slopes s = p^(2−α) and without the condition Σ p = 1, ∂p/∂α = (p − s)/ε² − p·ln p/ε; c
 * moves so that Σ ∂p/∂α = 0, and that takes p by its slopes (Correia et al., proposition 1). The
 * terms nearly cancel for small ε, so p − s is p·(1 − p^(−ε)), where no large logarithm has been
 * rounded. */
static double row_backward(const struct sbmt_entmax *entmax, const struct sbmt_kernels *kernels,
                           int count, const real *p, real *dp, real *work)
{
    const double epsilon = (double)entmax->epsilon;
    double free = 0, along_free = 0;
    for (int e = 0; e < count; e++)
        work[e] = p[e];
    kernels->log(count, work);
    for (int e = 0; e < count; e++) {
        const double entropy = -(double)p[e] * (double)work[e] / epsilon;
        free += entropy;
        along_free += (double)dp[e] * entropy;
    }
    kernels->exp_sum(count, work, -entmax->epsilon, 0);
    for (int e = 0; e < count; e++) {
        const double rest = (double)p[e] * (1 - (double)work[e]) / (epsilon * epsilon);
        free += rest;
        along_free += (double)dp[e] * rest;
        work[e] *= p[e];
    }
    const real along_slopes = kernels->dot(count, work, dp), slopes = kernels->sum(count, work);
    sbmt_entmax_adjoint(kernels, count, work, dp);
    return along_free - free * (double)(along_slopes / slopes);
}

/* sigmoid(a), and whether α moves with a. */
static double epsilon_of(const struct state *state, const struct sbmt_head *head,
                         const struct sbmt_pass *pass, bool *moves)
{
    const double a = (double)pass->value[state->logit->offset + (size_t)head->index];
    const double epsilon = 1 / (1 + exp(-a));
    *moves = epsilon > least_epsilon;
    return *moves ? epsilon : least_epsilon;
}

static struct sbmt_entmax entmax_of(double epsilon)
{
    return (struct sbmt_entmax){
        .epsilon = SBMT_R(epsilon),
        .least = SBMT_R(exp(least_log_weight * epsilon) / epsilon),
        .threshold = threshold,
        .weights = weights,
        .backward = row_backward,
    };
}

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)err;
    const struct config *config = config_in;
    struct state *state = state_in;
    const int64_t heads = shape->heads;
    const double a = log((config->initial_alpha - 1) / (2 - config->initial_alpha));
    state->logit = sbmt_params_add_under(params, prefix, "alpha_logit", 1, &heads,
                                         (struct sbmt_init){SBMT_INIT_CONSTANT, a});
    return true;
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)config;
    bool moves;
    const struct sbmt_entmax entmax = entmax_of(epsilon_of(state, head, pass, &moves));
    return sbmt_entmax_forward(&entmax, head, pass, saved, out, err);
}

static bool backward(const void *config, const void *state_in, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config;
    const struct state *state = state_in;
    bool moves;
    double dalpha;
    const double epsilon = epsilon_of(state, head, pass, &moves);
    const struct sbmt_entmax entmax = entmax_of(epsilon);
    if (!sbmt_entmax_backward(&entmax, head, pass, saved, dout, grad, &dalpha, err))
        return false;
    if (moves)
        pass->grad[state->logit->offset + (size_t)head->index] += SBMT_R(dalpha * epsilon *
                                                                         (1 - epsilon));
    return true;
}

#define ROW struct config
static const struct sbmt_field fields[] = {
    SBMT_NUMBER(ROW, initial_alpha, 1.5, 1.01, 1.99,
                "alpha of every head at the start: near 1 is softmax, near 2 sparsemax"),
    SBMT_FIELDS_END,
};

extern const struct sbmt_attention_ops sbmt_attention_alpha_entmax;
const struct sbmt_attention_ops sbmt_attention_alpha_entmax = {
    .variant = {.name = "alpha-entmax",
                .doc = "entmax weights with an alpha that every head learns, from dense to sparse "
                       "(Correia et al. 2019)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n²·d)",
    .state_size = sizeof(struct state),
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = sbmt_entmax_cost,
};
