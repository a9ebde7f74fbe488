/* Operations of a model by formula, two a multiply-add. */
#ifndef SBMT_BENCH_FLOPS_H
#define SBMT_BENCH_FLOPS_H

#include "core/model/config.h"
#include "data/dataset.h"

/** The attention of one layer, all its heads, over `rows` vectors at a density, by the formula of
 * its kind (ops->cost); no projections. */
double sbmt_flops_attention(const struct sbmt_model_config *model, int rows, double density);

/** One forward pass over a sequence of n tokens of the encoder: projections that the kind of
 * attention reads, the attention itself at a density, and the feed-forward block. */
double sbmt_flops_encoder(const struct sbmt_model_config *model, int n, double density);

/** One answer of a model of this shape (as sbmt_model_shape has it) behind the encoder: what its
 * architecture classifies a vector with, or the head for a word to be guessed. */
double sbmt_flops_answer(const struct sbmt_model_config *model,
                         const struct sbmt_model_shape *shape);

/** Mean of one forward pass over the examples of an open split, their labels answered for, at the
 * mean density of their graphs (any value where the attention has none). 0 where the examples are
 * endless. */
double sbmt_flops_split(const struct sbmt_model_config *model, const struct sbmt_model_shape *shape,
                        const struct sbmt_dataset *dataset, double density);

#endif
