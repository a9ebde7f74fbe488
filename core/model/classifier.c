/* The classifier head. */
#include "core/model/classifier.h"

#include "core/nn/activation.h"
#include "core/nn/linear.h"

void sbmt_classifier_init(struct sbmt_classifier *classifier, int inputs, int hidden, int classes,
                          struct sbmt_params *params)
{
    *classifier = (struct sbmt_classifier){
        .inputs = inputs,
        .hidden = hidden,
        .classes = classes,
        .dense = sbmt_linear_register(params, "classifier.", "dense", hidden, inputs),
        .output = sbmt_linear_register(params, "classifier.", "output", classes, hidden),
    };
}

static struct sbmt_linear layer(const struct sbmt_pass *pass, struct sbmt_linear_params params,
                                int n, int inputs, int outputs)
{
    return (struct sbmt_linear){n, inputs, outputs, pass->value + params.weight->offset,
                                pass->value + params.bias->offset};
}

void sbmt_classifier_forward(const struct sbmt_classifier *c, const struct sbmt_pass *pass, int n,
                             const real *x, real *hidden, real *logits)
{
    const struct sbmt_linear dense = layer(pass, c->dense, n, c->inputs, c->hidden);
    const struct sbmt_linear output = layer(pass, c->output, n, c->hidden, c->classes);
    sbmt_linear_forward(&dense, x, c->inputs, hidden, c->hidden);
    sbmt_relu_forward((size_t)n * (size_t)c->hidden, hidden);
    sbmt_linear_forward(&output, hidden, c->hidden, logits, c->classes);
}

void sbmt_classifier_backward(const struct sbmt_classifier *c, const struct sbmt_pass *pass, int n,
                              const real *x, const real *hidden, const real *dlogits, real *work,
                              real *dx)
{
    const struct sbmt_linear dense = layer(pass, c->dense, n, c->inputs, c->hidden);
    const struct sbmt_linear output = layer(pass, c->output, n, c->hidden, c->classes);
    sbmt_linear_backward(&output, hidden, c->hidden, dlogits, c->classes, 0, work, c->hidden,
                         pass->grad + c->output.weight->offset,
                         pass->grad + c->output.bias->offset);
    sbmt_relu_backward((size_t)n * (size_t)c->hidden, hidden, work);
    sbmt_linear_backward(&dense, x, c->inputs, work, c->hidden, 0, dx, c->inputs,
                         pass->grad + c->dense.weight->offset, pass->grad + c->dense.bias->offset);
}
