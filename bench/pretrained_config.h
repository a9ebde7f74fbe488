/* What two models must agree in for one to take the other's weights, whatever their shapes say. */
#ifndef SBMT_BENCH_PRETRAINED_CONFIG_H
#define SBMT_BENCH_PRETRAINED_CONFIG_H

#include "core/model/config.h"
#include "data/huggingface/config.h"

/** Sets of a model's options what config.json says of them. Errors begin with `path`. */
SBMT_MUST_CHECK bool sbmt_pretrained_config_set(struct sbmt_model_config *config,
                                                const struct sbmt_huggingface_config *from,
                                                const char *path, struct sbmt_error *err);

/** SBMT_ERROR_CONFIG, with every key=value to be set, if a model of `config` is another one than
 * that of `source`, which stands in `path`. */
SBMT_MUST_CHECK bool sbmt_pretrained_config_check(const struct sbmt_model_config *config,
                                                  const struct sbmt_model_config *source,
                                                  const char *path, struct sbmt_error *err);

#endif
