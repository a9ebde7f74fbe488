/* The model over one example: encode each sequence, pool, classify, and back. */
#include "core/model/model.h"

#include <stdlib.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/model/classifier.h"
#include "core/model/encoder.h"
#include "core/nn/loss.h"
#include "core/nn/pool.h"

struct sbmt_model {
    const struct sbmt_model_config *config;
    struct sbmt_model_shape shape;
    struct sbmt_encoder *encoder;
    struct sbmt_classifier classifier;
};

struct sbmt_model *sbmt_model_create(const struct sbmt_model_config *config,
                                     const struct sbmt_model_shape *shape,
                                     struct sbmt_params *params, struct sbmt_error *err)
{
    if (!sbmt_model_config_check(config, err))
        return NULL;
    if (sbmt_model_counts_padding(config) && shape->positions > config->padded_length) {
        sbmt_fail(err, SBMT_ERROR_CONFIG,
                  "model.padded_length: attention.count_padding needs that of the longest sequence, "
                  "%d, or more",
                  shape->positions);
        return NULL;
    }
    struct sbmt_model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "model: out of memory");
        return NULL;
    }
    model->config = config;
    model->shape = *shape;
    model->encoder = sbmt_encoder_create(config, shape, params, err);
    if (model->encoder == NULL) {
        free(model);
        return NULL;
    }
    sbmt_classifier_init(&model->classifier, config->dim * shape->segments, config->classifier_dim,
                         shape->classes, params);
    return model;
}

void sbmt_model_destroy(struct sbmt_model *model)
{
    if (model == NULL)
        return;
    sbmt_encoder_destroy(model->encoder);
    free(model);
}

const struct sbmt_model_shape *sbmt_model_shape(const struct sbmt_model *model)
{
    return &model->shape;
}

int sbmt_model_draws(const struct sbmt_model *model)
{
    const struct sbmt_variant_value *attention = &model->config->attention;
    const struct sbmt_attention_ops *ops = sbmt_attention_at(attention->index);
    return ops->draws == NULL ? 1 : ops->draws(attention->config);
}

enum { MOST_SEGMENTS = 2 };

/* One example between forward and backward. */
struct example {
    int n[MOST_SEGMENTS];
    struct sbmt_encoder_saved *encoded[MOST_SEGMENTS];
    real *pooled, *hidden, *logits, *dlogits; /* (segments·dim), (classifier_dim), (classes) */
};

/* How many rows pooling sums, and what it divides by. */
static void pooling(const struct sbmt_model_config *config, int n, int *rows, real *divisor)
{
    *rows = config->pooling == SBMT_POOLING_CLS ? 1 : n;
    *divisor = SBMT_R(config->pooling == SBMT_POOLING_PADDED_MEAN ? config->padded_length : *rows);
}

static bool forward(const struct sbmt_model *model, const struct sbmt_batch *batch, int index,
                    struct sbmt_pass *pass, struct example *example, struct sbmt_error *err)
{
    const int dim = model->config->dim, segments = model->shape.segments;
    const int classes = model->shape.classes;
    *example = (struct example){
        .pooled = sbmt_arena_reals(pass->saved, (size_t)(segments * dim)),
        .hidden = sbmt_arena_reals(pass->saved, (size_t)model->config->classifier_dim),
        .logits = sbmt_arena_reals(pass->saved, (size_t)classes),
        .dlogits = sbmt_arena_reals(pass->saved, (size_t)classes),
    };
    if (!sbmt_arena_check(pass->saved, "model", err))
        return false;
    for (int s = 0; s < segments; s++) {
        const int64_t first = batch->offset[index * segments + s];
        const int n = (int)(batch->offset[index * segments + s + 1] - first);
        const real *encoded;
        example->n[s] = n;
        pass->sequence = batch->id[index] * MOST_SEGMENTS + (uint64_t)s;
        if (!sbmt_encoder_forward(model->encoder, batch->tokens + first, n, pass,
                                  &example->encoded[s], &encoded, err))
            return false;
        int rows;
        real divisor;
        pooling(model->config, n, &rows, &divisor);
        sbmt_pool_forward(rows, dim, divisor, encoded, example->pooled + s * dim);
    }
    sbmt_classifier_forward(&model->classifier, pass, example->pooled, example->hidden,
                            example->logits);
    return true;
}

/* Forward as often as there are draws, each with its own step. The logits become the mean's. */
static bool forward_draws(const struct sbmt_model *model, const struct sbmt_batch *batch, int index,
                          struct sbmt_pass *pass, int draws, struct example *example,
                          uint64_t *hits, struct sbmt_error *err)
{
    const int classes = model->shape.classes;
    real *mean = sbmt_arena_zalloc(pass->saved, (size_t)classes, sizeof *mean);
    if (mean == NULL)
        return sbmt_arena_check(pass->saved, "model", err);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->saved);
    const uint32_t step = pass->step;
    bool done = true;
    *hits = 0;
    for (int d = 0; d < draws && done; d++) {
        sbmt_arena_release(pass->saved, mark);
        pass->step = step + (uint32_t)d;
        done = forward(model, batch, index, pass, example, err);
        if (!done)
            break;
        const bool hit = sbmt_argmax(classes, example->logits) == batch->label[index];
        *hits |= (uint64_t)hit << d;
        for (int c = 0; c < classes; c++)
            mean[c] += example->logits[c] / SBMT_R(draws);
    }
    pass->step = step;
    if (done && draws > 1)
        memcpy(example->logits, mean, (size_t)classes * sizeof *mean);
    return done;
}

static bool backward(const struct sbmt_model *model, const struct sbmt_batch *batch, int index,
                     struct sbmt_pass *pass, const struct example *example, struct sbmt_error *err)
{
    const int dim = model->config->dim, segments = model->shape.segments;
    real *work = sbmt_arena_reals(pass->scratch, (size_t)model->config->classifier_dim);
    real *dpooled = sbmt_arena_reals(pass->scratch, (size_t)(segments * dim));
    if (!sbmt_arena_check(pass->scratch, "model", err))
        return false;
    sbmt_classifier_backward(&model->classifier, pass, example->pooled, example->hidden,
                             example->dlogits, work, dpooled);
    for (int s = segments - 1; s >= 0; s--) {
        const int n = example->n[s];
        const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
        real *dencoded = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)dim);
        if (!sbmt_arena_check(pass->scratch, "model", err))
            return false;
        int rows;
        real divisor;
        pooling(model->config, n, &rows, &divisor);
        sbmt_pool_backward(n, rows, dim, divisor, dpooled + s * dim, dencoded);
        pass->sequence = batch->id[index] * MOST_SEGMENTS + (uint64_t)s;
        if (!sbmt_encoder_backward(model->encoder, example->encoded[s], pass, dencoded, err))
            return false;
        sbmt_arena_release(pass->scratch, mark);
    }
    return true;
}

bool sbmt_model_example(const struct sbmt_model *model, const struct sbmt_batch *batch, int index,
                        struct sbmt_pass *pass, real *logits, struct sbmt_outcome *outcome,
                        struct sbmt_error *err)
{
    const struct sbmt_arena_mark saved = sbmt_arena_mark(pass->saved);
    const struct sbmt_arena_mark scratch = sbmt_arena_mark(pass->scratch);
    const int classes = model->shape.classes;
    struct example example;
    pass->layers = model->config->layers;
    pass->heads = model->config->heads;
    pass->counted_length = sbmt_model_counts_padding(model->config) ? model->config->padded_length
                                                                    : 0;
    const bool evaluation = pass->grad == NULL && !pass->training;
    const int draws = evaluation ? sbmt_model_draws(model) : 1;
    bool done = forward_draws(model, batch, index, pass, draws, &example, &outcome->hits, err);
    if (done) {
        const real share = 1 / SBMT_R(pass->batch_count);
        outcome->loss = sbmt_cross_entropy(classes, example.logits, batch->label[index], share,
                                           pass->grad != NULL ? example.dlogits : NULL);
        outcome->prediction = sbmt_argmax(classes, example.logits);
        for (int c = 0; logits != NULL && c < classes; c++)
            logits[c] = example.logits[c];
        done = pass->grad == NULL || backward(model, batch, index, pass, &example, err);
    }
    sbmt_arena_release(pass->saved, saved);
    sbmt_arena_release(pass->scratch, scratch);
    return done;
}
