/* Synthesizer (Tay et al. 2020, arXiv 2005.00743): softmax attention whose scores are made without
 * comparing tokens with each other,
 *
 *     out_i = Σ_j softmax_j(s_ij) v_j,   `synthesizer-dense`:   s_i = W₂·relu(W₁·x_i + b₁) + b₂
 *                                        `synthesizer-random`:  s_ij = r_i·c_j, with factors r and
 * c
 *
 * for the first n of as many positions as there are. Both are products of two vectors, as those of
 * queries and keys, so that scores are never kept. They are two kinds because they read different
 * projections: in the dense form W₁ and b₁ are a head's query projection, as in the authors' code
 * (whose W₂ is shared by the heads and has no b₂; here it is the paper's), and the random form has
 * no input but the values. The paper leaves the start of the factors open: here scores start with a
 * standard deviation of 1.
 *
 * Of the paper's other forms, random without factors is an (n, n) parameter, and dense with factors
 * has for each token an outer product of n scores, which is no product of fewer columns: neither
 * is attention over keys in memory linear in n. */
#include "core/attention/attention.h"
#include "core/attention/dense.h"
#include "core/nn/activation.h"

struct random_config {
    int rank;
};

#define ROW struct random_config
static const struct sbmt_field random_fields[] = {
    SBMT_INT(ROW, rank, 8, 1, 4096, "columns of the two factors of the scores"),
    SBMT_FIELDS_END,
};

/* W₂ and b₂, or the factors r and c. */
struct dense_state {
    const struct sbmt_tensor *weight, *bias; /* (heads, positions, d), (heads, positions) */
};

struct random_state {
    const struct sbmt_tensor *row, *column; /* (heads, positions, rank) */
};

/* What forward leaves for backward. */
struct saved {
    real *log_sum; /* (n) */
    const real *out;
};

/* Attention with scores q·k, whose rows of `d` are adjacent, plus a bias. */
static struct sbmt_dense_attend attend_of(const struct sbmt_head *head,
                                          const struct sbmt_pass *pass, int d, const real *q,
                                          const real *k, const real *bias)
{
    return (struct sbmt_dense_attend){
        .queries = head->n,
        .keys = head->n,
        .d = d,
        .width = head->d,
        .q = {q, d},
        .k = {k, d},
        .v = {head->v, head->stride},
        .bias = bias,
        .scale = 1,
        .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
        .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
    };
}

static bool attend_forward(const struct sbmt_dense_attend *attend, const struct sbmt_head *head,
                           struct sbmt_pass *pass, void **saved_out, real *out,
                           struct sbmt_error *err)
{
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    if (saved == NULL || log_sum == NULL ||
        !sbmt_dense_attend_forward(attend, pass->kernels, out, head->stride, log_sum,
                                   pass->scratch))
        return sbmt_pass_check(pass, "Synthesizer attention", err);
    pass->stats->edges += (double)head->n * head->n;
    *saved = (struct saved){log_sum, out};
    *saved_out = saved;
    return true;
}

static bool attend_backward(const struct sbmt_dense_attend *attend, const struct sbmt_head *head,
                            struct sbmt_pass *pass, const struct saved *saved, const real *dout,
                            const struct sbmt_dense_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_rows out = {saved->out, head->stride}, gradient = {dout, head->stride};
    return sbmt_dense_attend_backward(attend, pass->kernels, out, saved->log_sum, gradient, grad,
                                      pass->scratch) ||
           sbmt_pass_check(pass, "Synthesizer attention", err);
}

/* As torch's Linear starts. */
static bool dense_init(const void *config, const struct sbmt_attention_shape *shape,
                       const char *prefix, struct sbmt_params *params, void *state_in,
                       struct sbmt_error *err)
{
    (void)config, (void)err;
    struct dense_state *state = state_in;
    const int64_t cube[3] = {shape->heads, shape->positions, shape->d};
    const struct sbmt_init uniform = {SBMT_INIT_UNIFORM, 1 / sqrt(shape->d)};
    state->weight = sbmt_params_add_under(params, prefix, "synthesizer.output.weight", 3, cube,
                                          uniform);
    state->bias = sbmt_params_add_under(params, prefix, "synthesizer.output.bias", 2, cube,
                                        uniform);
    sbmt_params_exempt(params, state->bias);
    return true;
}

/* The hidden layer relu(q) (n, d), in scratch; NULL when that is out. */
static real *hidden_of(const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const size_t n = (size_t)head->n, d = (size_t)head->d;
    real *hidden = sbmt_arena_reals(pass->scratch, n * d);
    if (hidden == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < d; t++)
            hidden[i * d + t] = head->q[i * (size_t)head->stride + t];
    sbmt_relu_forward(n * d, hidden);
    return hidden;
}

static struct sbmt_dense_attend dense_attend(const struct dense_state *state,
                                             const struct sbmt_head *head,
                                             const struct sbmt_pass *pass, const real *hidden)
{
    return attend_of(head, pass, head->d, hidden,
                     pass->value + sbmt_tensor_part(state->weight, head->index),
                     pass->value + sbmt_tensor_part(state->bias, head->index));
}

static bool dense_forward(const void *config, const void *state, const struct sbmt_head *head,
                          struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)config;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const real *hidden = hidden_of(head, pass);
    if (hidden == NULL)
        return sbmt_pass_check(pass, "Synthesizer attention", err);
    const struct sbmt_dense_attend attend = dense_attend(state, head, pass, hidden);
    const bool done = attend_forward(&attend, head, pass, saved, out, err);
    sbmt_arena_release(pass->scratch, mark);
    return done;
}

static bool dense_backward(const void *config, const void *state_in, const struct sbmt_head *head,
                           struct sbmt_pass *pass, const void *saved, const real *dout,
                           const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config;
    const struct dense_state *state = state_in;
    const size_t n = (size_t)head->n, d = (size_t)head->d;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const real *hidden = hidden_of(head, pass);
    real *dhidden = sbmt_arena_zalloc(pass->scratch, n * d, sizeof *dhidden);
    if (hidden == NULL || dhidden == NULL)
        return sbmt_pass_check(pass, "Synthesizer attention", err);
    const struct sbmt_dense_attend attend = dense_attend(state, head, pass, hidden);
    const struct sbmt_dense_grad to = {
        .dq = dhidden,
        .dk = pass->grad + sbmt_tensor_part(state->weight, head->index),
        .dv = grad->dv,
        .dbias = pass->grad + sbmt_tensor_part(state->bias, head->index),
    };
    if (!attend_backward(&attend, head, pass, saved, dout, &to, err))
        return false;
    sbmt_relu_backward(n * d, hidden, dhidden);
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < d; t++)
            grad->dq[i * (size_t)head->stride + t] += dhidden[i * d + t];
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static bool random_init(const void *config_in, const struct sbmt_attention_shape *shape,
                        const char *prefix, struct sbmt_params *params, void *state_in,
                        struct sbmt_error *err)
{
    (void)err;
    const int rank = ((const struct random_config *)config_in)->rank;
    struct random_state *state = state_in;
    const int64_t cube[3] = {shape->heads, shape->positions, rank};
    const struct sbmt_init normal = {SBMT_INIT_NORMAL, 1 / sqrt(sqrt(rank))};
    state->row = sbmt_params_add_under(params, prefix, "synthesizer.row", 3, cube, normal);
    state->column = sbmt_params_add_under(params, prefix, "synthesizer.column", 3, cube, normal);
    return true;
}

static struct sbmt_dense_attend random_attend(const struct random_state *state,
                                              const struct sbmt_head *head,
                                              const struct sbmt_pass *pass)
{
    return attend_of(head, pass, (int)state->row->shape[2],
                     pass->value + sbmt_tensor_part(state->row, head->index),
                     pass->value + sbmt_tensor_part(state->column, head->index), NULL);
}

static bool random_forward(const void *config, const void *state, const struct sbmt_head *head,
                           struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)config;
    const struct sbmt_dense_attend attend = random_attend(state, head, pass);
    return attend_forward(&attend, head, pass, saved, out, err);
}

static bool random_backward(const void *config, const void *state_in, const struct sbmt_head *head,
                            struct sbmt_pass *pass, const void *saved, const real *dout,
                            const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config;
    const struct random_state *state = state_in;
    const struct sbmt_dense_attend attend = random_attend(state, head, pass);
    const struct sbmt_dense_grad to = {
        .dq = pass->grad + sbmt_tensor_part(state->row, head->index),
        .dk = pass->grad + sbmt_tensor_part(state->column, head->index),
        .dv = grad->dv,
    };
    return attend_backward(&attend, head, pass, saved, dout, &to, err);
}

static struct sbmt_cost dense_cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return (struct sbmt_cost){.flops = 4.0 * n * n * d, .bytes = 4.0 * n};
}

static struct sbmt_cost random_cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const int rank = ((const struct random_config *)config_in)->rank;
    return (struct sbmt_cost){.flops = 2.0 * n * n * (rank + d), .bytes = 4.0 * n};
}

extern const struct sbmt_attention_ops sbmt_attention_synthesizer_dense;
const struct sbmt_attention_ops sbmt_attention_synthesizer_dense = {
    .variant = {.name = "synthesizer-dense",
                .doc = "softmax attention with scores that a token's query alone gives for all "
                       "positions (Tay et al. 2020)"},
    .complexity = "O(n²·d)",
    .inputs = SBMT_INPUTS_QUERY_VALUE,
    .state_size = sizeof(struct dense_state),
    .init = dense_init,
    .forward = dense_forward,
    .backward = dense_backward,
    .cost = dense_cost,
};

extern const struct sbmt_attention_ops sbmt_attention_synthesizer_random;
const struct sbmt_attention_ops sbmt_attention_synthesizer_random = {
    .variant = {.name = "synthesizer-random",
                .doc = "softmax attention with learnt scores of positions, the same for all "
                       "sequences, in two factors (Tay et al. 2020)",
                .fields = random_fields,
                .config_size = sizeof(struct random_config)},
    .complexity = "O(n²·(rank + d))",
    .inputs = SBMT_INPUTS_VALUE,
    .state_size = sizeof(struct random_state),
    .init = random_init,
    .forward = random_forward,
    .backward = random_backward,
    .cost = random_cost,
};
