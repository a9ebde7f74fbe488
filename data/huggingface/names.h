/* Names of weights in Hugging Face's checkpoints of BERT and RoBERTa.
 *
 * The canonical names are those of BertModel without a prefix, "embeddings.word_embeddings.weight"
 * and "encoder.layer.0.attention.self.query.weight", and of its heads, "cls.predictions.bias" and
 * "classifier.weight". Stored names differ from them in
 *   - the prefix "bert." or "roberta." of a model with a head,
 *   - the oldest names LayerNorm.gamma and LayerNorm.beta for weight and bias,
 *   - RoBERTa's head for masked words, "lm_head.…" for "cls.predictions.…",
 *   - the last layer of RoBERTa's classifier, "classifier.out_proj.…" for "classifier.…"; the layer
 *     before it is "classifier.dense.…" everywhere and is not the pooler.
 *
 * RoBERTa counts positions from pad_token_id + 1, which is 2: the first two rows of its
 * "embeddings.position_embeddings.weight" belong to no token, and with max_position_embeddings 514
 * a sequence has at most 512. */
#ifndef SBMT_DATA_HUGGINGFACE_NAMES_H
#define SBMT_DATA_HUGGINGFACE_NAMES_H

#include <stdbool.h>

#include "core/base/arena.h"

enum sbmt_huggingface_family {
    SBMT_HUGGINGFACE_BERT,
    SBMT_HUGGINGFACE_ROBERTA,
};

/** False for what some versions store beside the weights and is none: counters such as
 * "embeddings.position_ids". */
bool sbmt_huggingface_is_weight(const char *stored);

/** The canonical name of a stored one, in `arena`; a name that is not known stays as it is. NULL if
 * memory failed: check the arena. */
const char *sbmt_huggingface_canonical(const char *stored, struct sbmt_arena *arena);

/** The name under which a model of a family with a head stores a weight, in `arena`; NULL likewise.
 * sbmt_huggingface_canonical gives the canonical name back. */
const char *sbmt_huggingface_stored(const char *canonical, enum sbmt_huggingface_family family,
                                    struct sbmt_arena *arena);

#endif
