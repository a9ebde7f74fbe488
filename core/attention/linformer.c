/* Linformer (Wang et al. 2020, arXiv 2006.04768, equation 7): keys and values are projected along
 * the sequence, E·K and E·V, and queries attend to the `projected` rows of these.
 *
 * E is one matrix a head, the same for keys and values and for all layers ("layerwise sharing",
 * section 4), as in the comparisons on Long Range Arena (code of Nyströmformer and of
 * SBM-Transformer), which take one a head where the paper takes one for all. It has a column for
 * each position; a sequence of n tokens uses the first n. Dropout acts on the attention weights as
 * in the authors' code; in the comparisons it does not. */
#include "core/attention/attention.h"
#include "core/attention/dense.h"
#include "core/kernels/gemm.h"

struct linformer_config {
    int projected;
};

#define ROW struct linformer_config
static const struct sbmt_field fields[] = {
    SBMT_INT(ROW, projected, 256, 1, 65536, "length that keys and values are projected to"),
    SBMT_FIELDS_END,
};

struct linformer_state {
    const struct sbmt_tensor *projection; /* (heads, projected, positions) */
};

/* What forward leaves for backward. */
struct saved {
    real *key, *value; /* (projected, d) E·K and E·V */
    real *log_sum;     /* (n) */
    const real *out;
};

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state_in,
                 struct sbmt_error *err)
{
    (void)prefix, (void)err;
    const struct linformer_config *config = config_in;
    struct linformer_state *state = state_in;
    const int64_t cube[3] = {shape->heads, config->projected, shape->positions};
    state->projection = sbmt_params_add(params, "linformer.projection", 3, cube,
                                        (struct sbmt_init){SBMT_INIT_NORMAL, 0.02});
    return true;
}

static int positions_of(const struct linformer_state *state)
{
    return (int)state->projection->shape[2];
}

static struct sbmt_dense_attend attend_of(const struct linformer_config *config,
                                          const struct sbmt_head *head, const struct saved *saved,
                                          const struct sbmt_pass *pass)
{
    struct sbmt_dense_attend attend = sbmt_dense_head(head, pass);
    attend.keys = config->projected;
    attend.k = (struct sbmt_rows){saved->key, head->d};
    attend.v = (struct sbmt_rows){saved->value, head->d};
    return attend;
}

static bool forward(const void *config_in, const void *state_in, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct linformer_state *state = state_in;
    const struct linformer_config *config = config_in;
    const int n = head->n, d = head->d, projected = config->projected;
    const size_t size = (size_t)projected * (size_t)d;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    if (saved == NULL)
        return sbmt_pass_check(pass, "Linformer attention", err);
    *saved = (struct saved){
        .key = sbmt_arena_reals(pass->saved, size),
        .value = sbmt_arena_reals(pass->saved, size),
        .log_sum = sbmt_arena_reals(pass->saved, (size_t)n),
        .out = out,
    };
    if (pass->saved->failed)
        return sbmt_pass_check(pass, "Linformer attention", err);
    const real *projection = pass->value + sbmt_tensor_part(state->projection, head->index);
    const int positions = positions_of(state);
    sbmt_gemm(projected, d, n, projection, positions, head->k, head->stride, 0, saved->key, d);
    sbmt_gemm(projected, d, n, projection, positions, head->v, head->stride, 0, saved->value, d);
    const struct sbmt_dense_attend attend = attend_of(config, head, saved, pass);
    if (!sbmt_dense_attend_forward(&attend, pass->kernels, out, head->stride, saved->log_sum,
                                   pass->scratch))
        return sbmt_pass_check(pass, "Linformer attention", err);
    pass->stats->edges += (double)n * projected;
    *saved_out = saved;
    return true;
}

/* Through m = E·x for the keys or values x: dx += Eᵀ dm, dE += dm·xᵀ. */
static void project_backward(const struct linformer_state *state, const struct sbmt_head *head,
                             const struct sbmt_pass *pass, int projected, const real *x,
                             const real *dm, real *dx)
{
    const int n = head->n, d = head->d, positions = positions_of(state);
    const size_t at = sbmt_tensor_part(state->projection, head->index);
    sbmt_gemm_tn(n, d, projected, pass->value + at, positions, dm, d, 1, dx, head->stride);
    sbmt_gemm_nt(projected, n, d, dm, d, x, head->stride, 1, pass->grad + at, positions);
}

static bool backward(const void *config_in, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct linformer_config *config = config_in;
    const struct saved *saved = saved_in;
    const size_t size = (size_t)config->projected * (size_t)head->d;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const struct sbmt_dense_attend attend = attend_of(config, head, saved, pass);
    const struct sbmt_rows out = {saved->out, head->stride}, gradient = {dout, head->stride};
    const struct sbmt_dense_grad to = {
        .dq = grad->dq,
        .dk = sbmt_arena_zalloc(pass->scratch, size, sizeof(real)),
        .dv = sbmt_arena_zalloc(pass->scratch, size, sizeof(real)),
    };
    if (pass->scratch->failed ||
        !sbmt_dense_attend_backward(&attend, pass->kernels, out, saved->log_sum, gradient, &to,
                                    pass->scratch))
        return sbmt_pass_check(pass, "Linformer attention", err);
    project_backward(state, head, pass, config->projected, head->k, to.dk, grad->dk);
    project_backward(state, head, pass, config->projected, head->v, to.dv, grad->dv);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    (void)density;
    const double projected = ((const struct linformer_config *)config_in)->projected;
    return (struct sbmt_cost){
        .flops = 8 * projected * n * d,
        .bytes = 4 * (2 * projected * d + n),
    };
}

extern const struct sbmt_attention_ops sbmt_attention_linformer;
const struct sbmt_attention_ops sbmt_attention_linformer = {
    .variant = {.name = "linformer",
                .doc = "softmax attention to keys and values projected to a fixed length "
                       "(Wang et al. 2020)",
                .fields = fields,
                .config_size = sizeof(struct linformer_config)},
    .complexity = "O(n·projected·d)",
    .state_size = sizeof(struct linformer_state),
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
