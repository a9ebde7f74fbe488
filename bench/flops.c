/* Operations by formula. */
#include "bench/flops.h"

#include "core/attention/attention.h"
#include "core/model/classifier.h"
#include "core/model/pair.h"

/* The (dim, dim) products of a layer around its attention, the output's among them. */
static int projections(enum sbmt_attention_inputs inputs)
{
    switch (inputs) {
    case SBMT_INPUTS_QUERY_KEY_VALUE:
        return 4;
    case SBMT_INPUTS_QUERY_VALUE:
        return 3;
    case SBMT_INPUTS_VALUE:
        return 2;
    case SBMT_INPUTS_WHOLE:
        return 0;
    }
    return 0;
}

double sbmt_flops_attention(const struct sbmt_model_config *model, int rows, double density)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(model->attention.index);
    const int heads = sbmt_model_attention_heads(model);
    const struct sbmt_cost cost = ops->cost(model->attention.config, rows, model->dim / heads,
                                            density > 0 ? density : 0);
    return heads * cost.flops;
}

double sbmt_flops_encoder(const struct sbmt_model_config *model, int n, double density)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(model->attention.index);
    const int rows = sbmt_model_length(model, n);
    const double dim = model->dim;
    const double linear = projections(ops->inputs) * dim * dim + 2 * dim * model->ffn_dim;
    return model->layers * (2 * rows * linear + sbmt_flops_attention(model, rows, density));
}

/* The head for words to be guessed: its layer, and the decoder over all words. */
static double guess(const struct sbmt_model_config *model, const struct sbmt_model_shape *shape)
{
    const double dim = model->dim;
    return 2 * dim * (dim + shape->vocab);
}

static double classify(const struct sbmt_model_config *model, const struct sbmt_model_shape *shape)
{
    const double hidden = sbmt_classifier_hidden(model, sbmt_target_is_example(shape->target));
    const double inputs = shape->segments == 2 ? sbmt_pair_width(model) : model->dim;
    return hidden > 0 ? 2 * hidden * (inputs + shape->classes) : 2 * inputs * shape->classes;
}

double sbmt_flops_answer(const struct sbmt_model_config *model,
                         const struct sbmt_model_shape *shape)
{
    return shape->target == SBMT_TARGET_MASKED ? guess(model, shape) : classify(model, shape);
}

/* Sequences of one length after the other cost the same: the formula is asked once. */
struct last {
    int64_t n;
    double flops;
};

static double sequence(const struct sbmt_model_config *model, int64_t n, double density,
                       struct last *last)
{
    if (last->n != n)
        *last = (struct last){n, sbmt_flops_encoder(model, (int)n, density)};
    return last->flops;
}

double sbmt_flops_split(const struct sbmt_model_config *model, const struct sbmt_model_shape *shape,
                        const struct sbmt_dataset *dataset, double density)
{
    const int64_t *offset = dataset->examples.offset;
    const int64_t sequences = dataset->examples.count * shape->segments;
    struct last last = {.n = -1};
    if (sequences == 0)
        return 0;
    double sum = (double)sbmt_dataset_labels(dataset) * sbmt_flops_answer(model, shape);
    for (int64_t i = 0; i < sequences; i++)
        sum += sequence(model, offset[i + 1] - offset[i], density, &last);
    return sum / (double)dataset->examples.count;
}
