/* A model: embeddings, encoder and head, with forward and backward over one example. */
#ifndef SBMT_CORE_MODEL_MODEL_H
#define SBMT_CORE_MODEL_MODEL_H

#include "core/model/batch.h"
#include "core/model/config.h"
#include "core/model/params.h"
#include "core/pass.h"

struct sbmt_model;

/** Builds a model and registers its parameters in `params` (not yet sealed). `config` is borrowed
 * and must outlive the model. NULL with *err on failure. */
struct sbmt_model *sbmt_model_create(const struct sbmt_model_config *config,
                                     const struct sbmt_model_shape *shape,
                                     struct sbmt_params *params, struct sbmt_error *err);

/** Frees the model, not the parameters. Accepts NULL. */
void sbmt_model_destroy(struct sbmt_model *model);

const struct sbmt_model_shape *sbmt_model_shape(const struct sbmt_model *model);

/** How many draws an evaluation makes of each example, 1 … SBMT_MOST_DRAWS: graphs drawn by
 * different keys, the mean of whose logits counts. 1 where attention draws nothing. */
int sbmt_model_draws(const struct sbmt_model *model);

/** Heads of all layers: entries of sbmt_stats.heads. */
int sbmt_model_heads(const struct sbmt_model *model);

/** What one example gives. */
struct sbmt_outcome {
    double loss;                       /**< mean cross-entropy over its labels, in nats */
    int labels;                        /**< how many it has: 1, or one a token */
    int correct;                       /**< labels that have the largest logit */
    int draw_correct[SBMT_MOST_DRAWS]; /**< the same by each draw of an evaluation alone */
};

/** Forward over example `index` of a batch, whose target says whether its pooled vector or each of
 * its tokens is classified, and backward where pass->grad is not NULL: the gradient
 * of loss/pass->batch_count (plus the density regulariser's share) is added to pass->grad. Without
 * gradient and training it is an evaluation: draw d has the step pass->step + d.
 * `logits` (labels, classes) and `predictions` (labels), the classes with the largest logits, may
 * be NULL. Bytes depend on the example alone, not on its batch. */
SBMT_MUST_CHECK bool sbmt_model_example(const struct sbmt_model *model,
                                        const struct sbmt_batch *batch, int index,
                                        struct sbmt_pass *pass, real *logits, int *predictions,
                                        struct sbmt_outcome *outcome, struct sbmt_error *err);

#endif
