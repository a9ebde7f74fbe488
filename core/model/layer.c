/* One pre-LN encoder layer, forward and backward. */
#include "core/model/layer.h"

#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/model/sites.h"
#include "core/nn/dropout.h"
#include "core/nn/layernorm.h"
#include "core/nn/linear.h"

struct sbmt_layer_saved {
    int n;
    real *norm1, *normal1, *rate1; /* (n, dim), (n, dim), (n) */
    real *query, *key, *value;     /* (n, dim) */
    real *attended;                /* (n, dim) heads side by side */
    void **heads;                  /* what each head's forward saved */
    real *norm2, *normal2, *rate2;
    real *hidden, *active; /* (n, ffn_dim) before and after GELU, the latter with dropout */
};

static const struct sbmt_tensor *add(struct sbmt_params *params, const char *prefix,
                                     const char *name, const char *part, int rank, int outputs,
                                     int inputs, struct sbmt_init init)
{
    char full[256];
    snprintf(full, sizeof full, "%s%s.%s", prefix, name, part);
    const int64_t shape[2] = {outputs, inputs};
    return sbmt_params_add(params, full, rank, shape, init);
}

struct sbmt_linear_params sbmt_linear_register(struct sbmt_params *params, const char *prefix,
                                               const char *name, int outputs, int inputs)
{
    const struct sbmt_init init = {SBMT_INIT_UNIFORM, 1 / sqrt(inputs)}; /* torch's default */
    return (struct sbmt_linear_params){
        .weight = add(params, prefix, name, "weight", 2, outputs, inputs, init),
        .bias = add(params, prefix, name, "bias", 1, outputs, 0, init),
    };
}

struct sbmt_linear_params sbmt_norm_register(struct sbmt_params *params, const char *prefix,
                                             const char *name, int d)
{
    return (struct sbmt_linear_params){
        .weight = add(params, prefix, name, "weight", 1, d, 0,
                      (struct sbmt_init){SBMT_INIT_ONE, 0}),
        .bias = add(params, prefix, name, "bias", 1, d, 0, (struct sbmt_init){SBMT_INIT_ZERO, 0}),
    };
}

bool sbmt_layer_init(struct sbmt_layer *layer, const struct sbmt_model_config *config, int index,
                     void *attention_state, struct sbmt_params *params, struct sbmt_error *err)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "encoder.layer.%d.", index);
    const int dim = config->dim, ffn = config->ffn_dim;
    *layer = (struct sbmt_layer){
        .config = config,
        .index = index,
        .ops = sbmt_attention_at(config->attention.index),
        .attention_state = attention_state,
        .norm1 = sbmt_norm_register(params, prefix, "attention.layernorm", dim),
        .query = sbmt_linear_register(params, prefix, "attention.self.query", dim, dim),
        .key = sbmt_linear_register(params, prefix, "attention.self.key", dim, dim),
        .value = sbmt_linear_register(params, prefix, "attention.self.value", dim, dim),
        .output = sbmt_linear_register(params, prefix, "attention.output.dense", dim, dim),
        .norm2 = sbmt_norm_register(params, prefix, "layernorm", dim),
        .hidden = sbmt_linear_register(params, prefix, "intermediate.dense", ffn, dim),
        .ffn = sbmt_linear_register(params, prefix, "output.dense", dim, ffn),
    };
    if (layer->ops->init == NULL)
        return true;
    char self[96];
    snprintf(self, sizeof self, "%sattention.self.", prefix);
    return layer->ops->init(config->attention.config, config->heads, dim / config->heads, self,
                            params, attention_state, err);
}

static struct sbmt_linear linear(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                 int n)
{
    return (struct sbmt_linear){
        .n = n,
        .inputs = (int)params.weight->shape[1],
        .outputs = (int)params.weight->shape[0],
        .weight = pass->value + params.weight->offset,
        .bias = pass->value + params.bias->offset,
    };
}

static void linear_forward(const struct sbmt_pass *pass, struct sbmt_linear_params params, int n,
                           const real *x, real *y)
{
    const struct sbmt_linear use = linear(pass, params, n);
    sbmt_linear_forward(&use, x, use.inputs, y, use.outputs);
}

static void linear_backward(const struct sbmt_pass *pass, struct sbmt_linear_params params, int n,
                            const real *x, const real *dy, real keep, real *dx)
{
    const struct sbmt_linear use = linear(pass, params, n);
    sbmt_linear_backward(&use, x, use.inputs, dy, use.outputs, keep, dx, use.inputs,
                         pass->grad + params.weight->offset, pass->grad + params.bias->offset);
}

static bool drop(const struct sbmt_pass *pass, double rate, enum sbmt_dropout_site site, int n,
                 int d, real *x)
{
    const struct sbmt_dropout dropout = sbmt_dropout_make(pass->training ? rate : 0);
    return sbmt_dropout_apply(pass->kernels, dropout,
                              sbmt_pass_key(pass, SBMT_RNG_DROPOUT, (int)site), n, d, x, d,
                              pass->scratch);
}

static bool saved_alloc(const struct sbmt_layer *layer, int n, struct sbmt_pass *pass,
                        struct sbmt_layer_saved **out)
{
    struct sbmt_arena *arena = pass->saved;
    const size_t wide = (size_t)n * (size_t)layer->config->dim;
    const size_t ffn = (size_t)n * (size_t)layer->config->ffn_dim;
    struct sbmt_layer_saved *saved = sbmt_arena_zalloc(arena, 1, sizeof *saved);
    if (saved == NULL)
        return false;
    saved->n = n;
    saved->heads = sbmt_arena_zalloc(arena, (size_t)layer->config->heads, sizeof *saved->heads);
    real **const at_width[] = {&saved->norm1, &saved->normal1,  &saved->query, &saved->key,
                               &saved->value, &saved->attended, &saved->norm2, &saved->normal2};
    bool fits = saved->heads != NULL;
    for (size_t i = 0; i < sizeof at_width / sizeof at_width[0]; i++)
        fits &= (*at_width[i] = sbmt_arena_reals(arena, wide)) != NULL;
    fits &= (saved->rate1 = sbmt_arena_reals(arena, (size_t)n)) != NULL;
    fits &= (saved->rate2 = sbmt_arena_reals(arena, (size_t)n)) != NULL;
    fits &= (saved->hidden = sbmt_arena_reals(arena, ffn)) != NULL;
    fits &= (saved->active = sbmt_arena_reals(arena, ffn)) != NULL;
    *out = saved;
    return fits;
}

/* A head is columns h·d … h·d+d−1 of the projections. */
static struct sbmt_head head_of(const struct sbmt_layer *layer,
                                const struct sbmt_layer_saved *saved, int head)
{
    const int d = layer->config->dim / layer->config->heads;
    const size_t at = (size_t)head * (size_t)d;
    return (struct sbmt_head){
        .index = head,
        .n = saved->n,
        .d = d,
        .stride = layer->config->dim,
        .q = saved->query + at,
        .k = saved->key + at,
        .v = saved->value + at,
        .dropout = layer->config->attention_dropout,
    };
}

static bool attention_forward(const struct sbmt_layer *layer, struct sbmt_layer_saved *saved,
                              struct sbmt_pass *pass, struct sbmt_error *err)
{
    linear_forward(pass, layer->query, saved->n, saved->norm1, saved->query);
    linear_forward(pass, layer->key, saved->n, saved->norm1, saved->key);
    linear_forward(pass, layer->value, saved->n, saved->norm1, saved->value);
    for (int h = 0; h < layer->config->heads; h++) {
        const struct sbmt_head head = head_of(layer, saved, h);
        if (!layer->ops->forward(layer->config->attention.config, layer->attention_state, &head,
                                 pass, &saved->heads[h], saved->attended + h * head.d, err))
            return false;
    }
    return true;
}

static void add_rows(size_t count, const real *from, real *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

bool sbmt_layer_forward(const struct sbmt_layer *layer, int n, real *x, struct sbmt_pass *pass,
                        struct sbmt_layer_saved **saved_out, struct sbmt_error *err)
{
    const struct sbmt_model_config *config = layer->config;
    const int dim = config->dim, ffn = config->ffn_dim;
    const size_t wide = (size_t)n * (size_t)dim;
    const struct sbmt_kernels *kernels = pass->kernels;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    real *branch = sbmt_arena_reals(pass->scratch, wide);
    struct sbmt_layer_saved *s;
    if (!saved_alloc(layer, n, pass, &s) || branch == NULL)
        return sbmt_arena_check(pass->saved, "encoder layer", err) &&
               sbmt_arena_check(pass->scratch, "encoder layer", err);
    *saved_out = s;
    pass->layer = layer->index;
    sbmt_layernorm_forward(kernels, n, dim, x, pass->value + layer->norm1.weight->offset,
                           pass->value + layer->norm1.bias->offset, s->norm1, s->normal1, s->rate1);
    if (!attention_forward(layer, s, pass, err))
        return false;
    linear_forward(pass, layer->output, n, s->attended, branch);
    bool fits = drop(pass, config->dropout, SBMT_SITE_ATTENTION, n, dim, branch);
    add_rows(wide, branch, x);
    sbmt_layernorm_forward(kernels, n, dim, x, pass->value + layer->norm2.weight->offset,
                           pass->value + layer->norm2.bias->offset, s->norm2, s->normal2, s->rate2);
    linear_forward(pass, layer->hidden, n, s->norm2, s->hidden);
    kernels->gelu(n * ffn, s->hidden, s->active);
    fits = drop(pass, config->dropout, SBMT_SITE_HIDDEN, n, ffn, s->active) && fits;
    linear_forward(pass, layer->ffn, n, s->active, branch);
    fits = drop(pass, config->dropout, SBMT_SITE_OUTPUT, n, dim, branch) && fits;
    add_rows(wide, branch, x);
    sbmt_arena_release(pass->scratch, mark);
    return fits || sbmt_arena_check(pass->scratch, "encoder layer", err);
}

/* Through the feed-forward block: dx += what reaches its input. */
static bool ffn_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s, real *dx,
                         struct sbmt_pass *pass)
{
    const struct sbmt_model_config *config = layer->config;
    const int n = s->n, dim = config->dim, ffn = config->ffn_dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *dbranch = sbmt_arena_reals(pass->scratch, wide);
    real *dhidden = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)ffn);
    if (dbranch == NULL || dhidden == NULL)
        return false;
    memcpy(dbranch, dx, wide * sizeof *dbranch);
    bool fits = drop(pass, config->dropout, SBMT_SITE_OUTPUT, n, dim, dbranch);
    linear_backward(pass, layer->ffn, n, s->active, dbranch, 0, dhidden);
    fits = drop(pass, config->dropout, SBMT_SITE_HIDDEN, n, ffn, dhidden) && fits;
    pass->kernels->gelu_backward(n * ffn, s->hidden, dhidden, dhidden);
    linear_backward(pass, layer->hidden, n, s->norm2, dhidden, 0, dbranch);
    sbmt_layernorm_backward(pass->kernels, n, dim, s->normal2, s->rate2,
                            pass->value + layer->norm2.weight->offset, dbranch, dx,
                            pass->grad + layer->norm2.weight->offset,
                            pass->grad + layer->norm2.bias->offset);
    return fits;
}

/* Through the heads: gradients of the projections from that of `attended`. */
static bool heads_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s,
                           const real *dattended, real *dquery, real *dkey, real *dvalue,
                           struct sbmt_pass *pass, struct sbmt_error *err)
{
    for (int h = 0; h < layer->config->heads; h++) {
        const struct sbmt_head head = head_of(layer, s, h);
        const size_t at = (size_t)h * (size_t)head.d;
        const struct sbmt_head_grad grad = {dquery + at, dkey + at, dvalue + at};
        if (!layer->ops->backward(layer->config->attention.config, layer->attention_state, &head,
                                  pass, s->heads[h], dattended + at, &grad, err))
            return false;
    }
    return true;
}

/* Through the attention block: dx += what reaches its input. */
static bool attention_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s,
                               real *dx, struct sbmt_pass *pass, struct sbmt_error *err)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *dbranch = sbmt_arena_reals(pass->scratch, wide);
    real *dattended = sbmt_arena_reals(pass->scratch, wide);
    real *dquery = sbmt_arena_zalloc(pass->scratch, wide, sizeof(real));
    real *dkey = sbmt_arena_zalloc(pass->scratch, wide, sizeof(real));
    real *dvalue = sbmt_arena_zalloc(pass->scratch, wide, sizeof(real));
    if (dbranch == NULL || dattended == NULL || dquery == NULL || dkey == NULL || dvalue == NULL)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    memcpy(dbranch, dx, wide * sizeof *dbranch);
    if (!drop(pass, layer->config->dropout, SBMT_SITE_ATTENTION, n, dim, dbranch))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    linear_backward(pass, layer->output, n, s->attended, dbranch, 0, dattended);
    if (!heads_backward(layer, s, dattended, dquery, dkey, dvalue, pass, err))
        return false;
    linear_backward(pass, layer->query, n, s->norm1, dquery, 0, dbranch);
    linear_backward(pass, layer->key, n, s->norm1, dkey, 1, dbranch);
    linear_backward(pass, layer->value, n, s->norm1, dvalue, 1, dbranch);
    sbmt_layernorm_backward(pass->kernels, n, dim, s->normal1, s->rate1,
                            pass->value + layer->norm1.weight->offset, dbranch, dx,
                            pass->grad + layer->norm1.weight->offset,
                            pass->grad + layer->norm1.bias->offset);
    return true;
}

bool sbmt_layer_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *saved,
                         real *dx, struct sbmt_pass *pass, struct sbmt_error *err)
{
    pass->layer = layer->index;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (!ffn_backward(layer, saved, dx, pass))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    sbmt_arena_release(pass->scratch, mark);
    if (!attention_backward(layer, saved, dx, pass, err))
        return false;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
