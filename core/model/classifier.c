/* What classifies, forward and backward. */
#include "core/model/classifier.h"

#include <string.h>

#include "core/model/ends.h"
#include "core/nn/activation.h"

struct sbmt_classifier_saved {
    int n;
    const real *x;  /* (n, inputs) as the first layer read it */
    real *hidden;   /* (n, hidden) after the activation */
    const real *at; /* (n, hidden) as the last layer read it; x where that is the only one */
};

static bool has_dense(const struct sbmt_classifier *classifier)
{
    return classifier->dense.weight != NULL;
}

/* Dropout before the first of two layers is RoBERTa's alone; before the only one it is both's. */
static bool drops_features(const struct sbmt_classifier *classifier)
{
    return has_dense(classifier) ? classifier->config->architecture == SBMT_ARCHITECTURE_ROBERTA
                                 : sbmt_model_norms_after(classifier->config);
}

static bool drops_hidden(const struct sbmt_classifier *classifier)
{
    return has_dense(classifier) && sbmt_model_norms_after(classifier->config);
}

/* The prefix and the names of both layers. */
static void register_layers(struct sbmt_classifier *c, const char *prefix, const char *dense,
                            const char *output, struct sbmt_params *params)
{
    const enum sbmt_linear_start start = sbmt_model_linear_start(c->config);
    if (dense != NULL)
        c->dense = sbmt_linear_register(params, prefix, dense, c->hidden, c->inputs, start);
    c->output = sbmt_linear_register(params, "classifier", output, c->classes,
                                     dense != NULL ? c->hidden : c->inputs, start);
}

int sbmt_classifier_hidden(const struct sbmt_model_config *config, bool pooled)
{
    if (config->architecture == SBMT_ARCHITECTURE_LRA)
        return config->classifier_dim;
    return pooled ? config->dim : 0;
}

void sbmt_classifier_init(struct sbmt_classifier *classifier,
                          const struct sbmt_model_config *config, int inputs, int classes,
                          bool pooled, struct sbmt_params *params)
{
    *classifier = (struct sbmt_classifier){
        .config = config,
        .inputs = inputs,
        .hidden = sbmt_classifier_hidden(config, pooled),
        .classes = classes,
    };
    if (config->architecture == SBMT_ARCHITECTURE_LRA)
        register_layers(classifier, "classifier.", "dense", ".output", params);
    else if (!pooled)
        register_layers(classifier, "", NULL, "", params);
    else if (config->architecture == SBMT_ARCHITECTURE_BERT)
        register_layers(classifier, "pooler.", "dense", "", params);
    else
        register_layers(classifier, "classifier.", "dense", "", params);
}

static void activate(const struct sbmt_classifier *classifier, size_t count, real *x)
{
    if (classifier->config->architecture == SBMT_ARCHITECTURE_LRA)
        sbmt_relu_forward(count, x);
    else
        sbmt_tanh_forward(count, x);
}

static void activate_backward(const struct sbmt_classifier *classifier, size_t count, const real *y,
                              real *dx)
{
    if (classifier->config->architecture == SBMT_ARCHITECTURE_LRA)
        sbmt_relu_backward(count, y, dx);
    else
        sbmt_tanh_backward(count, y, dx);
}

/* *x becomes a copy with dropout, if `drops` and there is any. */
static bool drop_copy(const struct sbmt_classifier *classifier, struct sbmt_pass *pass, bool drops,
                      enum sbmt_dropout_site site, int n, int width, const real **x)
{
    if (!drops || !sbmt_ends_drop_any(classifier->config, pass))
        return true;
    const size_t size = (size_t)n * (size_t)width;
    real *copy = sbmt_arena_reals(pass->saved, size);
    if (copy == NULL)
        return false;
    memcpy(copy, *x, size * sizeof *copy);
    *x = copy;
    return sbmt_ends_drop(classifier->config, pass, site, n, width, copy);
}

bool sbmt_classifier_forward(const struct sbmt_classifier *classifier, struct sbmt_pass *pass,
                             int n, const real *x, struct sbmt_classifier_saved **saved_out,
                             real *logits, struct sbmt_error *err)
{
    const size_t size = (size_t)n * (size_t)classifier->hidden;
    struct sbmt_classifier_saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *hidden = has_dense(classifier) ? sbmt_arena_reals(pass->saved, size) : NULL;
    if (saved == NULL || pass->saved->failed ||
        !drop_copy(classifier, pass, drops_features(classifier), SBMT_SITE_FEATURES, n,
                   classifier->inputs, &x))
        return sbmt_pass_check(pass, "classifier", err);
    *saved = (struct sbmt_classifier_saved){.n = n, .x = x, .hidden = hidden, .at = x};
    if (hidden != NULL) {
        sbmt_linear_params_forward(pass, classifier->dense, n, x, hidden);
        activate(classifier, size, hidden);
        saved->at = hidden;
        if (!drop_copy(classifier, pass, drops_hidden(classifier), SBMT_SITE_POOLED, n,
                       classifier->hidden, &saved->at))
            return sbmt_pass_check(pass, "classifier", err);
    }
    sbmt_linear_params_forward(pass, classifier->output, n, saved->at, logits);
    *saved_out = saved;
    return true;
}

bool sbmt_classifier_backward(const struct sbmt_classifier *classifier, struct sbmt_pass *pass,
                              const struct sbmt_classifier_saved *saved, const real *dlogits,
                              real *dx, struct sbmt_error *err)
{
    const struct sbmt_model_config *config = classifier->config;
    const int n = saved->n;
    const size_t size = (size_t)n * (size_t)classifier->hidden;
    real *dhidden = has_dense(classifier) ? sbmt_arena_reals(pass->scratch, size) : dx;
    if (dhidden == NULL)
        return sbmt_pass_check(pass, "classifier", err);
    sbmt_linear_params_backward(pass, classifier->output, n, saved->at, dlogits, 0, dhidden);
    bool fits = true;
    if (has_dense(classifier)) {
        if (drops_hidden(classifier))
            fits = sbmt_ends_drop(config, pass, SBMT_SITE_POOLED, n, classifier->hidden, dhidden);
        activate_backward(classifier, size, saved->hidden, dhidden);
        sbmt_linear_params_backward(pass, classifier->dense, n, saved->x, dhidden, 0, dx);
    }
    if (drops_features(classifier))
        fits = sbmt_ends_drop(config, pass, SBMT_SITE_FEATURES, n, classifier->inputs, dx) && fits;
    return fits || sbmt_pass_check(pass, "classifier", err);
}
