/* A folder with a model of Hugging Face's: config.json and weights under canonical names. */
#ifndef SBMT_DATA_HUGGINGFACE_CHECKPOINT_H
#define SBMT_DATA_HUGGINGFACE_CHECKPOINT_H

#include "core/base/str.h"
#include "core/io/weights.h"
#include "data/huggingface/config.h"

/** A weight by its canonical name. */
struct sbmt_huggingface_weight {
    const char *name;
    const struct sbmt_weight *weight;
};

/** An open folder: everything lives until close. */
struct sbmt_huggingface_checkpoint {
    struct sbmt_huggingface_config config;
    struct sbmt_weights files;
    int count;
    const struct sbmt_huggingface_weight *weights; /**< in the order of their names */
    struct sbmt_arena arena;
};

/** Opens a folder: config.json, and weights in any form that sbmt_weights_open knows. Two stored
 * tensors with one canonical name are an error. */
SBMT_MUST_CHECK bool sbmt_huggingface_open(struct sbmt_huggingface_checkpoint *checkpoint,
                                           const char *folder, struct sbmt_error *err);

/** Opens weights alone: a file or folder of sbmt_weights_open, without config.json; `config` stays
 * zeroed. */
SBMT_MUST_CHECK bool sbmt_huggingface_open_weights(struct sbmt_huggingface_checkpoint *checkpoint,
                                                   const char *path, struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_huggingface_close(struct sbmt_huggingface_checkpoint *checkpoint);

/** The weight with a canonical name, or NULL; sbmt_weight_read gives its values. */
const struct sbmt_weight *
sbmt_huggingface_find(const struct sbmt_huggingface_checkpoint *checkpoint, const char *name);

/** Writes a folder, made if it is missing, that transformers loads as the class `architecture`:
 * config.json and model.safetensors. `tensors` have canonical names; they are stored in this order
 * under the names of the configuration's family. */
SBMT_MUST_CHECK bool sbmt_huggingface_write(const char *folder,
                                            const struct sbmt_huggingface_config *config,
                                            const char *architecture,
                                            const struct sbmt_stored *tensors, int count,
                                            struct sbmt_error *err);

#endif
