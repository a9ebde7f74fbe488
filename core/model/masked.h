/* The head for words to be guessed, BERT's (Devlin et al. 2019): on the vectors of the places that
 * are asked for and no others, Linear · activation · LayerNorm, then a decoder whose weight is the
 * table of word embeddings, and a bias. */
#ifndef SBMT_CORE_MODEL_MASKED_H
#define SBMT_CORE_MODEL_MASKED_H

#include "core/base/error.h"
#include "core/model/config.h"

struct sbmt_masked {
    const struct sbmt_model_config *config;
    int vocab;
    struct sbmt_linear_params dense;
    struct sbmt_norm_params norm;
    struct sbmt_linear_params decoder; /**< weight: that of the embeddings, (vocab, dim) */
};

struct sbmt_masked_saved;

/** Registers the parameters under "cls.predictions."; those of the embeddings are there already.
 * `config` is borrowed. */
void sbmt_masked_init(struct sbmt_masked *masked, const struct sbmt_model_config *config, int vocab,
                      struct sbmt_params *params);

/** logits (count, vocab) of the places place[0] … place[count−1], rows of x (…, dim); *saved is in
 * pass->saved. `place` lives until backward. */
SBMT_MUST_CHECK bool sbmt_masked_forward(const struct sbmt_masked *masked, struct sbmt_pass *pass,
                                         int count, const int32_t *place, const real *x,
                                         struct sbmt_masked_saved **saved, real *logits,
                                         struct sbmt_error *err);

/** Adds parameter gradients to pass->grad, and those of x to dx (…, dim). Allocates in
 * pass->scratch, which the caller releases. */
SBMT_MUST_CHECK bool sbmt_masked_backward(const struct sbmt_masked *masked, struct sbmt_pass *pass,
                                          const struct sbmt_masked_saved *saved,
                                          const real *dlogits, real *dx, struct sbmt_error *err);

#endif
