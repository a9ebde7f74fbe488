/* Names, configuration and folders of Hugging Face's models. */
#include "data/huggingface/checkpoint.h"
#include "tests/suite.h"
#include "tests/temporary.h"

static const char minimal[] = "\"vocab_size\": 40, \"hidden_size\": 8, \"num_hidden_layers\": 2, "
                              "\"num_attention_heads\": 2, \"intermediate_size\": 12, "
                              "\"max_position_embeddings\": 16";

/* What is stored, by what family, and the canonical name. */
static const struct {
    const char *stored;
    int family;
    const char *canonical;
} names[] = {
    {"bert.embeddings.word_embeddings.weight", 0, "embeddings.word_embeddings.weight"},
    {"bert.encoder.layer.11.attention.self.query.bias", 0,
     "encoder.layer.11.attention.self.query.bias"},
    {"bert.pooler.dense.weight", 0, "pooler.dense.weight"},
    {"cls.predictions.transform.LayerNorm.weight", 0, "cls.predictions.transform.LayerNorm.weight"},
    {"cls.seq_relationship.bias", 0, "cls.seq_relationship.bias"},
    {"classifier.weight", 0, "classifier.weight"},
    {"qa_outputs.weight", 0, "qa_outputs.weight"},
    {"roberta.embeddings.LayerNorm.bias", 1, "embeddings.LayerNorm.bias"},
    {"lm_head.bias", 1, "cls.predictions.bias"},
    {"lm_head.decoder.weight", 1, "cls.predictions.decoder.weight"},
    {"lm_head.dense.weight", 1, "cls.predictions.transform.dense.weight"},
    {"lm_head.layer_norm.bias", 1, "cls.predictions.transform.LayerNorm.bias"},
    {"classifier.dense.weight", 1, "classifier.dense.weight"},
    {"classifier.out_proj.bias", 1, "classifier.bias"},
};

START_TEST(names_go_both_ways)
{
    struct sbmt_arena arena = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_str_eq(sbmt_huggingface_canonical(names[i].stored, &arena), names[i].canonical);
        ck_assert_str_eq(sbmt_huggingface_canonical(names[i].canonical, &arena),
                         names[i].canonical);
        ck_assert_str_eq(sbmt_huggingface_stored(names[i].canonical,
                                                 (enum sbmt_huggingface_family)names[i].family,
                                                 &arena),
                         names[i].stored);
    }
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(old_names_are_known)
{
    struct sbmt_arena arena = {0};
    ck_assert_str_eq(sbmt_huggingface_canonical("bert.embeddings.LayerNorm.gamma", &arena),
                     "embeddings.LayerNorm.weight");
    ck_assert_str_eq(sbmt_huggingface_canonical("encoder.layer.0.output.LayerNorm.beta", &arena),
                     "encoder.layer.0.output.LayerNorm.bias");
    ck_assert_str_eq(
        sbmt_huggingface_canonical("cls.predictions.transform.LayerNorm.gamma", &arena),
        "cls.predictions.transform.LayerNorm.weight");
    ck_assert(!sbmt_huggingface_is_weight("bert.embeddings.position_ids"));
    ck_assert(!sbmt_huggingface_is_weight("roberta.embeddings.token_type_ids"));
    ck_assert(sbmt_huggingface_is_weight("bert.embeddings.position_embeddings.weight"));
    sbmt_arena_finish(&arena);
}
END_TEST

/* Reads a configuration with text behind the sizes it needs; the message is without the path. */
static bool read_config(const char *text, struct sbmt_huggingface_config *config,
                        struct sbmt_arena *arena, char message[1024])
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "config.json");
    struct sbmt_error err = {0};
    temporary_text(path, text);
    const bool read = sbmt_huggingface_config_read(config, path, arena, &err);
    if (!read) {
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_int_eq(strncmp(err.message, path, strlen(path)), 0);
        snprintf(message, 1024, "%s", err.message + strlen(path) + 2);
    }
    temporary_remove(&temporary);
    return read;
}

START_TEST(configuration_has_defaults)
{
    struct sbmt_arena arena = {0};
    struct sbmt_huggingface_config config;
    char text[1024], message[1024];
    snprintf(text, sizeof text, "{%s}", minimal);
    ck_assert_msg(read_config(text, &config, &arena, message), "%s", message);
    ck_assert_int_eq(config.model_type, SBMT_HUGGINGFACE_BERT);
    ck_assert_int_eq(config.vocab_size, 40);
    ck_assert_int_eq(config.max_position_embeddings, 16);
    ck_assert_int_eq(config.type_vocab_size, 2);
    ck_assert_int_eq(config.pad_token_id, 0);
    ck_assert_int_eq(config.label_count, 0);
    ck_assert_double_eq(config.layer_norm_eps, 1e-12);
    snprintf(text, sizeof text,
             "{\"model_type\": \"roberta\", \"pad_token_id\": null, \"unknown\": [1], "
             "\"hidden_act\": \"gelu_new\", \"id2label\": {\"1\": \"b\", \"0\": \"a\"}, "
             "\"layer_norm_eps\": 1e-5, %s}",
             minimal);
    ck_assert_msg(read_config(text, &config, &arena, message), "%s", message);
    ck_assert_int_eq(config.model_type, SBMT_HUGGINGFACE_ROBERTA);
    ck_assert_int_eq(config.hidden_act, SBMT_HUGGINGFACE_GELU_TANH);
    ck_assert_int_eq(config.pad_token_id, 1);
    ck_assert_int_eq(config.label_count, 2);
    ck_assert_str_eq(config.labels[0], "a");
    ck_assert_str_eq(config.labels[1], "b");
    ck_assert_double_eq(config.layer_norm_eps, 1e-5);
    sbmt_arena_finish(&arena);
}
END_TEST

static const struct {
    const char *text; /**< in braces with the sizes behind it; "!" at the start: all of the file */
    const char *message;
} refusals[] = {
    {"!", "is not a JSON object"},
    {"![1]", "is not a JSON object"},
    {"!{\"vocab_size\": 40}", "'hidden_size' is missing"},
    {"\"model_type\": \"gpt2\",", "'model_type' is 'gpt2'; known here: bert, roberta"},
    {"\"model_type\": 1,", "'model_type' is not a text"},
    {"\"hidden_act\": \"swish\",", "'hidden_act' is 'swish'; known here: gelu, gelu_new, relu"},
    {"\"position_embedding_type\": \"relative_key\",",
     "'position_embedding_type' is 'relative_key'; known here: absolute"},
    {"\"type_vocab_size\": 0,", "'type_vocab_size' is 0; it must be from 1 to 1048576"},
    {"\"type_vocab_size\": 1.5,", "'type_vocab_size' is not a whole number"},
    {"\"type_vocab_size\": \"2\",", "'type_vocab_size' is not a whole number"},
    {"\"hidden_dropout_prob\": 2,", "'hidden_dropout_prob' is 2; it must be from 0 to 1"},
    {"\"hidden_dropout_prob\": true,", "'hidden_dropout_prob' is not a number"},
    {"\"is_decoder\": 1,", "'is_decoder' is not true or false"},
    {"\"is_decoder\": true,", "'is_decoder' is true; only encoders are known"},
    {"\"pad_token_id\": 40,", "'pad_token_id' is 40, 'vocab_size' only 40"},
    {"\"id2label\": {\"0\": \"a\", \"2\": \"b\"},",
     "'id2label' does not give each number from 0 to 1 one name"},
    {"\"id2label\": {\"0\": \"a\", \"00\": \"b\"},",
     "'id2label' does not give each number from 0 to 1 one name"},
    {"\"id2label\": {\"x\": \"a\"},", "'id2label' does not give each number from 0 to 0 one name"},
    {"!{\"vocab_size\": 40, \"hidden_size\": 8, \"num_hidden_layers\": 2, "
     "\"num_attention_heads\": 3, \"intermediate_size\": 12, \"max_position_embeddings\": 16}",
     "'hidden_size' is 8, which 3 heads do not divide"},
};

START_TEST(configurations_are_refused)
{
    struct sbmt_arena arena = {0};
    struct sbmt_huggingface_config config;
    char text[1024], message[1024] = "";
    if (refusals[_i].text[0] == '!')
        snprintf(text, sizeof text, "%s", refusals[_i].text + 1);
    else
        snprintf(text, sizeof text, "{%s %s}", refusals[_i].text, minimal);
    ck_assert(!read_config(text, &config, &arena, message));
    ck_assert_str_eq(message, refusals[_i].message);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Two weights, written for a family and read again. */
static void write_and_open(struct temporary *temporary, enum sbmt_huggingface_family family,
                           struct sbmt_huggingface_checkpoint *checkpoint)
{
    static const float values[4] = {1, 2, 3, 4};
    static const char *const labels[] = {"no", "yes"};
    const struct sbmt_stored tensors[] = {
        {.name = "pooler.dense.bias", .dtype = SBMT_DTYPE_F32, 1, {4}, 4, values},
        {.name = "cls.predictions.bias", .dtype = SBMT_DTYPE_F32, 2, {1, 2}, 2, values + 1},
    };
    struct sbmt_huggingface_config config = {0};
    struct sbmt_error err = {0};
    sbmt_fields_defaults(sbmt_huggingface_config_fields, &config, NULL);
    config.model_type = (int)family;
    config.layer_norm_eps = 1e-5;
    config.labels = labels;
    config.label_count = 2;
    const char *folder = temporary_path(temporary, "a/model");
    ck_assert_msg(sbmt_huggingface_write(folder, &config, "Some", tensors, 2, &err), "%s",
                  err.message);
    ck_assert_msg(sbmt_huggingface_open(checkpoint, folder, &err), "%s", err.message);
}

START_TEST(what_is_written_is_read)
{
    const enum sbmt_huggingface_family family = (enum sbmt_huggingface_family)_i;
    struct temporary temporary = temporary_make();
    struct sbmt_huggingface_checkpoint checkpoint;
    struct sbmt_error err = {0};
    write_and_open(&temporary, family, &checkpoint);
    ck_assert_int_eq(checkpoint.config.model_type, (int)family);
    ck_assert_int_eq(checkpoint.config.hidden_size, 768);
    ck_assert_double_eq(checkpoint.config.layer_norm_eps, 1e-5);
    ck_assert_str_eq(checkpoint.config.labels[1], "yes");
    ck_assert_int_eq(checkpoint.count, 2);
    ck_assert_ptr_nonnull(
        sbmt_weights_find(&checkpoint.files, _i == 0 ? "cls.predictions.bias" : "lm_head.bias"));
    const struct sbmt_weight *weight = sbmt_huggingface_find(&checkpoint, "cls.predictions.bias");
    ck_assert_ptr_nonnull(weight);
    ck_assert_ptr_null(sbmt_huggingface_find(&checkpoint, "classifier.weight"));
    real values[2];
    const int64_t shape[] = {1, 2}, other[] = {2};
    ck_assert(sbmt_weight_read(weight, 2, shape, values, &err));
    ck_assert(values[0] == SBMT_R(2) && values[1] == SBMT_R(3));
    ck_assert(!sbmt_weight_read(weight, 1, other, values, &err));
    char wanted[1024];
    snprintf(wanted, sizeof wanted, "%s: tensor '%s' has shape [1, 2], not [2]",
             temporary_path(&temporary, "a/model/model.safetensors"),
             _i == 0 ? "cls.predictions.bias" : "lm_head.bias");
    ck_assert_str_eq(err.message, wanted);
    sbmt_huggingface_close(&checkpoint);
    temporary_remove(&temporary);
}
END_TEST

/* What transformers needs to see: the class, the family, both tables of labels, and the mark that
 * tensors are PyTorch's. */
START_TEST(written_files_say_what_transformers_reads)
{
    struct temporary temporary = temporary_make();
    struct sbmt_huggingface_checkpoint checkpoint;
    write_and_open(&temporary, SBMT_HUGGINGFACE_ROBERTA, &checkpoint);
    sbmt_huggingface_close(&checkpoint);
    size_t size;
    char *json = temporary_get(temporary_path(&temporary, "a/model/config.json"), &size);
    static const char begin[] = "{\n  \"architectures\": [\n    \"Some\"\n  ],\n"
                                "  \"model_type\": \"roberta\",\n  \"vocab_size\": 30522,\n";
    static const char end[] = "  \"position_embedding_type\": \"absolute\",\n"
                              "  \"is_decoder\": false,\n"
                              "  \"id2label\": {\n    \"0\": \"no\",\n    \"1\": \"yes\"\n  },\n"
                              "  \"label2id\": {\n    \"no\": 0,\n    \"yes\": 1\n  },\n"
                              "  \"torch_dtype\": \"float32\"\n}\n";
    ck_assert_int_eq(strncmp(json, begin, sizeof begin - 1), 0);
    ck_assert_str_eq(json + size - (sizeof end - 1), end);
    free(json);
    struct sbmt_safetensors file;
    struct sbmt_error err = {0};
    ck_assert(sbmt_safetensors_open(&file, temporary_path(&temporary, "a/model/model.safetensors"),
                                    &err));
    ck_assert_str_eq(sbmt_safetensors_metadata(&file, "format"), "pt");
    ck_assert_str_eq(file.tensors[0].name, "roberta.pooler.dense.bias");
    sbmt_safetensors_close(&file);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(one_weight_under_two_names_is_refused)
{
    static const float values[1] = {1};
    const struct sbmt_stored tensors[] = {
        {.name = "pooler.dense.bias", .dtype = SBMT_DTYPE_F32, 1, {1}, 1, values},
        {.name = "bert.pooler.dense.bias", .dtype = SBMT_DTYPE_F32, 1, {1}, 1, values},
    };
    struct temporary temporary = temporary_make();
    struct sbmt_huggingface_checkpoint checkpoint;
    struct sbmt_error err = {0};
    char text[1024], wanted[1024];
    snprintf(text, sizeof text, "{%s}", minimal);
    temporary_text(temporary_path(&temporary, "config.json"), text);
    const char *path = temporary_path(&temporary, "model.safetensors");
    ck_assert(sbmt_safetensors_write(path, tensors, 2, NULL, 0, &err));
    ck_assert(!sbmt_huggingface_open(&checkpoint, temporary.folder, &err));
    const char *end = strstr(err.message, ": tensors ");
    ck_assert_ptr_nonnull(end);
    snprintf(wanted, sizeof wanted, "%s: tensors ", path);
    ck_assert_int_eq(strncmp(err.message, wanted, strlen(wanted)), 0);
    ck_assert_ptr_nonnull(strstr(end, " are the same weight"));
    sbmt_huggingface_close(&checkpoint);
    temporary_remove(&temporary);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {names_go_both_ways, 1},
        {old_names_are_known, 1},
        {configuration_has_defaults, 1},
        {configurations_are_refused, (int)(sizeof refusals / sizeof refusals[0])},
        {what_is_written_is_read, 2},
        {written_files_say_what_transformers_reads, 1},
        {one_weight_under_two_names_is_refused, 1},
    };
    return sbmt_suite_run_loops("huggingface", tests, (int)(sizeof tests / sizeof tests[0]));
}
