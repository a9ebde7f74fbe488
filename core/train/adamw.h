/* AdamW (Loshchilov & Hutter 2019) with torch's order of operations. */
#ifndef SBMT_CORE_TRAIN_ADAMW_H
#define SBMT_CORE_TRAIN_ADAMW_H

#include <stdint.h>

#include "core/model/params.h"
#include "core/train/config.h"

/** One update of params->value, moment1 and moment2 with the gradient slab `grad`, at learning rate
 * `lr` and optimiser step `step` (counted from 1). What config->decay says decays: the matrices, or
 * all that is trained. */
void sbmt_adamw_update(struct sbmt_params *params, const real *grad, double lr, int64_t step,
                       const struct sbmt_train_config *config);

/** The norm of a whole gradient slab, summed in double in a fixed order. */
double sbmt_gradient_norm(const real *grad, size_t size);

/** Scales the gradient so that its norm is at most `limit` (torch's clip_grad_norm_: factor
 *  limit/(norm + 1e-6)); 0: no limit. Returns the norm before. */
double sbmt_gradient_clip(real *grad, size_t size, double limit);

#endif
