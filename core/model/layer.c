/* One pre-LN encoder layer, forward and backward. */
#include "core/model/layer.h"

#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/model/sites.h"
#include "core/nn/dropout.h"

/* From forward to backward. What costs little beside attention is computed again in backward: the
 * norms' outputs, and the inside of the feed-forward block. */
struct sbmt_layer_saved {
    int n;
    real *normal1, *rate1; /* (n, dim), (n) */
    struct sbmt_mixing_saved *mixing;
    real *normal2, *rate2;
};

/* Inside the feed-forward block, in scratch memory. */
struct feed {
    real *norm;            /* (n, dim) */
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
    struct sbmt_layer_saved *saved = sbmt_arena_zalloc(arena, 1, sizeof *saved);
    if (saved == NULL)
        return false;
    *saved = (struct sbmt_layer_saved){
        .n = n,
        .normal1 = sbmt_arena_reals(arena, wide),
        .rate1 = sbmt_arena_reals(arena, (size_t)n),
        .normal2 = sbmt_arena_reals(arena, wide),
        .rate2 = sbmt_arena_reals(arena, (size_t)n),
    };
    *out = saved;
    return !arena->failed;
}

static bool feed_alloc(const struct sbmt_layer *layer, int n, struct sbmt_arena *scratch,
                       struct feed *feed)
{
    const size_t ffn = (size_t)n * (size_t)layer->config->ffn_dim;
    *feed = (struct feed){
        .norm = sbmt_arena_reals(scratch, (size_t)n * (size_t)layer->config->dim),
        .hidden = sbmt_arena_reals(scratch, ffn),
        .active = sbmt_arena_reals(scratch, ffn),
    };
    return !scratch->failed;
}

/* From feed->norm to feed->active. */
static bool feed_forward(const struct sbmt_layer *layer, int n, const struct sbmt_pass *pass,
                         const struct feed *feed)
{
    const int ffn = layer->config->ffn_dim;
    sbmt_linear_params_forward(pass, layer->hidden, n, feed->norm, feed->hidden);
    pass->kernels->gelu(n * ffn, feed->hidden, feed->active);
    return drop(pass, layer->config->dropout, SBMT_SITE_HIDDEN, n, ffn, feed->active);
}

static void add_rows(size_t count, const real *from, real *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

/* x += attention of its norm. */
static bool attention_block(const struct sbmt_layer *layer, struct sbmt_layer_saved *s, real *x,
                            struct sbmt_pass *pass, struct sbmt_error *err)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *norm = sbmt_arena_reals(pass->scratch, wide);
    real *branch = sbmt_arena_reals(pass->scratch, wide);
    if (norm == NULL || branch == NULL)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    sbmt_norm_params_forward(pass, layer->norm1, n, x, norm, s->normal1, s->rate1);
    if (!sbmt_mixing_forward(&layer->mixing, n, norm, branch, pass, &s->mixing, err))
        return false;
    if (!drop(pass, layer->config->dropout, SBMT_SITE_ATTENTION, n, dim, branch))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    add_rows(wide, branch, x);
    return true;
}

/* x += feed-forward of its norm. False when scratch memory is out. */
static bool feed_block(const struct sbmt_layer *layer, struct sbmt_layer_saved *s, real *x,
                       struct sbmt_pass *pass)
{
    const int n = s->n, dim = layer->config->dim;
    struct feed feed;
    if (!feed_alloc(layer, n, pass->scratch, &feed))
        return false;
    sbmt_norm_params_forward(pass, layer->norm2, n, x, feed.norm, s->normal2, s->rate2);
    bool fits = feed_forward(layer, n, pass, &feed);
    real *branch = feed.norm; /* which is not needed any more */
    sbmt_linear_params_forward(pass, layer->ffn, n, feed.active, branch);
    fits = drop(pass, layer->config->dropout, SBMT_SITE_OUTPUT, n, dim, branch) && fits;
    add_rows((size_t)n * (size_t)dim, branch, x);
    return fits;
}

bool sbmt_layer_forward(const struct sbmt_layer *layer, int n, real *x, struct sbmt_pass *pass,
                        struct sbmt_layer_saved **saved, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (!saved_alloc(layer, n, pass, saved))
        return sbmt_arena_check(pass->saved, "encoder layer", err);
    pass->layer = layer->index;
    if (!attention_block(layer, *saved, x, pass, err))
        return false;
    sbmt_arena_release(pass->scratch, mark);
    if (!feed_block(layer, *saved, x, pass))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    sbmt_pass_show_head(pass, "hidden", -1, n, layer->config->dim, layer->config->dim, x);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* Through the feed-forward block: dx += what reaches its input. */
static bool ffn_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s, real *dx,
                         struct sbmt_pass *pass)
{
    const struct sbmt_model_config *config = layer->config;
    const int n = s->n, dim = config->dim, ffn = config->ffn_dim;
    const size_t wide = (size_t)n * (size_t)dim;
    struct feed feed;
    real *dbranch = sbmt_arena_reals(pass->scratch, wide);
    real *dhidden = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)ffn);
    if (!feed_alloc(layer, n, pass->scratch, &feed) || dbranch == NULL || dhidden == NULL)
        return false;
    sbmt_norm_params_again(pass, layer->norm2, n, s->normal2, feed.norm);
    bool fits = feed_forward(layer, n, pass, &feed);
    memcpy(dbranch, dx, wide * sizeof *dbranch);
    fits = drop(pass, config->dropout, SBMT_SITE_OUTPUT, n, dim, dbranch) && fits;
    sbmt_linear_params_backward(pass, layer->ffn, n, feed.active, dbranch, 0, dhidden);
    fits = drop(pass, config->dropout, SBMT_SITE_HIDDEN, n, ffn, dhidden) && fits;
    pass->kernels->gelu_backward(n * ffn, feed.hidden, dhidden, dhidden);
    sbmt_linear_params_backward(pass, layer->hidden, n, feed.norm, dhidden, 0, dbranch);
    sbmt_norm_params_backward(pass, layer->norm2, n, s->normal2, s->rate2, dbranch, dx);
    return fits;
}

/* Through the attention block: dx += what reaches its input. */
static bool attention_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s,
                               real *dx, struct sbmt_pass *pass, struct sbmt_error *err)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *dbranch = sbmt_arena_reals(pass->scratch, wide);
    real *norm = sbmt_arena_reals(pass->scratch, wide);
    if (dbranch == NULL || norm == NULL)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    memcpy(dbranch, dx, wide * sizeof *dbranch);
    if (!drop(pass, layer->config->dropout, SBMT_SITE_ATTENTION, n, dim, dbranch))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    sbmt_norm_params_again(pass, layer->norm1, n, s->normal1, norm);
    if (!sbmt_mixing_backward(&layer->mixing, s->mixing, norm, dbranch, dbranch, pass, err))
        return false;
    sbmt_norm_params_backward(pass, layer->norm1, n, s->normal1, s->rate1, dbranch, dx);
    return true;
}

bool sbmt_layer_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *saved,
                         real *dx, struct sbmt_pass *pass, struct sbmt_error *err)
{
    pass->layer = layer->index;
    const int dim = layer->config->dim;
    sbmt_pass_show_head(pass, "gradient.hidden", -1, saved->n, dim, dim, dx);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (!ffn_backward(layer, saved, dx, pass))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    sbmt_arena_release(pass->scratch, mark);
    if (!attention_backward(layer, saved, dx, pass, err))
        return false;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
