/* What classifies: layers on each of some vectors, the pooled one of an example or those of all its
 * tokens. A model's architecture says which:
 *   - lra: Linear · ReLU · Linear on pooled vectors and on tokens' alike, so that a task with
 *     labels of tokens differs in what is classified and in nothing else of the model;
 *   - bert: on pooled vectors the pooler Linear · tanh, dropout, Linear;
 *   - roberta: on pooled vectors dropout, Linear · tanh, dropout, Linear;
 *   - both: on tokens' vectors dropout, Linear. */
#ifndef SBMT_CORE_MODEL_CLASSIFIER_H
#define SBMT_CORE_MODEL_CLASSIFIER_H

#include "core/base/error.h"
#include "core/model/config.h"
#include "core/model/linear_params.h"

struct sbmt_classifier {
    const struct sbmt_model_config *config;
    int inputs, hidden, classes;
    struct sbmt_linear_params dense; /**< tensors NULL: there is the last layer alone */
    struct sbmt_linear_params output;
};

struct sbmt_classifier_saved;

/** Columns between its two layers: classifier_dim in lra, dim in bert and roberta. 0 where there is
 * one layer only, as there on tokens' vectors, which are not `pooled`. */
int sbmt_classifier_hidden(const struct sbmt_model_config *config, bool pooled);

/** Registers the parameters, under "classifier." and "pooler." in BERT's and RoBERTa's names where
 * they have them. `config` is borrowed; `pooled` says whether vectors are pooled ones of `inputs`
 * columns. */
void sbmt_classifier_init(struct sbmt_classifier *classifier,
                          const struct sbmt_model_config *config, int inputs, int classes,
                          bool pooled, struct sbmt_params *params);

/** logits (n, classes) from x (n, inputs); *saved is in pass->saved. pass->sequence keys dropout.
 */
SBMT_MUST_CHECK bool sbmt_classifier_forward(const struct sbmt_classifier *classifier,
                                             struct sbmt_pass *pass, int n, const real *x,
                                             struct sbmt_classifier_saved **saved, real *logits,
                                             struct sbmt_error *err);

/** Adds parameter gradients to pass->grad; dx (n, inputs) is overwritten. Allocates in
 * pass->scratch, which the caller releases. */
SBMT_MUST_CHECK bool sbmt_classifier_backward(const struct sbmt_classifier *classifier,
                                              struct sbmt_pass *pass,
                                              const struct sbmt_classifier_saved *saved,
                                              const real *dlogits, real *dx,
                                              struct sbmt_error *err);

#endif
