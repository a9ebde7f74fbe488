/* The model over one example: encode each sequence, pool unless its tokens are what is asked about,
 * classify or guess, and back. */
#include "core/model/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/model/classifier.h"
#include "core/model/encoder.h"
#include "core/model/masked.h"
#include "core/model/pair.h"
#include "core/nn/loss.h"
#include "core/nn/pool.h"

struct sbmt_model {
    const struct sbmt_model_config *config;
    struct sbmt_model_shape shape;
    struct sbmt_encoder *encoder;
    /* What the target asks for. */
    struct sbmt_classifier classifier;
    struct sbmt_masked masked;
};

/* Columns of what is classified. */
static int features(const struct sbmt_model *model)
{
    return model->shape.segments == 2 ? sbmt_pair_width(model->config) : model->config->dim;
}

struct sbmt_model *sbmt_model_create(const struct sbmt_model_config *config,
                                     const struct sbmt_model_shape *shape,
                                     struct sbmt_params *params, struct sbmt_error *err)
{
    if (!sbmt_model_config_check(config, err) || !sbmt_model_config_fits_shape(config, shape, err))
        return NULL;
    struct sbmt_model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        sbmt_fail(err, SBMT_ERROR_MEMORY, "model: out of memory");
        return NULL;
    }
    model->config = config;
    model->shape = *shape;
    if (shape->target == SBMT_TARGET_MASKED)
        model->shape.classes = shape->vocab;
    if (shape->target == SBMT_TARGET_SCORE)
        model->shape.classes = 1;
    model->encoder = sbmt_encoder_create(config, shape, params, err);
    if (model->encoder == NULL) {
        free(model);
        return NULL;
    }
    if (shape->target == SBMT_TARGET_MASKED)
        sbmt_masked_init(&model->masked, config, shape->vocab, params);
    else
        sbmt_classifier_init(&model->classifier, config, features(model), model->shape.classes,
                             sbmt_target_is_example(shape->target), params);
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

int sbmt_model_heads(const struct sbmt_model *model)
{
    return model->config->layers * model->config->heads;
}

enum { MOST_SEGMENTS = 2 };

/* One example between forward and backward. */
struct example {
    const struct sbmt_batch *batch;
    int index;                   /* in the batch */
    struct sbmt_labels expected; /* one a row */
    int rows; /* vectors that are asked about: 1, or as many as there are tokens, or places */
    struct sbmt_encoder_saved *encoded[MOST_SEGMENTS];
    const real *features; /* (rows, features(model)); all tokens' where some are to be guessed */
    struct sbmt_classifier_saved *classified;
    struct sbmt_masked_saved *guessed;
    real *logits, *dlogits; /* (rows, classes) */
};

static uint64_t identity(const struct example *example, int s)
{
    return example->batch->id[example->index] * MOST_SEGMENTS + (uint64_t)s;
}

/* How many rows of n pooling sums, and what it divides by. */
static void pooling(const struct sbmt_model_config *config, int n, int *rows, real *divisor)
{
    *rows = config->pooling == SBMT_POOLING_CLS ? 1 : n;
    *divisor = SBMT_R(config->pooling == SBMT_POOLING_PADDED_MEAN ? config->padded_length : *rows);
}

/* The vectors to be classified: `pooled` (features(model)) or, where that is NULL, the tokens'. */
static bool encode(const struct sbmt_model *model, struct sbmt_pass *pass, struct example *example,
                   real *pooled, struct sbmt_error *err)
{
    const int dim = model->config->dim;
    example->features = pooled;
    for (int s = 0; s < model->shape.segments; s++) {
        const struct sbmt_sequence sequence = sbmt_batch_sequence(example->batch, example->index,
                                                                  s);
        const real *encoded;
        pass->sequence = identity(example, s);
        if (!sbmt_encoder_forward(model->encoder, &sequence, pass, &example->encoded[s], &encoded,
                                  err))
            return false;
        if (pooled == NULL) {
            example->features = encoded;
            continue;
        }
        int rows;
        real divisor;
        pooling(model->config, sbmt_model_length(model->config, sequence.n), &rows, &divisor);
        sbmt_pool_forward(rows, dim, divisor, encoded, pooled + s * dim);
    }
    if (model->shape.segments == 2)
        sbmt_pair_forward(model->config, pooled);
    return true;
}

/* Rows side by side that belong to no layer. */
static void show(const struct sbmt_pass *pass, const char *name, int rows, int columns,
                 const real *value)
{
    const struct sbmt_probed probed = {.name = name,
                                       .layer = -1,
                                       .head = -1,
                                       .rows = rows,
                                       .columns = columns,
                                       .stride = columns,
                                       .value = value};
    sbmt_pass_show(pass, probed);
}

/* From the encoder's output to logits. Dropout there has the random numbers of the first sequence.
 */
static bool answer(const struct sbmt_model *model, struct sbmt_pass *pass, struct example *example,
                   struct sbmt_error *err)
{
    const struct sbmt_batch *batch = example->batch;
    pass->sequence = identity(example, 0);
    if (batch->target != SBMT_TARGET_MASKED)
        return sbmt_classifier_forward(&model->classifier, pass, example->rows, example->features,
                                       &example->classified, example->logits, err);
    return sbmt_masked_forward(&model->masked, pass, example->rows,
                               batch->place + batch->place_offset[example->index],
                               example->features, &example->guessed, example->logits, err);
}

static bool forward(const struct sbmt_model *model, struct sbmt_pass *pass, struct example *example,
                    struct sbmt_error *err)
{
    const size_t rows = (size_t)example->rows, classes = (size_t)model->shape.classes;
    real *pooled = sbmt_target_is_example(example->batch->target)
                       ? sbmt_arena_reals(pass->saved, (size_t)features(model))
                       : NULL;
    example->logits = sbmt_arena_reals(pass->saved, rows * classes);
    example->dlogits = sbmt_arena_reals(pass->saved, rows * classes);
    if (!sbmt_arena_check(pass->saved, "model", err) ||
        !encode(model, pass, example, pooled, err) || !answer(model, pass, example, err))
        return false;
    if (example->batch->target != SBMT_TARGET_MASKED)
        show(pass, "features", example->rows, features(model), example->features);
    show(pass, "logits", example->rows, model->shape.classes, example->logits);
    return true;
}

static const int32_t *labels_of(const struct example *example)
{
    return example->batch->label + example->expected.first;
}

/* How many labels have the largest logit, none where scores are expected. `predictions` (rows), if
 * not NULL, receives the classes that have it. */
static int predict(const struct example *example, int classes, int *predictions)
{
    const bool scores = example->batch->target == SBMT_TARGET_SCORE;
    int correct = 0;
    for (int r = 0; r < example->rows; r++) {
        const int prediction = sbmt_argmax(classes, example->logits + (size_t)r * (size_t)classes);
        correct += !scores && prediction == labels_of(example)[r];
        if (predictions != NULL)
            predictions[r] = prediction;
    }
    return correct;
}

/* Forward as often as there are draws, each with its own step. The logits become the mean's. */
static bool forward_draws(const struct sbmt_model *model, struct sbmt_pass *pass, int draws,
                          struct example *example, int *draw_correct, struct sbmt_error *err)
{
    const int classes = model->shape.classes;
    const size_t size = (size_t)example->rows * (size_t)classes;
    real *mean = sbmt_arena_zalloc(pass->saved, size, sizeof *mean);
    if (mean == NULL)
        return sbmt_arena_check(pass->saved, "model", err);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->saved);
    const uint32_t step = pass->step;
    bool done = true;
    for (int d = 0; d < draws && done; d++) {
        sbmt_arena_release(pass->saved, mark);
        pass->step = step + (uint32_t)d;
        done = forward(model, pass, example, err);
        if (!done)
            break;
        draw_correct[d] = predict(example, classes, NULL);
        for (size_t i = 0; i < size; i++)
            mean[i] += example->logits[i] / SBMT_R(draws);
    }
    pass->step = step;
    if (done && draws > 1)
        memcpy(example->logits, mean, size * sizeof *mean);
    return done;
}

/* The squared error of a score, or the mean cross-entropy over the example's labels, and its
 * gradient where there is one. */
static double measure(const struct example *example, int classes, const struct sbmt_pass *pass)
{
    const struct sbmt_batch *batch = example->batch;
    const real share = 1 / SBMT_R(pass->batch_count) / SBMT_R(example->rows);
    real *dlogits = pass->grad != NULL ? example->dlogits : NULL;
    if (batch->target == SBMT_TARGET_SCORE)
        return sbmt_squared_error(example->logits[0], batch->score[example->expected.first], share,
                                  dlogits);
    double sum = 0;
    for (int r = 0; r < example->rows; r++) {
        const size_t at = (size_t)r * (size_t)classes;
        sum += sbmt_cross_entropy(classes, example->logits + at, labels_of(example)[r], share,
                                  dlogits != NULL ? dlogits + at : NULL);
    }
    return sum / example->rows;
}

/* From the gradient of what is classified, of which pooling made the first segments·dim columns,
 * back through the encoder. */
static bool backward_pooled(const struct sbmt_model *model, struct sbmt_pass *pass,
                            const struct example *example, real *dpooled, struct sbmt_error *err)
{
    const int dim = model->config->dim;
    if (model->shape.segments == 2)
        sbmt_pair_backward(model->config, example->features, dpooled);
    for (int s = model->shape.segments - 1; s >= 0; s--) {
        const int n = sbmt_model_length(model->config,
                                        sbmt_batch_sequence(example->batch, example->index, s).n);
        const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
        real *dencoded = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)dim);
        if (!sbmt_arena_check(pass->scratch, "model", err))
            return false;
        int rows;
        real divisor;
        pooling(model->config, n, &rows, &divisor);
        sbmt_pool_backward(n, rows, dim, divisor, dpooled + s * dim, dencoded);
        pass->sequence = identity(example, s);
        if (!sbmt_encoder_backward(model->encoder, example->encoded[s], pass, dencoded, err))
            return false;
        sbmt_arena_release(pass->scratch, mark);
    }
    return true;
}

/* From the gradient of logits of words to be guessed back through the encoder. */
static bool backward_guessed(const struct sbmt_model *model, struct sbmt_pass *pass,
                             const struct example *example, struct sbmt_error *err)
{
    const int n = sbmt_batch_sequence(example->batch, example->index, 0).n;
    real *dencoded = sbmt_arena_zalloc(pass->scratch, (size_t)n * (size_t)model->config->dim,
                                       sizeof *dencoded);
    return sbmt_arena_check(pass->scratch, "model", err) &&
           sbmt_masked_backward(&model->masked, pass, example->guessed, example->dlogits, dencoded,
                                err) &&
           sbmt_encoder_backward(model->encoder, example->encoded[0], pass, dencoded, err);
}

static bool backward(const struct sbmt_model *model, struct sbmt_pass *pass,
                     const struct example *example, struct sbmt_error *err)
{
    const enum sbmt_target target = example->batch->target;
    show(pass, "gradient.logits", example->rows, model->shape.classes, example->dlogits);
    pass->sequence = identity(example, 0);
    if (target == SBMT_TARGET_MASKED)
        return backward_guessed(model, pass, example, err);
    real *dfeatures = sbmt_arena_reals(pass->scratch,
                                       (size_t)example->rows * (size_t)features(model));
    if (!sbmt_arena_check(pass->scratch, "model", err) ||
        !sbmt_classifier_backward(&model->classifier, pass, example->classified, example->dlogits,
                                  dfeatures, err))
        return false;
    return sbmt_target_is_example(target)
               ? backward_pooled(model, pass, example, dfeatures, err)
               : sbmt_encoder_backward(model->encoder, example->encoded[0], pass, dfeatures, err);
}

/* That the model has what the batch's target asks for. */
static void assert_target(const struct sbmt_model *model, const struct sbmt_batch *batch)
{
    const enum sbmt_target built = model->shape.target;
    assert(sbmt_target_is_example(batch->target) ||
           (batch->segments == 1 && !model->config->class_token));
    assert((batch->target == SBMT_TARGET_MASKED) == (built == SBMT_TARGET_MASKED));
    assert(model->config->architecture == SBMT_ARCHITECTURE_LRA ||
           sbmt_target_is_example(batch->target) == sbmt_target_is_example(built));
    (void)batch, (void)built;
}

bool sbmt_model_example(const struct sbmt_model *model, const struct sbmt_batch *batch, int index,
                        struct sbmt_pass *pass, real *logits, int *predictions,
                        struct sbmt_outcome *outcome, struct sbmt_error *err)
{
    assert_target(model, batch);
    const struct sbmt_arena_mark saved = sbmt_arena_mark(pass->saved);
    const struct sbmt_arena_mark scratch = sbmt_arena_mark(pass->scratch);
    const int classes = model->shape.classes;
    const struct sbmt_labels labels = sbmt_batch_labels(batch, index);
    struct example example = {
        .batch = batch, .index = index, .expected = labels, .rows = labels.count};
    *outcome = (struct sbmt_outcome){.labels = labels.count};
    if (labels.count == 0) /* no word of it is to be guessed */
        return true;
    pass->layers = model->config->layers;
    pass->heads = model->config->heads;
    pass->counted_length = sbmt_model_counts_padding(model->config) ? model->config->padded_length
                                                                    : 0;
    const bool evaluation = pass->grad == NULL && !pass->training;
    const int draws = evaluation ? sbmt_model_draws(model) : 1;
    bool done = forward_draws(model, pass, draws, &example, outcome->draw_correct, err);
    if (done) {
        outcome->loss = measure(&example, classes, pass);
        outcome->correct = predict(&example, classes, predictions);
        if (logits != NULL)
            memcpy(logits, example.logits, (size_t)labels.count * (size_t)classes * sizeof *logits);
        done = pass->grad == NULL || backward(model, pass, &example, err);
    }
    sbmt_arena_release(pass->saved, saved);
    sbmt_arena_release(pass->scratch, scratch);
    return done;
}
