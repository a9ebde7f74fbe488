/* The encoder over one sequence: embeddings, layers, and a norm after the last layer or, where
 * norms stand after the blocks, after the embeddings. */
#include "core/model/encoder.h"

#include <stdlib.h>
#include <string.h>

#include "core/model/embeddings.h"
#include "core/model/ends.h"
#include "core/model/layer.h"

struct sbmt_encoder {
    const struct sbmt_model_config *config;
    struct sbmt_embeddings embeddings;
    struct sbmt_norm_params norm;
    struct sbmt_arena arena; /* the layers' attention states */
    struct sbmt_layer layers[];
};

struct sbmt_encoder_saved {
    struct sbmt_sequence sequence;
    struct sbmt_layer_saved **layers;
    real *normal, *rate; /* of the norm: (n, dim), (n) */
};

static bool add_layers(struct sbmt_encoder *encoder, int positions, struct sbmt_params *params,
                       struct sbmt_error *err)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(encoder->config->attention.index);
    for (int l = 0; l < encoder->config->layers; l++) {
        void *state = sbmt_arena_zalloc(&encoder->arena, 1, ops->state_size);
        if (state == NULL)
            return sbmt_arena_check(&encoder->arena, "model", err);
        if (!sbmt_layer_init(&encoder->layers[l], encoder->config, l, positions, state, params,
                             err))
            return false;
    }
    return true;
}

struct sbmt_encoder *sbmt_encoder_create(const struct sbmt_model_config *config,
                                         const struct sbmt_model_shape *shape,
                                         struct sbmt_params *params, struct sbmt_error *err)
{
    struct sbmt_encoder *encoder = calloc(1, sizeof *encoder + (size_t)config->layers *
                                                                   sizeof encoder->layers[0]);
    if (encoder == NULL) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "model: out of memory");
        return NULL;
    }
    encoder->config = config;
    sbmt_embeddings_init(&encoder->embeddings, config, shape, params);
    if (!add_layers(encoder, sbmt_model_length(config, shape->positions), params, err)) {
        sbmt_encoder_destroy(encoder);
        return NULL;
    }
    const bool after = sbmt_model_norms_after(config);
    encoder->norm = sbmt_norm_register(params, after ? "embeddings." : "encoder.",
                                       after ? "LayerNorm" : "layernorm", config->dim,
                                       config->norm_eps);
    return encoder;
}

void sbmt_encoder_destroy(struct sbmt_encoder *encoder)
{
    if (encoder == NULL)
        return;
    sbmt_arena_finish(&encoder->arena);
    free(encoder);
}

static bool drop(const struct sbmt_encoder *encoder, const struct sbmt_pass *pass, int n, real *x)
{
    return sbmt_ends_drop(encoder->config, pass, SBMT_SITE_EMBEDDING, n, encoder->config->dim, x);
}

bool sbmt_encoder_forward(const struct sbmt_encoder *encoder, const struct sbmt_sequence *sequence,
                          struct sbmt_pass *pass, struct sbmt_encoder_saved **saved_out,
                          const real **out, struct sbmt_error *err)
{
    const int n = sbmt_model_length(encoder->config, sequence->n);
    const int dim = encoder->config->dim, layers = encoder->config->layers;
    const size_t wide = (size_t)n * (size_t)dim;
    struct sbmt_encoder_saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    struct sbmt_layer_saved **each = sbmt_arena_zalloc(pass->saved, (size_t)layers, sizeof *each);
    real *x = sbmt_arena_reals(pass->saved, wide), *normal = sbmt_arena_reals(pass->saved, wide);
    real *rate = sbmt_arena_reals(pass->saved, (size_t)n);
    if (saved == NULL || each == NULL || x == NULL || normal == NULL || rate == NULL)
        return sbmt_arena_check(pass->saved, "encoder", err);
    *saved = (struct sbmt_encoder_saved){*sequence, each, normal, rate};
    const bool after = sbmt_model_norms_after(encoder->config);
    if (!sbmt_embeddings_forward(&encoder->embeddings, sequence, pass, x))
        return sbmt_arena_check(pass->scratch, "encoder", err);
    if (after)
        sbmt_norm_params_forward(pass, encoder->norm, n, x, x, normal, rate);
    if (!drop(encoder, pass, n, x))
        return sbmt_arena_check(pass->scratch, "encoder", err);
    for (int l = 0; l < layers; l++)
        if (!sbmt_layer_forward(&encoder->layers[l], n, x, pass, &each[l], err))
            return false;
    if (!after)
        sbmt_norm_params_forward(pass, encoder->norm, n, x, x, normal, rate);
    *saved_out = saved;
    *out = x;
    return true;
}

/* dx becomes the gradient of the norm's input, given `dy`, that of its output. */
static void norm_backward(const struct sbmt_encoder *encoder,
                          const struct sbmt_encoder_saved *saved, int n, struct sbmt_pass *pass,
                          const real *dy, real *dx)
{
    memset(dx, 0, (size_t)n * (size_t)encoder->config->dim * sizeof *dx);
    sbmt_norm_params_backward(pass, encoder->norm, n, saved->normal, saved->rate, dy, dx);
}

bool sbmt_encoder_backward(const struct sbmt_encoder *encoder,
                           const struct sbmt_encoder_saved *saved, struct sbmt_pass *pass,
                           real *dout, struct sbmt_error *err)
{
    const int n = sbmt_model_length(encoder->config, saved->sequence.n), dim = encoder->config->dim;
    const bool after = sbmt_model_norms_after(encoder->config);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    real *other = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)dim);
    if (other == NULL)
        return sbmt_arena_check(pass->scratch, "encoder", err);
    real *dx = after ? dout : other;
    if (!after)
        norm_backward(encoder, saved, n, pass, dout, dx);
    for (int l = encoder->config->layers - 1; l >= 0; l--)
        if (!sbmt_layer_backward(&encoder->layers[l], saved->layers[l], dx, pass, err))
            return false;
    if (!drop(encoder, pass, n, dx))
        return sbmt_arena_check(pass->scratch, "encoder", err);
    if (after)
        norm_backward(encoder, saved, n, pass, dx, other);
    if (!sbmt_embeddings_backward(&encoder->embeddings, &saved->sequence, pass, after ? other : dx))
        return sbmt_arena_check(pass->scratch, "encoder", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
