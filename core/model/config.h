/* Options of the model, and what the task adds to them. */
#ifndef SBMT_CORE_MODEL_CONFIG_H
#define SBMT_CORE_MODEL_CONFIG_H

#include "core/base/error.h"
#include "core/base/field.h"
#include "core/model/batch.h"
#include "core/model/linear_params.h"

/** Where the norms of the encoder stand, what classifies, and how weights start. */
enum sbmt_architecture {
    SBMT_ARCHITECTURE_LRA,     /**< norms before the blocks and a last one; Linear · ReLU · Linear
                                  classifies; weights start as PyTorch's layers do */
    SBMT_ARCHITECTURE_BERT,    /**< norms after the blocks, the first after the embeddings; the
                                  pooler, Linear · tanh, and Linear classify; weights start as
                                  BERT's (Devlin et al. 2019) */
    SBMT_ARCHITECTURE_ROBERTA, /**< the same, but for the names of what classifies and the dropout
                                  before it (Liu et al. 2019) */
};

/** What a token is to the model. */
enum sbmt_input {
    SBMT_INPUT_TOKENS, /**< a word, with a row of a table */
    SBMT_INPUT_VALUES, /**< a number, mapped to a vector by a linear layer */
};

/** Where a token stands, as the model is told. */
enum sbmt_position_embedding {
    SBMT_POSITION_LEARNED,    /**< a table that is trained */
    SBMT_POSITION_SINUSOIDAL, /**< a fixed one: sine and cosine of position/10000^(2i/dim) in
                                 columns 2i and 2i + 1 (Vaswani et al. 2017, section 3.5) */
    SBMT_POSITION_NONE,       /**< not at all */
};

/** How the encoder's outputs become one vector. */
enum sbmt_pooling {
    SBMT_POOLING_MEAN,        /**< mean over the tokens */
    SBMT_POOLING_CLS,         /**< the first token's vector: the class token's where there is one */
    SBMT_POOLING_PADDED_MEAN, /**< sum over the tokens divided by `padded_length`, as published code
                                 that zeroes padded outputs computes it */
};

/** What the classifier reads of the pooled vectors a, b of a pair of sequences. */
enum sbmt_pair_features {
    SBMT_PAIR_NLI,    /**< [a, b, a∘b, a−b] */
    SBMT_PAIR_CONCAT, /**< [a, b] */
};

/** The section `model:`. */
struct sbmt_model_config {
    const char *init; /**< path of weights to begin with; NULL or "": none */
    int architecture; /**< enum sbmt_architecture */
    int layers, dim, heads, ffn_dim, classifier_dim;
    int activation; /**< enum sbmt_activation */
    double norm_eps, dropout, attention_dropout;
    double embedding_std;   /**< of the words' embeddings at the start */
    int token_types;        /**< rows of their table; 0: there is none */
    int position_embedding; /**< enum sbmt_position_embedding */
    int first_position;     /**< row of the table of positions that a first token has */
    int input;              /**< enum sbmt_input */
    bool class_token;       /**< before every sequence, at position 0 */
    int pooling;            /**< enum sbmt_pooling */
    int padded_length;
    int pair_features;                   /**< enum sbmt_pair_features */
    struct sbmt_variant_value attention; /**< kind: index in the registry; config: its options */
};

/** Sizes that the task decides. */
struct sbmt_model_shape {
    int vocab;     /**< token ids are 0 … vocab−1 */
    int positions; /**< longest sequence, without a class token */
    int classes;   /**< of labels; scores have one output, words to be guessed `vocab` */
    int segments;  /**< sequences in an example: 1 or 2 */
    /** What batches will have. Examples and tokens may take turns where the architecture is lra. */
    enum sbmt_target target;
    /** In tasks whose tokens are numbers, token id t is the number (t − mean)/deviation; both 0 in
     * others. */
    double value_mean, value_deviation;
};

/** The table of the section `model:`. */
extern const struct sbmt_field sbmt_model_fields[];

/** Rules between options: dim divisible by heads, padded_length where pooling needs it, what an
 * architecture cannot do without, those of the kind of attention. */
SBMT_MUST_CHECK bool sbmt_model_config_check(const struct sbmt_model_config *config,
                                             struct sbmt_error *err);

/** Rules between options and sizes: values only where tokens are numbers, and a padded_length that
 * counts no less than the longest sequence. */
SBMT_MUST_CHECK bool sbmt_model_config_fits_shape(const struct sbmt_model_config *config,
                                                  const struct sbmt_model_shape *shape,
                                                  struct sbmt_error *err);

/** Rules between options and the task: pooling and a class token only where examples are
 * classified, words where words are guessed. */
SBMT_MUST_CHECK bool sbmt_model_config_fits(const struct sbmt_model_config *config,
                                            enum sbmt_target target, struct sbmt_error *err);

/** How the linear layers of the model start. */
enum sbmt_linear_start sbmt_model_linear_start(const struct sbmt_model_config *config);

/** Whether norms stand after the blocks, as in BERT. */
bool sbmt_model_norms_after(const struct sbmt_model_config *config);

/** Heads a layer as the kind of attention sees them, each of dim over that many columns: one where
 * it mixes whole rows (SBMT_INPUTS_WHOLE), else `heads`. */
int sbmt_model_attention_heads(const struct sbmt_model_config *config);

/** How many vectors the encoder has of a sequence of n tokens: the class token's is one. */
int sbmt_model_length(const struct sbmt_model_config *config, int n);

/** Whether densities count the pairs of `padded_length` tokens. */
bool sbmt_model_counts_padding(const struct sbmt_model_config *config);

#endif
