/* config.json: the table of its keys. Reading and writing follow it. */
#include "data/huggingface/config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/file.h"
#include "core/io/json.h"

#define ROW struct sbmt_huggingface_config

enum { SIZE_MOST = 1 << 20 };

static const char *const model_types[] = {"bert", "roberta", NULL};
static const char *const activations[] = {"gelu", "gelu_new", "relu", NULL};
static const char *const position_types[] = {"absolute", NULL};

/* Without these there is no model; everything else has a default. */
static const char *const required[] = {"vocab_size",        "hidden_size",
                                       "num_hidden_layers", "num_attention_heads",
                                       "intermediate_size", "max_position_embeddings"};

const struct sbmt_field sbmt_huggingface_config_fields[] = {
    SBMT_CHOICE(ROW, model_type, model_types, 0, "family of models"),
    SBMT_INT(ROW, vocab_size, 30522, 1, 1 << 30, "tokens"),
    SBMT_INT(ROW, hidden_size, 768, 1, SIZE_MOST, "width of a token's vector"),
    SBMT_INT(ROW, num_hidden_layers, 12, 1, 1 << 10, "layers"),
    SBMT_INT(ROW, num_attention_heads, 12, 1, 1 << 10, "heads a layer"),
    SBMT_INT(ROW, intermediate_size, 3072, 1, SIZE_MOST, "width within the feed-forward part"),
    SBMT_CHOICE(ROW, hidden_act, activations, 0, "activation within the feed-forward part"),
    SBMT_NUMBER(ROW, hidden_dropout_prob, 0.1, 0, 1, "dropout of vectors"),
    SBMT_NUMBER(ROW, attention_probs_dropout_prob, 0.1, 0, 1, "dropout of attention weights"),
    SBMT_INT(ROW, max_position_embeddings, 512, 1, SIZE_MOST, "rows of the table of positions"),
    SBMT_INT(ROW, type_vocab_size, 2, 1, SIZE_MOST, "kinds of segments"),
    SBMT_NUMBER(ROW, layer_norm_eps, 1e-12, 0, 1, "added to variances"),
    SBMT_NUMBER(ROW, initializer_range, 0.02, 0, 1e3, "standard deviation of initial weights"),
    SBMT_INT(ROW, pad_token_id, 0, 0, 1 << 30,
             "token that pads; RoBERTa counts positions after it"),
    SBMT_CHOICE(ROW, position_embedding_type, position_types, 0, "how positions enter"),
    SBMT_BOOL(ROW, is_decoder, false, "sees only earlier tokens"),
    SBMT_FIELDS_END,
};

static bool set_int(const struct sbmt_field *field, const struct sbmt_json_member *member,
                    const char *path, int *value, struct sbmt_error *err)
{
    const double number = member->number;
    if (member->kind != SBMT_JSON_NUMBER || rint(number) != number)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is not a whole number", path, field->key);
    if (!(number >= field->min && number <= field->max))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is %.0f; it must be from %.0f to %.0f",
                         path, field->key, number, field->min, field->max);
    *value = (int)number;
    return true;
}

static bool set_number(const struct sbmt_field *field, const struct sbmt_json_member *member,
                       const char *path, double *value, struct sbmt_error *err)
{
    if (member->kind != SBMT_JSON_NUMBER)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is not a number", path, field->key);
    if (!(member->number >= field->min && member->number <= field->max))
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is %g; it must be from %g to %g", path,
                         field->key, member->number, field->min, field->max);
    *value = member->number;
    return true;
}

static bool set_choice(const struct sbmt_field *field, const struct sbmt_json_member *member,
                       const char *path, int *value, struct sbmt_error *err)
{
    if (member->kind != SBMT_JSON_TEXT)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is not a text", path, field->key);
    char words[200] = "";
    for (int i = 0; field->choices[i] != NULL; i++) {
        if (strcmp(member->text, field->choices[i]) == 0) {
            *value = i;
            return true;
        }
        const size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%s", i > 0 ? ", " : "", field->choices[i]);
    }
    const bool plain = sbmt_str_is_plain(member->text, strlen(member->text));
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is '%.100s'; known here: %s", path, field->key,
                     plain ? member->text : "?", words);
}

static bool set(const struct sbmt_field *field, const struct sbmt_json_member *member,
                const char *path, struct sbmt_huggingface_config *config, struct sbmt_error *err)
{
    void *value = (char *)config + field->offset;
    switch (field->type) {
    case SBMT_FIELD_INT:
        return set_int(field, member, path, value, err);
    case SBMT_FIELD_NUMBER:
        return set_number(field, member, path, value, err);
    case SBMT_FIELD_CHOICE:
        return set_choice(field, member, path, value, err);
    default:
        if (member->kind != SBMT_JSON_BOOL)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is not true or false", path,
                             field->key);
        *(bool *)value = member->number != 0;
        return true;
    }
}

/* {"0": "name", "1": "name", …}, in any order. */
static bool read_labels(struct sbmt_huggingface_config *config, const struct sbmt_json *json,
                        const char *path, struct sbmt_arena *arena, struct sbmt_error *err)
{
    int count = 0;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "id2label", &member);)
        count++;
    const char **labels = sbmt_arena_zalloc(arena, (size_t)count, sizeof *labels);
    if (!sbmt_arena_check(arena, path, err))
        return false;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "id2label", &member);) {
        char *end = NULL;
        const long number = strtol(member.key, &end, 10);
        if (end == member.key || *end != '\0' || number < 0 || number >= count ||
            labels[number] != NULL || member.kind != SBMT_JSON_TEXT)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: 'id2label' does not give each number from 0 to %d one name", path,
                             count - 1);
        labels[number] = sbmt_arena_strdup(arena, member.text);
        if (!sbmt_arena_check(arena, path, err))
            return false;
    }
    config->labels = labels;
    config->label_count = count;
    return true;
}

/* Rules between keys. */
static bool check(const struct sbmt_huggingface_config *config, const char *path,
                  struct sbmt_error *err)
{
    if (config->hidden_size % config->num_attention_heads != 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: 'hidden_size' is %d, which %d heads do not divide", path,
                         config->hidden_size, config->num_attention_heads);
    if (config->pad_token_id >= config->vocab_size)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: 'pad_token_id' is %d, 'vocab_size' only %d",
                         path, config->pad_token_id, config->vocab_size);
    if (config->is_decoder)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: 'is_decoder' is true; only encoders are known",
                         path);
    return true;
}

static bool has(const struct sbmt_json *json, const char *key)
{
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "", &member);)
        if (strcmp(member.key, key) == 0 && member.kind != SBMT_JSON_NULL)
            return true;
    return false;
}

static bool read_object(struct sbmt_huggingface_config *config, const struct sbmt_json *json,
                        const char *path, struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (struct sbmt_json_member member = {0}; sbmt_json_next(json, "", &member);) {
        const struct sbmt_field *field = sbmt_field_find(sbmt_huggingface_config_fields,
                                                         member.key);
        if (field != NULL && member.kind != SBMT_JSON_NULL &&
            !set(field, &member, path, config, err))
            return false;
    }
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (!has(json, required[i]))
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: '%s' is missing", path, required[i]);
    /* The one default in which transformers' RobertaConfig differs where it matters. */
    if (config->model_type == SBMT_HUGGINGFACE_ROBERTA && !has(json, "pad_token_id"))
        config->pad_token_id = 1;
    return read_labels(config, json, path, arena, err) && check(config, path, err);
}

bool sbmt_huggingface_config_read(struct sbmt_huggingface_config *config, const char *path,
                                  struct sbmt_arena *arena, struct sbmt_error *err)
{
    *config = (struct sbmt_huggingface_config){0};
    sbmt_fields_defaults(sbmt_huggingface_config_fields, config, NULL);
    struct sbmt_mapping mapping;
    if (!sbmt_mapping_open(&mapping, path, err))
        return false;
    struct sbmt_json json = {0};
    bool read = sbmt_json_parse(&json, (const char *)mapping.bytes, mapping.size);
    if (!read)
        sbmt_fail(err, SBMT_ERROR_DATA, "%s: is not a JSON object", path);
    read = read && read_object(config, &json, path, arena, err);
    sbmt_json_finish(&json);
    sbmt_mapping_close(&mapping);
    return read;
}

static void put(const struct sbmt_field *field, const struct sbmt_huggingface_config *config,
                struct sbmt_json *json)
{
    const void *value = (const char *)config + field->offset;
    switch (field->type) {
    case SBMT_FIELD_INT:
        sbmt_json_number(json, field->key, *(const int *)value);
        break;
    case SBMT_FIELD_NUMBER:
        sbmt_json_number(json, field->key, *(const double *)value);
        break;
    case SBMT_FIELD_CHOICE:
        sbmt_json_text(json, field->key, field->choices[*(const int *)value]);
        break;
    default:
        sbmt_json_bool(json, field->key, *(const bool *)value);
        break;
    }
}

/* Names by number and numbers by name, both of which transformers reads. */
static void put_labels(const struct sbmt_huggingface_config *config, struct sbmt_json *json)
{
    sbmt_json_begin(json, "id2label");
    for (int i = 0; i < config->label_count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%d", i);
        sbmt_json_text(json, number, config->labels[i]);
    }
    sbmt_json_end(json);
    sbmt_json_begin(json, "label2id");
    for (int i = 0; i < config->label_count; i++)
        sbmt_json_number(json, config->labels[i], i);
    sbmt_json_end(json);
}

bool sbmt_huggingface_config_write(const struct sbmt_huggingface_config *config,
                                   const char *architecture, const char *path,
                                   struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_begin_list(&json, "architectures");
    sbmt_json_text(&json, NULL, architecture);
    sbmt_json_end(&json);
    for (const struct sbmt_field *field = sbmt_huggingface_config_fields;
         field->type != SBMT_FIELD_END; field++)
        put(field, config, &json);
    if (config->label_count > 0)
        put_labels(config, &json);
    if (config->regression)
        sbmt_json_text(&json, "problem_type", "regression");
    sbmt_json_text(&json, "torch_dtype", "float32");
    struct sbmt_str text = {0};
    bool written = sbmt_json_print(&json, true, &text);
    sbmt_str_printf(&text, "\n");
    if (!written || text.failed)
        written = sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for writing it", path);
    else
        written = sbmt_file_write(path, text.text, text.length, err);
    sbmt_str_finish(&text);
    sbmt_json_finish(&json);
    return written;
}
