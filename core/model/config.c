/* Options of the model. */
#include "core/model/config.h"

#include <stddef.h>

#include "core/attention/attention.h"
#include "core/nn/activation.h"

static const char *const architecture_words[] = {"lra", "bert", "roberta", NULL};
static const char *const activation_words[] = {"gelu", "gelu-tanh", "relu", NULL};
static const char *const input_words[] = {"tokens", "values", NULL};
static const char *const position_words[] = {"learned", "sinusoidal", "none", NULL};
static const char *const pooling_words[] = {"mean", "cls", "padded-mean", NULL};
static const char *const pair_words[] = {"nli", "concat", NULL};

#define ROW struct sbmt_model_config
const struct sbmt_field sbmt_model_fields[] = {
    SBMT_STRING(ROW, init, NULL,
                "weights to begin with: a folder with BERT or RoBERTa as transformers stores them, "
                "the folder of a run, or a file of weights; without it all weights are drawn"),
    SBMT_CHOICE(ROW, architecture, architecture_words, SBMT_ARCHITECTURE_LRA,
                "lra: norms before the blocks, as the encoders of Long Range Arena have them; bert "
                "and roberta: after the blocks and the embeddings, with the weights of those "
                "models and their heads; they set other defaults below"),
    SBMT_INT(ROW, layers, 2, 1, 256, "encoder layers"),
    SBMT_INT(ROW, dim, 64, 1, 65536, "width of the model; a multiple of heads"),
    SBMT_INT(ROW, heads, 2, 1, 1024, "attention heads a layer; a head has dim/heads columns"),
    SBMT_INT(ROW, ffn_dim, 128, 1, 262144, "width of the feed-forward block"),
    SBMT_INT(ROW, classifier_dim, 128, 1, 262144, "width of the classifier's hidden layer, in lra"),
    SBMT_CHOICE(ROW, activation, activation_words, SBMT_ACTIVATION_GELU,
                "within feed-forward blocks; gelu is x·Φ(x), gelu-tanh its approximation"),
    SBMT_NUMBER(ROW, norm_eps, 1e-5, 1e-15, 1, "added to the variances of the model's norms"),
    SBMT_NUMBER(
        ROW, dropout, 0.1, 0, 0.99,
        "dropout on embeddings, on the outputs of both blocks, in lra after the activation, "
        "in bert and roberta before what classifies"),
    SBMT_NUMBER(ROW, attention_dropout, 0.1, 0, 0.99, "dropout on attention weights"),
    SBMT_CHOICE(ROW, input, input_words, SBMT_INPUT_TOKENS,
                "what a token is: one of a vocabulary, with an embedding of its own, or, in tasks "
                "whose tokens are numbers such as pixels, a number that a linear layer embeds"),
    SBMT_INT(ROW, token_types, 0, 0, 1024,
             "rows of the table of token types, which tells the texts in a sequence apart; 0: no "
             "table, 1: all tokens have the same type"),
    SBMT_NUMBER(ROW, embedding_std, 0.02, 1e-6, 100,
                "standard deviation of the tokens' embeddings at the start"),
    SBMT_CHOICE(
        ROW, position_embedding, position_words, SBMT_POSITION_LEARNED,
        "where a token stands: learned, a table that is trained; sinusoidal, a fixed one "
        "(Vaswani et al. 2017), as Google's code of Long Range Arena has it for most tasks; "
        "none: not told"),
    SBMT_INT(ROW, first_position, 0, 0, 1024,
             "row of the table of positions that the first token has; RoBERTa's is 2"),
    SBMT_BOOL(ROW, class_token, false,
              "a learned vector before every sequence, for tasks with a label a sequence: it takes "
              "part in all that tokens do, and pooling: cls classifies it"),
    SBMT_CHOICE(ROW, pooling, pooling_words, SBMT_POOLING_MEAN,
                "sequence to vector, for tasks with a label a sequence: mean over tokens, the "
                "first token (the class token where there is one), or the sum over tokens divided "
                "by padded_length as published code computes it"),
    SBMT_INT(ROW, padded_length, 0, 0, 1 << 24,
             "the divisor of pooling: padded-mean; tokens that count_padding counts"),
    SBMT_CHOICE(ROW, pair_features, pair_words, SBMT_PAIR_NLI,
                "what is classified of the vectors a, b of two sequences, for tasks with pairs: "
                "[a, b, a*b, a-b] as published code of SBM attention has it, or [a, b] alone"),
    SBMT_VARIANT(ROW, attention, sbmt_attention_variant, 0,
                 "the kind of attention and its options"),
    SBMT_FIELDS_END,
};

/* The rules of the kind of attention, whose messages begin with a key of its own. */
static bool check_attention(const struct sbmt_variant_value *attention, struct sbmt_error *err)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(attention->index);
    struct sbmt_error plain = {0};
    if (ops->check == NULL || ops->check(attention->config, &plain))
        return true;
    return sbmt_fail(err, plain.kind, "model.attention.%.900s", plain.message);
}

int sbmt_model_length(const struct sbmt_model_config *config, int n)
{
    return n + (config->class_token ? 1 : 0);
}

int sbmt_model_attention_heads(const struct sbmt_model_config *config)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(config->attention.index);
    return ops->inputs == SBMT_INPUTS_WHOLE ? 1 : config->heads;
}

enum sbmt_linear_start sbmt_model_linear_start(const struct sbmt_model_config *config)
{
    return sbmt_model_norms_after(config) ? SBMT_LINEAR_NORMAL : SBMT_LINEAR_UNIFORM;
}

bool sbmt_model_norms_after(const struct sbmt_model_config *config)
{
    return config->architecture != SBMT_ARCHITECTURE_LRA;
}

bool sbmt_model_counts_padding(const struct sbmt_model_config *config)
{
    const struct sbmt_attention_ops *ops = sbmt_attention_at(config->attention.index);
    return ops->counts_padding != NULL && ops->counts_padding(config->attention.config);
}

/* What BERT and RoBERTa cannot do without. */
static bool check_architecture(const struct sbmt_model_config *config, struct sbmt_error *err)
{
    if (sbmt_model_norms_after(config) && config->token_types == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.token_types: architecture: %s has a table of them; give 1 or more",
                         architecture_words[config->architecture]);
    if (sbmt_model_norms_after(config) && config->position_embedding != SBMT_POSITION_LEARNED)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "model.position_embedding: architecture: %s has learned ones; make it learned",
            architecture_words[config->architecture]);
    if (config->architecture == SBMT_ARCHITECTURE_ROBERTA && config->first_position == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.first_position: architecture: roberta counts positions from the "
                         "number of its padding token plus 1; give that, which is 2 mostly");
    return true;
}

bool sbmt_model_config_check(const struct sbmt_model_config *config, struct sbmt_error *err)
{
    if (!check_architecture(config, err))
        return false;
    if (config->dim % config->heads != 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.dim: %d is not a multiple of model.heads (%d); change one of them",
                         config->dim, config->heads);
    if (config->pooling == SBMT_POOLING_PADDED_MEAN && config->padded_length == 0)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "model.padded_length: pooling: padded-mean needs it; give the padded length");
    if (sbmt_model_counts_padding(config) && config->padded_length == 0)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "model.padded_length: attention.count_padding needs it; give the padded length");
    return check_attention(&config->attention, err);
}

bool sbmt_model_config_fits_shape(const struct sbmt_model_config *config,
                                  const struct sbmt_model_shape *shape, struct sbmt_error *err)
{
    if (config->input == SBMT_INPUT_VALUES && !(shape->value_deviation > 0))
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.input: values needs a task whose tokens are numbers; leave it out");
    const int longest = sbmt_model_length(config, shape->positions);
    if (sbmt_model_counts_padding(config) && longest > config->padded_length)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "model.padded_length: attention.count_padding needs that of the longest sequence, "
            "%d, or more",
            longest);
    return true;
}

bool sbmt_model_config_fits(const struct sbmt_model_config *config, enum sbmt_target target,
                            struct sbmt_error *err)
{
    const bool pools = sbmt_target_is_example(target);
    if (target == SBMT_TARGET_MASKED && config->input == SBMT_INPUT_VALUES)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.input: values leaves no words to be guessed; leave it out");
    /* BERT's own default is to pool the first token. */
    if (!pools && config->pooling != SBMT_POOLING_MEAN && !sbmt_model_norms_after(config))
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.pooling: %s has no effect in a task that labels tokens, where "
                         "nothing is pooled; leave it out",
                         pooling_words[config->pooling]);
    if (!pools && config->class_token)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "model.class_token: a task that labels tokens has no label for it; "
                         "leave it out");
    return true;
}
