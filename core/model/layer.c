/* One encoder layer, forward and backward. */
#include "core/model/layer.h"

#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/model/sites.h"
#include "core/nn/activation.h"
#include "core/nn/dropout.h"

/* From forward to backward. What costs little beside attention is computed again in backward: the
 * norms' outputs, and the inside of the feed-forward block. */
struct sbmt_layer_saved {
    int n;
    real *input;           /* (n, dim); NULL where norms stand before the blocks */
    real *normal1, *rate1; /* (n, dim), (n) */
    struct sbmt_mixing_saved *mixing;
    real *normal2, *rate2;
};

/* Inside the feed-forward block, in scratch memory. */
struct feed {
    real *input;           /* (n, dim) */
    real *hidden, *active; /* (n, ffn_dim) before and after the activation, the latter dropped */
};

bool sbmt_layer_init(struct sbmt_layer *layer, const struct sbmt_model_config *config, int index,
                     int positions, void *attention_state, struct sbmt_params *params,
                     struct sbmt_error *err)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "encoder.layer.%d.", index);
    const int dim = config->dim, ffn = config->ffn_dim;
    const bool after = sbmt_model_norms_after(config);
    const char *norm1 = after ? "attention.output.LayerNorm" : "attention.layernorm";
    const char *norm2 = after ? "output.LayerNorm" : "layernorm";
    const enum sbmt_linear_start start = sbmt_model_linear_start(config);
    *layer = (struct sbmt_layer){
        .config = config,
        .index = index,
        .norms_after = after,
        .norm1 = sbmt_norm_register(params, prefix, norm1, dim, config->norm_eps),
        .norm2 = sbmt_norm_register(params, prefix, norm2, dim, config->norm_eps),
        .hidden = sbmt_linear_register(params, prefix, "intermediate.dense", ffn, dim, start),
        .ffn = sbmt_linear_register(params, prefix, "output.dense", dim, ffn, start),
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
    if (layer->norms_after)
        saved->input = sbmt_arena_reals(arena, wide);
    *out = saved;
    return !arena->failed;
}

static bool feed_alloc(const struct sbmt_layer *layer, int n, struct sbmt_arena *scratch,
                       struct feed *feed)
{
    const size_t ffn = (size_t)n * (size_t)layer->config->ffn_dim;
    *feed = (struct feed){
        .input = sbmt_arena_reals(scratch, (size_t)n * (size_t)layer->config->dim),
        .hidden = sbmt_arena_reals(scratch, ffn),
        .active = sbmt_arena_reals(scratch, ffn),
    };
    return !scratch->failed;
}

/* Dropout after the activation, which BERT does not have. */
static bool drop_hidden(const struct sbmt_layer *layer, int n, const struct sbmt_pass *pass,
                        real *x)
{
    return layer->norms_after ||
           drop(pass, layer->config->dropout, SBMT_SITE_HIDDEN, n, layer->config->ffn_dim, x);
}

static enum sbmt_activation activation(const struct sbmt_layer *layer)
{
    return (enum sbmt_activation)layer->config->activation;
}

/* From feed->input to feed->active. */
static bool feed_forward(const struct sbmt_layer *layer, int n, const struct sbmt_pass *pass,
                         const struct feed *feed)
{
    const int ffn = layer->config->ffn_dim;
    sbmt_linear_params_forward(pass, layer->hidden, n, feed->input, feed->hidden);
    sbmt_activation_forward(pass->kernels, activation(layer), (size_t)n * (size_t)ffn, feed->hidden,
                            feed->active);
    return drop_hidden(layer, n, pass, feed->active);
}

static void add_rows(size_t count, const real *from, real *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

/* x += attention of x or of its norm, then the norm of that where it stands after. */
static bool attention_block(const struct sbmt_layer *layer, struct sbmt_layer_saved *s, real *x,
                            struct sbmt_pass *pass, struct sbmt_error *err)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *branch = sbmt_arena_reals(pass->scratch, wide);
    real *input = layer->norms_after ? s->input : sbmt_arena_reals(pass->scratch, wide);
    if (input == NULL || branch == NULL)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    if (layer->norms_after)
        memcpy(input, x, wide * sizeof *input);
    else
        sbmt_norm_params_forward(pass, layer->norm1, n, x, input, s->normal1, s->rate1);
    if (!sbmt_mixing_forward(&layer->mixing, n, input, branch, pass, &s->mixing, err))
        return false;
    if (!drop(pass, layer->config->dropout, SBMT_SITE_ATTENTION, n, dim, branch))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    add_rows(wide, branch, x);
    if (layer->norms_after)
        sbmt_norm_params_forward(pass, layer->norm1, n, x, x, s->normal1, s->rate1);
    return true;
}

/* The same with the feed-forward block. False when scratch memory is out. */
static bool feed_block(const struct sbmt_layer *layer, struct sbmt_layer_saved *s, real *x,
                       struct sbmt_pass *pass)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    struct feed feed;
    if (!feed_alloc(layer, n, pass->scratch, &feed))
        return false;
    if (layer->norms_after)
        memcpy(feed.input, x, wide * sizeof *x);
    else
        sbmt_norm_params_forward(pass, layer->norm2, n, x, feed.input, s->normal2, s->rate2);
    bool fits = feed_forward(layer, n, pass, &feed);
    real *branch = feed.input; /* which is not needed any more */
    sbmt_linear_params_forward(pass, layer->ffn, n, feed.active, branch);
    fits = drop(pass, layer->config->dropout, SBMT_SITE_OUTPUT, n, dim, branch) && fits;
    add_rows(wide, branch, x);
    if (layer->norms_after)
        sbmt_norm_params_forward(pass, layer->norm2, n, x, x, s->normal2, s->rate2);
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

/* From dx, the gradient of a block's output, to that of its branch, and of what goes around it,
 * which dx becomes. */
static void enter_block(const struct sbmt_layer *layer, struct sbmt_norm_params norm, int n,
                        const real *normal, const real *rate, struct sbmt_pass *pass, real *dx,
                        real *dbranch)
{
    const size_t wide = (size_t)n * (size_t)layer->config->dim;
    if (layer->norms_after) {
        memset(dbranch, 0, wide * sizeof *dbranch);
        sbmt_norm_params_backward(pass, norm, n, normal, rate, dx, dbranch);
        memcpy(dx, dbranch, wide * sizeof *dx);
    } else {
        memcpy(dbranch, dx, wide * sizeof *dbranch);
    }
}

/* dx += what reaches the block's input through its branch, given the gradient of what that read. */
static void leave_block(const struct sbmt_layer *layer, struct sbmt_norm_params norm, int n,
                        const real *normal, const real *rate, struct sbmt_pass *pass,
                        const real *dread, real *dx)
{
    if (layer->norms_after)
        add_rows((size_t)n * (size_t)layer->config->dim, dread, dx);
    else
        sbmt_norm_params_backward(pass, norm, n, normal, rate, dread, dx);
}

/* Through the feed-forward block: dx becomes the gradient of its input. */
static bool ffn_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s, real *dx,
                         struct sbmt_pass *pass)
{
    const struct sbmt_model_config *config = layer->config;
    const int n = s->n, dim = config->dim, ffn = config->ffn_dim;
    struct feed feed;
    real *dbranch = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)dim);
    real *dhidden = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)ffn);
    if (!feed_alloc(layer, n, pass->scratch, &feed) || dbranch == NULL || dhidden == NULL)
        return false;
    if (layer->norms_after)
        sbmt_norm_params_again(pass, layer->norm1, n, s->normal1, feed.input);
    else
        sbmt_norm_params_again(pass, layer->norm2, n, s->normal2, feed.input);
    bool fits = feed_forward(layer, n, pass, &feed);
    enter_block(layer, layer->norm2, n, s->normal2, s->rate2, pass, dx, dbranch);
    fits = drop(pass, config->dropout, SBMT_SITE_OUTPUT, n, dim, dbranch) && fits;
    sbmt_linear_params_backward(pass, layer->ffn, n, feed.active, dbranch, 0, dhidden);
    fits = drop_hidden(layer, n, pass, dhidden) && fits;
    sbmt_activation_backward(pass->kernels, activation(layer), (size_t)n * (size_t)ffn, feed.hidden,
                             dhidden, dhidden);
    sbmt_linear_params_backward(pass, layer->hidden, n, feed.input, dhidden, 0, dbranch);
    leave_block(layer, layer->norm2, n, s->normal2, s->rate2, pass, dbranch, dx);
    return fits;
}

/* Through the attention block likewise. */
static bool attention_backward(const struct sbmt_layer *layer, const struct sbmt_layer_saved *s,
                               real *dx, struct sbmt_pass *pass, struct sbmt_error *err)
{
    const int n = s->n, dim = layer->config->dim;
    const size_t wide = (size_t)n * (size_t)dim;
    real *dbranch = sbmt_arena_reals(pass->scratch, wide);
    real *input = layer->norms_after ? s->input : sbmt_arena_reals(pass->scratch, wide);
    if (dbranch == NULL || input == NULL)
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    enter_block(layer, layer->norm1, n, s->normal1, s->rate1, pass, dx, dbranch);
    if (!drop(pass, layer->config->dropout, SBMT_SITE_ATTENTION, n, dim, dbranch))
        return sbmt_arena_check(pass->scratch, "encoder layer", err);
    if (!layer->norms_after)
        sbmt_norm_params_again(pass, layer->norm1, n, s->normal1, input);
    if (!sbmt_mixing_backward(&layer->mixing, s->mixing, input, dbranch, dbranch, pass, err))
        return false;
    leave_block(layer, layer->norm1, n, s->normal1, s->rate1, pass, dbranch, dx);
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
