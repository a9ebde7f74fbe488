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

/** The classifier over `rows` vectors of `features` columns. */
double sbmt_flops_classifier(const struct sbmt_model_config *model, int rows, int features,
                             int classes);

/** Mean of one forward pass over the examples of an open split, at the mean density of their graphs
 * (any value where the attention has none). 0 where the examples are endless. */
double sbmt_flops_split(const struct sbmt_model_config *model, const struct sbmt_dataset *dataset,
                        double density);

#endif
