/* What the classifier reads of a pair: features of the pooled vectors of two sequences. */
#ifndef SBMT_CORE_MODEL_PAIR_H
#define SBMT_CORE_MODEL_PAIR_H

#include "core/base/real.h"
#include "core/model/config.h"

/** Columns of the features of a pair of vectors a, b of config->dim. */
int sbmt_pair_width(const struct sbmt_model_config *config);

/** Completes a row of sbmt_pair_width columns that begins with a and b: with SBMT_PAIR_NLI it
 * becomes [a, b, a∘b, a−b] (Mou et al. 2016, in the order of the SBM-Transformer's code), with
 * SBMT_PAIR_CONCAT it is complete. */
void sbmt_pair_forward(const struct sbmt_model_config *config, real *row);

/** Completes the gradients of a and b, in the first 2·dim columns of `drow`, the gradient of a row,
 * by what reaches them through the other columns. */
void sbmt_pair_backward(const struct sbmt_model_config *config, const real *row, real *drow);

#endif
