/* config.json of Hugging Face's BERT and RoBERTa: the shape of a model. */
#ifndef SBMT_DATA_HUGGINGFACE_CONFIG_H
#define SBMT_DATA_HUGGINGFACE_CONFIG_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/field.h"
#include "data/huggingface/names.h"

/** Activations between the two layers of the feed-forward part: x·Φ(x), its approximation by tanh
 * (gelu_new), max(x, 0). */
enum sbmt_huggingface_activation {
    SBMT_HUGGINGFACE_GELU,
    SBMT_HUGGINGFACE_GELU_TANH,
    SBMT_HUGGINGFACE_RELU,
};

/** The members are named as the keys. */
struct sbmt_huggingface_config {
    int model_type; /**< enum sbmt_huggingface_family */
    int vocab_size;
    int hidden_size;
    int num_hidden_layers;
    int num_attention_heads;
    int intermediate_size;
    int hidden_act; /**< enum sbmt_huggingface_activation */
    double hidden_dropout_prob;
    double attention_probs_dropout_prob;
    int max_position_embeddings;
    int type_vocab_size;
    double layer_norm_eps;
    double initializer_range;
    int pad_token_id;
    int position_embedding_type; /**< an index; only 0, absolute, is accepted */
    bool is_decoder;             /**< accepted only if false */

    bool regression; /**< written as problem_type: one score in place of classes; not read */
    int label_count; /**< of id2label; 0: there is none */
    const char *const *labels; /**< names of classes by number */
};

/** The rows of the keys above, with the defaults of transformers' BertConfig. */
extern const struct sbmt_field sbmt_huggingface_config_fields[];

/** Reads a file; strings live in `arena`. Keys without a row are not looked at; null counts as
 * missing; a missing model_type means bert. Sizes that a model cannot do without, values of another
 * type or out of bounds, and a model this program does not have are SBMT_ERROR_DATA:
 * "<path>: 'key' …". */
SBMT_MUST_CHECK bool sbmt_huggingface_config_read(struct sbmt_huggingface_config *config,
                                                  const char *path, struct sbmt_arena *arena,
                                                  struct sbmt_error *err);

/** Writes a file that transformers reads as the configuration of the class `architecture`
 * ("BertForSequenceClassification"), whole or not at all. */
SBMT_MUST_CHECK bool sbmt_huggingface_config_write(const struct sbmt_huggingface_config *config,
                                                   const char *architecture, const char *path,
                                                   struct sbmt_error *err);

#endif
