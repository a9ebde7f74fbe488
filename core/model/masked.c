/* The head for words to be guessed, forward and backward. */
#include "core/model/masked.h"

#include <string.h>

#include "core/nn/activation.h"
#include "core/nn/embedding.h"

struct sbmt_masked_saved {
    int count;
    const int32_t *place;
    real *x;             /* (count, dim) vectors of the places */
    real *hidden;        /* (count, dim) before the activation */
    real *normal, *rate; /* (count, dim), (count) */
    real *decoded;       /* (count, dim) what the decoder reads */
};

/* RoBERTa's head has the exact GELU whatever its blocks have. */
static enum sbmt_activation activation(const struct sbmt_masked *masked)
{
    return masked->config->architecture == SBMT_ARCHITECTURE_ROBERTA
               ? SBMT_ACTIVATION_GELU
               : (enum sbmt_activation)masked->config->activation;
}

void sbmt_masked_init(struct sbmt_masked *masked, const struct sbmt_model_config *config, int vocab,
                      struct sbmt_params *params)
{
    static const char prefix[] = "cls.predictions.";
    const int dim = config->dim;
    const int64_t words = vocab;
    *masked = (struct sbmt_masked){
        .config = config,
        .vocab = vocab,
        .dense = sbmt_linear_register(params, prefix, "transform.dense", dim, dim,
                                      sbmt_model_linear_start(config)),
        .norm = sbmt_norm_register(params, prefix, "transform.LayerNorm", dim, config->norm_eps),
        .decoder = {sbmt_params_find(params, "embeddings.word_embeddings.weight"),
                    sbmt_params_add_under(params, prefix, "bias", 1, &words,
                                          (struct sbmt_init){SBMT_INIT_ZERO, 0})},
    };
}

static bool saved_alloc(const struct sbmt_masked *masked, int count, const int32_t *place,
                        struct sbmt_arena *arena, struct sbmt_masked_saved **out)
{
    const size_t size = (size_t)count * (size_t)masked->config->dim;
    struct sbmt_masked_saved *saved = sbmt_arena_zalloc(arena, 1, sizeof *saved);
    if (saved == NULL)
        return false;
    *saved = (struct sbmt_masked_saved){
        .count = count,
        .place = place,
        .x = sbmt_arena_zalloc(arena, size, sizeof(real)),
        .hidden = sbmt_arena_reals(arena, size),
        .normal = sbmt_arena_reals(arena, size),
        .rate = sbmt_arena_reals(arena, (size_t)count),
        .decoded = sbmt_arena_reals(arena, size),
    };
    *out = saved;
    return !arena->failed;
}

bool sbmt_masked_forward(const struct sbmt_masked *masked, struct sbmt_pass *pass, int count,
                         const int32_t *place, const real *x, struct sbmt_masked_saved **saved_out,
                         real *logits, struct sbmt_error *err)
{
    const int dim = masked->config->dim;
    struct sbmt_masked_saved *saved;
    if (!saved_alloc(masked, count, place, pass->saved, &saved))
        return sbmt_arena_check(pass->saved, "masked words", err);
    sbmt_embedding_forward(count, dim, place, x, saved->x);
    sbmt_linear_params_forward(pass, masked->dense, count, saved->x, saved->hidden);
    sbmt_activation_forward(pass->kernels, activation(masked), (size_t)count * (size_t)dim,
                            saved->hidden, saved->decoded);
    sbmt_norm_params_forward(pass, masked->norm, count, saved->decoded, saved->decoded,
                             saved->normal, saved->rate);
    sbmt_linear_params_forward(pass, masked->decoder, count, saved->decoded, logits);
    *saved_out = saved;
    return true;
}

bool sbmt_masked_backward(const struct sbmt_masked *masked, struct sbmt_pass *pass,
                          const struct sbmt_masked_saved *saved, const real *dlogits, real *dx,
                          struct sbmt_error *err)
{
    const int count = saved->count, dim = masked->config->dim;
    const size_t size = (size_t)count * (size_t)dim;
    real *dinner = sbmt_arena_reals(pass->scratch, size);
    real *dhidden = sbmt_arena_zalloc(pass->scratch, size, sizeof(real));
    if (dinner == NULL || dhidden == NULL)
        return sbmt_arena_check(pass->scratch, "masked words", err);
    sbmt_linear_params_backward(pass, masked->decoder, count, saved->decoded, dlogits, 0, dinner);
    sbmt_norm_params_backward(pass, masked->norm, count, saved->normal, saved->rate, dinner,
                              dhidden);
    sbmt_activation_backward(pass->kernels, activation(masked), (size_t)count * (size_t)dim,
                             saved->hidden, dhidden, dhidden);
    sbmt_linear_params_backward(pass, masked->dense, count, saved->x, dhidden, 0, dinner);
    sbmt_embedding_backward(count, dim, saved->place, dinner, dx);
    return true;
}
