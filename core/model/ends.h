/* Dropout at the ends of a model, which belong to no layer: after the embeddings, and before what
 * classifies. */
#ifndef SBMT_CORE_MODEL_ENDS_H
#define SBMT_CORE_MODEL_ENDS_H

#include "core/model/config.h"
#include "core/model/sites.h"
#include "core/nn/dropout.h"
#include "core/pass.h"

/** Whether there is any in this pass. */
static inline bool sbmt_ends_drop_any(const struct sbmt_model_config *config,
                                      const struct sbmt_pass *pass)
{
    return pass->training && config->dropout > 0;
}

/** Applies the dropout of a site to x (n, d) in place, forward and backward alike; none where the
 * pass is not of training. False when scratch memory is out. */
SBMT_MUST_CHECK static inline bool sbmt_ends_drop(const struct sbmt_model_config *config,
                                                  const struct sbmt_pass *pass,
                                                  enum sbmt_dropout_site site, int n, int d,
                                                  real *x)
{
    const struct sbmt_dropout dropout = sbmt_dropout_make(pass->training ? config->dropout : 0);
    struct sbmt_pass at = *pass;
    at.layer = config->layers; /* one after the last */
    return sbmt_dropout_apply(pass->kernels, dropout,
                              sbmt_pass_key(&at, SBMT_RNG_DROPOUT, (int)site), n, d, x, d,
                              pass->scratch);
}

#endif
