/* Options of models that weights come from. */
#include "bench/pretrained_config.h"

#include <string.h>

#include "bench/config_value.h"
#include "core/nn/activation.h"

static const enum sbmt_activation activations[] = {
    [SBMT_HUGGINGFACE_GELU] = SBMT_ACTIVATION_GELU,
    [SBMT_HUGGINGFACE_GELU_TANH] = SBMT_ACTIVATION_GELU_TANH,
    [SBMT_HUGGINGFACE_RELU] = SBMT_ACTIVATION_RELU,
};

bool sbmt_pretrained_config_set(struct sbmt_model_config *config,
                                const struct sbmt_huggingface_config *from, const char *path,
                                struct sbmt_error *err)
{
    const bool roberta = from->model_type == SBMT_HUGGINGFACE_ROBERTA;
    const struct sbmt_field *eps = sbmt_field_find(sbmt_model_fields, "norm_eps");
    if (from->layer_norm_eps < eps->min)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: 'layer_norm_eps' is %g; it must be %g or more",
                         path, from->layer_norm_eps, eps->min);
    config->architecture = roberta ? SBMT_ARCHITECTURE_ROBERTA : SBMT_ARCHITECTURE_BERT;
    config->layers = from->num_hidden_layers;
    config->dim = from->hidden_size;
    config->heads = from->num_attention_heads;
    config->ffn_dim = from->intermediate_size;
    config->activation = (int)activations[from->hidden_act];
    config->norm_eps = from->layer_norm_eps;
    config->token_types = from->type_vocab_size;
    config->first_position = roberta ? from->pad_token_id + 1 : 0;
    config->dropout = from->hidden_dropout_prob;
    config->attention_dropout = from->attention_probs_dropout_prob;
    return true;
}

/* What has no effect on shapes, or on many of them. */
static const char *const keys[] = {"architecture", "layers",      "dim",
                                   "heads",        "ffn_dim",     "activation",
                                   "norm_eps",     "token_types", "first_position"};

/* Appends " model.key=value" where the value is another. False without memory. */
static bool append_difference(const struct sbmt_field *field,
                              const struct sbmt_model_config *config,
                              const struct sbmt_model_config *source, struct sbmt_str *out)
{
    struct sbmt_str own = {0}, wanted = {0};
    sbmt_value_write(field, (const char *)config + field->offset, &own);
    sbmt_value_write(field, (const char *)source + field->offset, &wanted);
    const bool fits = !own.failed && !wanted.failed;
    if (fits && strcmp(own.text, wanted.text) != 0)
        sbmt_str_printf(out, " model.%s=%s", field->key, wanted.text);
    sbmt_str_finish(&own);
    sbmt_str_finish(&wanted);
    return fits && !out->failed;
}

bool sbmt_pretrained_config_check(const struct sbmt_model_config *config,
                                  const struct sbmt_model_config *source, const char *path,
                                  struct sbmt_error *err)
{
    struct sbmt_str differences = {0};
    bool fits = true;
    for (size_t i = 0; fits && i < sizeof keys / sizeof keys[0]; i++)
        fits = append_difference(sbmt_field_find(sbmt_model_fields, keys[i]), config, source,
                                 &differences);
    bool same = false;
    if (!fits)
        sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path);
    else if (differences.length > 0)
        sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "%s: the weights are those of another model than the section model describes; set%s",
            path, differences.text);
    else
        same = true;
    sbmt_str_finish(&differences);
    return same;
}
