/* Weights to begin with: those of BERT or RoBERTa as transformers stores them, of a run, or of any
 * file of weights, by their canonical names (data/huggingface/names.h). */
#ifndef SBMT_BENCH_PRETRAINED_H
#define SBMT_BENCH_PRETRAINED_H

#include "bench/experiment_config.h"
#include "core/base/log.h"
#include "core/model/params.h"
#include "data/digest.h"

/** True if a path is a folder with a model of Hugging Face's, one with config.json. */
bool sbmt_pretrained_is_huggingface(const char *path);

/** Sets what config.json of such a folder says of a model: architecture, sizes, activation, norms,
 * token types, first position and dropouts. The rest is left alone. */
SBMT_MUST_CHECK bool sbmt_pretrained_configure(const char *folder, struct sbmt_model_config *config,
                                               struct sbmt_error *err);

/** Looks at the weights that model.init names, if it names any, as far as that can be done without
 * data: that they are there, of the same model by what their folder says, and have positions for
 * the longest sequence (tokenizer.max_length, or the task's). */
SBMT_MUST_CHECK bool sbmt_pretrained_check(const struct sbmt_experiment_config *config,
                                           struct sbmt_error *err);

/** Fills sealed parameters of a model of this configuration with the weights that have the same
 * names. `path` is a folder with config.json or of weights alone, the folder of a run (its best
 * weights, or its last ones), or a file that sbmt_weights_open knows. Of a table of positions that
 * has more rows than are needed the first are taken. A last layer of a classifier with other
 * classes stays new, as do weights that the path has none of: heads, and what kinds of attention
 * add. Errors: weights of the encoder that are missing; another shape, naming tensor and shapes;
 * config.json or the run's configuration that tell of another model (SBMT_ERROR_CONFIG, with the
 * key=value to set). What was loaded, is new and was not used goes to the log. `sha256` receives
 * the digest of the file of weights or, of several, that of the list of their digests as sha256sum
 * prints it. One of this program's checkpoints must have its CRC. `classes` are the names of the
 * classes in their order, with ", " between them (NULL: they have none). Where the weights' own, of
 * a checkpoint or id2label of config.json, are the same in another order, the rows of the last
 * layer are put into this order; where a checkpoint has as many others the last layer stays new;
 * others of config.json are taken for these, with a warning. On failure the parameters may hold
 * some of the weights. */
SBMT_MUST_CHECK bool sbmt_pretrained_load(const char *path, const struct sbmt_model_config *config,
                                          struct sbmt_params *params, const char *classes,
                                          const struct sbmt_log *log, char sha256[SBMT_SHA256_HEX],
                                          struct sbmt_error *err);

#endif
