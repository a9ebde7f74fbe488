/* Export of a run. */
#include "bench/export.h"

#include <stdio.h>
#include <string.h>

#include "bench/class_names.h"
#include "bench/experiment.h"
#include "bench/run.h"
#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "core/nn/activation.h"
#include "core/train/checkpoint.h"
#include "data/huggingface/checkpoint.h"

/* A run whose weights have been read. */
struct source {
    const struct sbmt_export *export;
    struct sbmt_experiment_config config;
    const struct sbmt_task *task;
    struct sbmt_params params;
    const char *classes; /* their names as the checkpoint has them; NULL: none */
    struct sbmt_arena arena;
};

/* Tensors named and shaped as those of a checkpoint, without what the optimiser keeps. */
static bool add_tensors(struct sbmt_params *params, const char *path, struct sbmt_error *err)
{
    struct sbmt_safetensors file;
    if (!sbmt_safetensors_open(&file, path, err))
        return false;
    bool fits = true;
    for (int i = 0; fits && i < file.count; i++) {
        const struct sbmt_stored *stored = &file.tensors[i];
        if (strncmp(stored->name, "optimizer.", strlen("optimizer.")) == 0)
            continue;
        fits = stored->rank >= 1 && stored->rank <= 4 && stored->count > 0;
        if (fits)
            sbmt_params_add(params, stored->name, stored->rank, stored->shape,
                            (struct sbmt_init){SBMT_INIT_ZERO, 0});
        else
            sbmt_fail(err, SBMT_ERROR_DATA, "%s: tensor '%s' is of no model", path, stored->name);
    }
    sbmt_safetensors_close(&file);
    return fits;
}

/* The weights, by their checkpoint alone: no data is needed for that. */
static bool read_weights(struct source *source, struct sbmt_error *err)
{
    char name[64], path[SBMT_RUN_PATH];
    struct sbmt_checkpoint state = {0};
    snprintf(name, sizeof name, "%s.safetensors", source->export->checkpoint);
    sbmt_run_path(source->export->run, name, path);
    return add_tensors(&source->params, path, err) && sbmt_params_seal(&source->params, 0, err) &&
           sbmt_checkpoint_read(path, &source->params, false, &state, NULL, err) &&
           sbmt_checkpoint_look(path, &source->classes, &source->arena, err);
}

static bool is_roberta(const struct source *source)
{
    return source->config.model.architecture == SBMT_ARCHITECTURE_ROBERTA;
}

static bool check_model(const struct source *source, struct sbmt_error *err)
{
    const struct sbmt_model_config *model = &source->config.model;
    const char *run = source->export->run, *attention = sbmt_attention_name(&source->config);
    if (model->architecture == SBMT_ARCHITECTURE_LRA)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s: transformers has no such model; only those with model.architecture: "
                         "bert or roberta can be exported",
                         run);
    if (model->input != SBMT_INPUT_TOKENS || model->class_token || source->task->segments != 1 ||
        (model->pooling != SBMT_POOLING_CLS && source->task->target != SBMT_TARGET_MASKED))
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s: transformers has no such model: it embeds words, has no class token "
                         "of its own, and classifies the first token of one sequence",
                         run);
    if (is_roberta(source) && source->task->target == SBMT_TARGET_TOKEN)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s: a RoBERTa that labels tokens cannot be exported; one of "
                         "model.architecture: bert can",
                         run);
    if (strcmp(attention, "softmax") == 0)
        return true;
    if (!source->export->force)
        return sbmt_fail(
            err, SBMT_ERROR_USAGE,
            "%s: its attention is %s, and transformers would compute softmax attention "
            "with its weights; --force exports it all the same",
            run, attention);
    sbmt_log_write(source->export->log, SBMT_LOG_WARNING,
                   "%s: its attention is %s; transformers ignores the weights that it adds and "
                   "computes softmax attention",
                   run, attention);
    return true;
}

/* What is in the folder may be the only copy of another model. */
static bool check_folder(const struct sbmt_export *export, struct sbmt_error *err)
{
    static const char *const names[] = {"config.json", "model.safetensors"};
    char path[SBMT_RUN_PATH];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        sbmt_run_path(export->out, names[i], path);
        if (sbmt_file_exists(path))
            return sbmt_fail(err, SBMT_ERROR_USAGE,
                             "%s: is there already; remove it or give another folder with --out",
                             path);
    }
    return true;
}

static int rows_of(const struct source *source, const char *name)
{
    const struct sbmt_tensor *tensor = sbmt_params_find(&source->params, name);
    return tensor != NULL ? (int)tensor->shape[0] : 0;
}

/* Those that the checkpoint has, else the task's, else numbers as transformers calls them. */
static const char *const *label_names(struct source *source, int classes)
{
    const struct sbmt_class_names stored = sbmt_class_names_split(source->classes, &source->arena);
    if (stored.count > 0 && stored.count == classes)
        return stored.name;
    if (source->task->label_names != NULL && classes == source->task->classes)
        return source->task->label_names;
    const char **names = sbmt_arena_zalloc(&source->arena, (size_t)classes, sizeof *names);
    for (int i = 0; names != NULL && i < classes; i++) {
        char name[32];
        snprintf(name, sizeof name, "LABEL_%d", i);
        names[i] = sbmt_arena_strdup(&source->arena, name);
    }
    return names;
}

static struct sbmt_huggingface_config describe(struct source *source)
{
    static const enum sbmt_huggingface_activation activations[] = {
        [SBMT_ACTIVATION_GELU] = SBMT_HUGGINGFACE_GELU,
        [SBMT_ACTIVATION_GELU_TANH] = SBMT_HUGGINGFACE_GELU_TANH,
        [SBMT_ACTIVATION_RELU] = SBMT_HUGGINGFACE_RELU,
    };
    const struct sbmt_model_config *model = &source->config.model;
    const bool roberta = is_roberta(source);
    struct sbmt_huggingface_config config;
    sbmt_fields_defaults(sbmt_huggingface_config_fields, &config, NULL);
    config.model_type = roberta ? SBMT_HUGGINGFACE_ROBERTA : SBMT_HUGGINGFACE_BERT;
    config.vocab_size = rows_of(source, "embeddings.word_embeddings.weight");
    config.hidden_size = model->dim;
    config.num_hidden_layers = model->layers;
    config.num_attention_heads = model->heads;
    config.intermediate_size = model->ffn_dim;
    config.hidden_act = (int)activations[model->activation];
    config.hidden_dropout_prob = model->dropout;
    config.attention_probs_dropout_prob = model->attention_dropout;
    config.max_position_embeddings = rows_of(source, "embeddings.position_embeddings.weight");
    config.type_vocab_size = model->token_types;
    config.layer_norm_eps = model->norm_eps;
    config.pad_token_id = roberta ? model->first_position - 1 : 0;
    config.label_count = rows_of(source, "classifier.weight");
    config.regression = source->task->target == SBMT_TARGET_SCORE;
    config.labels = label_names(source, config.label_count);
    return config;
}

static const char *class_name(const struct source *source)
{
    static const char *const names[][2] = {
        [SBMT_TARGET_EXAMPLE] = {"BertForSequenceClassification",
                                 "RobertaForSequenceClassification"},
        [SBMT_TARGET_TOKEN] = {"BertForTokenClassification", "RobertaForTokenClassification"},
        [SBMT_TARGET_SCORE] = {"BertForSequenceClassification", "RobertaForSequenceClassification"},
        [SBMT_TARGET_MASKED] = {"BertForMaskedLM", "RobertaForMaskedLM"},
    };
    return names[source->task->target][is_roberta(source) ? 1 : 0];
}

static bool write_model(struct source *source, struct sbmt_error *err)
{
    const struct sbmt_params *params = &source->params;
    const struct sbmt_huggingface_config config = describe(source);
    struct sbmt_stored *tensors = sbmt_arena_zalloc(&source->arena, (size_t)params->count,
                                                    sizeof *tensors);
    if (!sbmt_arena_check(&source->arena, source->export->out, err))
        return false;
    struct sbmt_stored *stored = tensors;
    for (const struct sbmt_tensor *t = params->first; t != NULL; t = t->next, stored++) {
        *stored = (struct sbmt_stored){
            .name = t->name,
            .dtype = SBMT_REAL_BITS == 64 ? SBMT_DTYPE_F64 : SBMT_DTYPE_F32,
            .rank = t->rank,
            .count = t->size,
            .bytes = params->value + t->offset,
        };
        memcpy(stored->shape, t->shape, (size_t)t->rank * sizeof *t->shape);
    }
    return sbmt_huggingface_write(source->export->out, &config, class_name(source), tensors,
                                  params->count, err);
}

static bool copy_file(const char *from, const char *to, struct sbmt_error *err)
{
    struct sbmt_mapping mapping;
    if (!sbmt_mapping_open(&mapping, from, err))
        return false;
    const bool written = sbmt_file_write(to, (const char *)mapping.bytes, mapping.size, err);
    sbmt_mapping_close(&mapping);
    return written;
}

/* Copies what there is of a vocabulary in a folder, and counts the files. */
static bool copy_folder(const struct sbmt_export *export, const char *folder, int *copied,
                        struct sbmt_error *err)
{
    static const char *const names[] = {"vocab.txt", "vocab.json", "merges.txt"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char from[SBMT_RUN_PATH], to[SBMT_RUN_PATH];
        sbmt_run_path(folder, names[i], from);
        sbmt_run_path(export->out, names[i], to);
        if (!sbmt_file_exists(from))
            continue;
        if (!copy_file(from, to, err))
            return false;
        ++*copied;
    }
    return true;
}

/* The vocabulary asked for or, if none was, that of the run's texts, which may be a file. */
static bool copy_vocabulary(const struct source *source, struct sbmt_error *err)
{
    const struct sbmt_export *export = source->export;
    const char *own = source->config.tokenizer.folder;
    int copied = 0;
    if (export->vocabulary != NULL)
        return copy_folder(export, export->vocabulary, &copied, err) &&
               (copied > 0 || sbmt_fail(err, SBMT_ERROR_USAGE,
                                        "%s: holds no vocabulary: neither vocab.txt nor vocab.json",
                                        export->vocabulary));
    if (own == NULL)
        return true;
    if (!copy_folder(export, own, &copied, err))
        return false;
    char inside[SBMT_RUN_PATH], to[SBMT_RUN_PATH];
    sbmt_run_path(own, ".", inside);
    if (copied == 0 && sbmt_file_exists(own) && !sbmt_file_exists(inside)) {
        sbmt_run_path(export->out, "vocab.txt", to);
        return copy_file(own, to, err);
    }
    if (copied == 0)
        sbmt_log_write(export->log, SBMT_LOG_WARNING,
                       "%s: tokenizer.folder of the run holds no vocabulary any more; none was "
                       "copied",
                       own);
    return true;
}

bool sbmt_export_run(const struct sbmt_export *export, struct sbmt_error *err)
{
    struct source source = {.export = export};
    bool done = sbmt_experiment_stored(export->run, &source.config, &source.arena, err);
    if (done)
        source.task = sbmt_task_find(source.config.task, err);
    done = done && source.task != NULL && check_model(&source, err) && check_folder(export, err) &&
           read_weights(&source, err) && write_model(&source, err) && copy_vocabulary(&source, err);
    sbmt_params_finish(&source.params);
    sbmt_arena_finish(&source.arena);
    return done;
}
