/* The classifier head: Linear · ReLU · Linear on each of some vectors: the pooled one of an
 * example, or those of all its tokens. It is the same for both, so that a task with labels of
 * tokens differs in what is classified and in nothing else of the model. */
#ifndef SBMT_CORE_MODEL_CLASSIFIER_H
#define SBMT_CORE_MODEL_CLASSIFIER_H

#include "core/model/layer.h"

struct sbmt_classifier {
    int inputs, hidden, classes;
    struct sbmt_linear_params dense, output;
};

/** Registers the head's parameters under "classifier.". */
void sbmt_classifier_init(struct sbmt_classifier *classifier, int inputs, int hidden, int classes,
                          struct sbmt_params *params);

/** logits (n, classes) from x (n, inputs); `hidden` (n, hidden) is kept for backward. */
void sbmt_classifier_forward(const struct sbmt_classifier *classifier, const struct sbmt_pass *pass,
                             int n, const real *x, real *hidden, real *logits);

/** Adds parameter gradients to pass->grad; dx (n, inputs) is overwritten, `work` (n, hidden) is
 * scratch. */
void sbmt_classifier_backward(const struct sbmt_classifier *classifier,
                              const struct sbmt_pass *pass, int n, const real *x,
                              const real *hidden, const real *dlogits, real *work, real *dx);

#endif
