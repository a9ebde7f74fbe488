/* Where weights to begin with come from: a folder of Hugging Face's, a run, or a file of weights.
 */
#ifndef SBMT_BENCH_PRETRAINED_SOURCE_H
#define SBMT_BENCH_PRETRAINED_SOURCE_H

#include "core/model/config.h"
#include "data/huggingface/checkpoint.h"

/** Opens the weights that a path stands for, after comparing what its config.json or config.yaml
 * says of the model with `config`. On failure nothing is open. */
SBMT_MUST_CHECK bool sbmt_pretrained_open(struct sbmt_huggingface_checkpoint *from,
                                          const char *path, const struct sbmt_model_config *config,
                                          struct sbmt_error *err);

#endif
