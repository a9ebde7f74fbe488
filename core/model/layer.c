/* One pre-LN encoder layer, forward and backward. */
#include "core/model/layer.h"

#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/model/sites.h"
#include "core/nn/dropout.h"
#include "core/nn/layernorm.h"

struct sbmt_layer_saved {
    int n;
    real *norm1, *normal1, *rate1; /* (n, dim), (n, dim), (n) */
    struct sbmt_mixing_saved *mixing;
    real *norm2, *normal2, *rate2;
    real *hidden, *active; /* (n, ffn_dim) before and after GELU, the latter with dropout */
};

bool sbmt_layer_init(struct sbmt_layer *layer, const struct sbmt_model_config *config, int index,
                     int positions, void *attention_state, struct sbmt_params *params,
                     struct sbmt_error *err)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "encoder.layer.%d.", index);
    const int dim = config->dim, ffn = config->ffn_dim;
    *layer = (struct sbmt_layer){
        .config = config,
        .index = index,
        .norm1 = sbmt_norm_register(params, prefix, "attention.layernorm", dim),
        .norm2 = sbmt_norm_register(params, prefix, "layernorm", dim),
        .hidden = sbmt_linear_register(params, prefix, "intermediate.dense", ffn, dim),
        .ffn = sbmt_linear_register(params, prefix, "output.dense", dim, ffn),
    };
    return sbmt_mixing_init(&layer->mixing, config, prefix, positions, attention_state, params,
                            err);
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
    real **const at_width[] = {&saved->norm1, &saved->normal1, &saved->norm2, &saved->normal2};
    bool fits = true;
    for (size_t i = 0; i < sizeof at_width / sizeof at_width[0]; i++)
        fits &= (*at_width[i] = sbmt_arena_reals(arena, wide)) != NULL;
    fits &= (saved->rate1 = sbmt_arena_reals(arena, (size_t)n)) != NULL;
    fits &= (saved->rate2 = sbmt_arena_reals(arena, (size_t)n)) != NULL;
    fits &= (saved->hidden = sbmt_arena_reals(arena, ffn)) != NULL;
    fits &= (saved->active = sbmt_arena_reals(arena, ffn)) != NULL;
    *out = saved;
    return fits;
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
    if (!sbmt_mixing_forward(&layer->mixing, n, s->norm1, branch, pass, &s->mixing, err))
        return false;
    bool fits = drop(pass, config->dropout, SBMT_SITE_ATTENTION, n, dim, branch);
    add_rows(wide, branch, x);
    sbmt_layernorm_forward(kernels, n, dim, x, pass->value + layer->norm2.weight->offset,
                           pass->value + layer->norm2.bias->offset, s->norm2, s->normal2, s->rate2);
    sbmt_linear_params_forward(pass, layer->hidden, n, s->norm2, s->hidden);
    kernels->gelu(n * ffn, s->hidden, s->active);
    fits = drop(pass, config->dropout, SBMT_SITE_HIDDEN, n, ffn, s->active) && fits;
    sbmt_linear_params_forward(pass, layer->ffn, n, s->active, branch);
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
    sbmt_linear_params_backward(pass, layer->ffn, n, s->active, dbranch, 0, dhidden);
    fits = drop(pass, config->dropout, SBMT_SITE_HIDDEN, n, ffn, dhidden) && fits;
    pass->kernels->gelu_backward(n * ffn, s->hidden, dhidden, dhidden);
    sbmt_linear_params_backward(pass, layer->hidden, n, s->norm2, dhidden, 0, dbranch);
    sbmt_layernorm_backward(pass->kernels, n, dim, s->normal2, s->rate2,
                            pass->value + layer->norm2.weight->offset, dbranch, dx,
                            pass->grad + layer->norm2.weight->offset,
                            pass->grad + layer->norm2.bias->offset);
    return fits;
}

/* Through the attention block: dx += what reaches its input. */
static bool attention_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s,
                               real *dx, struct sbmt_pass *pass, struct sbmt_error *err)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *dbranch = sbmt_arena_reals(pass->scratch, wide);
    real *dnorm = sbmt_arena_reals(pass->scratch, wide);
    if (dbranch == NULL || dnorm == NULL)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    memcpy(dbranch, dx, wide * sizeof *dbranch);
    if (!drop(pass, layer->config->dropout, SBMT_SITE_ATTENTION, n, dim, dbranch))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    if (!sbmt_mixing_backward(&layer->mixing, s->mixing, dbranch, dnorm, pass, err))
        return false;
    sbmt_layernorm_backward(pass->kernels, n, dim, s->normal1, s->rate1,
                            pass->value + layer->norm1.weight->offset, dnorm, dx,
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
