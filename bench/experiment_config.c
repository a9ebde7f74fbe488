/* Loading and checking the configuration of an experiment. */
#include "bench/experiment_config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bench/config_presets.h"

#define ROW struct sbmt_experiment_config
const struct sbmt_field sbmt_experiment_fields[] = {
    SBMT_STRING(ROW, task, NULL, "what is learnt, as `sbmt data list` names it"),
    SBMT_CHOICE(
        ROW, protocol, sbmt_protocol_words, SBMT_PROTOCOL_SBM_PAPER,
        "whose published numbers the result may stand beside; sets defaults of model and train "
        "(`sbmt info protocols`)"),
    SBMT_SECTION(ROW, emulate, sbmt_emulation_fields, "quirks of published code, each by itself"),
    SBMT_SECTION(ROW, files, sbmt_text_names_fields, "files in place of official ones"),
    SBMT_SECTION(ROW, tokenizer, sbmt_tokenizer_fields, "how texts become tokens"),
    SBMT_INT(ROW, seed, 1, 0, INT_MAX, "seed of all random numbers of the run"),
    SBMT_SECTION(ROW, model, sbmt_model_fields, "the model"),
    SBMT_SECTION(ROW, train, sbmt_train_fields, "training"),
    SBMT_FIELDS_END,
};

const char *sbmt_protocol_name(int protocol)
{
    return sbmt_protocol_words[protocol];
}

const char *sbmt_attention_name(const struct sbmt_experiment_config *config)
{
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "attention");
    return field->variant_at(config->model.attention.index)->name;
}

struct sbmt_model_shape sbmt_form_shape(const struct sbmt_task *task, const struct sbmt_form *form,
                                        int vocab, int max_length)
{
    const bool guessed = task->target == SBMT_TARGET_MASKED;
    return (struct sbmt_model_shape){
        .vocab = vocab,
        .positions = max_length,
        .classes = guessed ? vocab : task->classes,
        .segments = task->segments,
        .target = task->target,
        .value_mean = form->value_mean,
        .value_deviation = form->value_deviation,
    };
}

static bool check_emulation(const struct sbmt_emulation *emulate, const struct sbmt_task *task,
                            const struct sbmt_form *form, struct sbmt_error *err)
{
    if (task->texts != NULL && (emulate->mask_black || emulate->dev_is_test))
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "emulate.%s: %s has no such quirk; leave it out",
                         emulate->mask_black ? "mask_black" : "dev_is_test", task->name);
    if (emulate->mask_black && task->target == SBMT_TARGET_TOKEN)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "emulate.mask_black: every token of %s has a label, and none can be left "
                         "out",
                         task->name);
    return !emulate->mask_black || form->picture_width > 0 ||
           sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "emulate.mask_black: the examples of %s are no pictures; leave it out",
                     task->name);
}

/* Only files of texts are read by name, and only texts by a tokenizer. */
static bool check_texts(const struct sbmt_experiment_config *config, const struct sbmt_task *task,
                        struct sbmt_error *err)
{
    if (task->texts != NULL && config->tokenizer.folder == NULL)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "tokenizer.folder: is not set, and %s reads texts; name the folder of a "
                         "vocabulary",
                         task->name);
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if (sbmt_text_name(&config->files, (enum sbmt_split)split) != NULL &&
            (task->texts == NULL || task->texts->documents))
            return sbmt_fail(err, SBMT_ERROR_CONFIG,
                             "files.%s: the files of %s cannot be named; leave it out",
                             sbmt_split_name((enum sbmt_split)split), task->name);
    return true;
}

static bool check(const struct sbmt_experiment_config *config,
                  const struct sbmt_config_origin *origin, struct sbmt_error *err)
{
    if (config->task == NULL) {
        sbmt_fail(err, SBMT_ERROR_CONFIG, "'task' is missing; 'sbmt data list' names the tasks");
        return sbmt_config_origin_fail(origin, "task", err);
    }
    const struct sbmt_task *task = sbmt_task_find(config->task, err);
    if (task == NULL)
        return sbmt_config_origin_fail(origin, "task", err);
    const struct sbmt_form *form = sbmt_task_form(task, config->protocol, err);
    if (form == NULL)
        return sbmt_config_origin_fail(origin, "protocol", err);
    const struct sbmt_model_shape shape = sbmt_form_shape(
        task, form, form->vocab,
        task->texts != NULL ? config->tokenizer.max_length : form->max_length);
    if (sbmt_model_config_check(&config->model, err) &&
        sbmt_model_config_fits_shape(&config->model, &shape, err) &&
        sbmt_model_config_fits(&config->model, task->target, err) &&
        sbmt_train_config_check(&config->train, err) &&
        check_emulation(&config->emulate, task, form, err) && check_texts(config, task, err))
        return true;
    /* The message begins with the option's dotted key. */
    char key[128] = "";
    if (err != NULL)
        snprintf(key, sizeof key, "%.*s", (int)strcspn(err->message, ":"), err->message);
    return sbmt_config_origin_fail(origin, key, err);
}

/* A path may be wrong however right the configuration is, and that is found out later. */
static bool keep_places(struct sbmt_experiment_config *config,
                        const struct sbmt_config_origin *origin, struct sbmt_arena *arena,
                        struct sbmt_error *err)
{
    const struct {
        const char *key, **place;
    } paths[] = {{"tokenizer.folder", &config->tokenizer_folder_place},
                 {"model.init", &config->model_init_place}};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct sbmt_str place = {0};
        if (sbmt_config_origin_word(origin, paths[i].key) == NULL)
            continue;
        sbmt_config_origin_place(origin, paths[i].key, &place);
        *paths[i].place = sbmt_arena_strdup(arena, place.text != NULL ? place.text : "");
        sbmt_str_finish(&place);
    }
    return sbmt_arena_check(arena, "configuration", err);
}

/* Defaults, with `presets` what comes before the file, the file, and the overrides. */
static bool load(struct sbmt_experiment_config *config, struct sbmt_config_origin *origin,
                 bool presets, struct sbmt_arena *arena, struct sbmt_error *err)
{
    *config = (struct sbmt_experiment_config){0};
    sbmt_fields_defaults(sbmt_experiment_fields, config, arena);
    if (!sbmt_arena_check(arena, "configuration", err))
        return false;
    origin->root = sbmt_config_read(sbmt_experiment_fields, origin->path, arena, err);
    if (origin->root == NULL || (presets && !sbmt_presets_apply(config, origin, arena, err)) ||
        !sbmt_config_apply(sbmt_experiment_fields, config, "", origin->root, arena, err) ||
        !sbmt_presets_file_ways(config, origin, arena, err))
        return false;
    for (int i = 0; i < origin->count; i++)
        if (!sbmt_config_override_at(sbmt_experiment_fields, config, origin->overrides[i],
                                     origin->places != NULL ? origin->places[i] : NULL, arena, err))
            return false;
    return sbmt_presets_override_ways(config, origin, arena, err) && check(config, origin, err) &&
           keep_places(config, origin, arena, err);
}

bool sbmt_experiment_config_load_at(struct sbmt_experiment_config *config, const char *path,
                                    const char *const *overrides, const char *const *places,
                                    int count, struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_config_origin origin = {
        .path = path, .overrides = overrides, .places = places, .count = count};
    return load(config, &origin, true, arena, err);
}

bool sbmt_experiment_config_stored(struct sbmt_experiment_config *config, const char *path,
                                   const char *const *overrides, int count,
                                   struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_config_origin origin = {.path = path, .overrides = overrides, .count = count};
    return load(config, &origin, false, arena, err);
}

bool sbmt_experiment_config_load(struct sbmt_experiment_config *config, const char *path,
                                 const char *const *overrides, int count, struct sbmt_arena *arena,
                                 struct sbmt_error *err)
{
    return sbmt_experiment_config_load_at(config, path, overrides, NULL, count, arena, err);
}

bool sbmt_is_of_other_kind(const char *assignment, int kind)
{
    static const char prefix[] = "model.attention.";
    char key[64];
    const size_t length = sizeof prefix - 1;
    if (strncmp(assignment, prefix, length) != 0)
        return false;
    snprintf(key, sizeof key, "%.*s", (int)strcspn(assignment + length, "="), assignment + length);
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "attention");
    const struct sbmt_field *fields = field->variant_at(kind)->fields;
    return strcmp(key, "kind") != 0 && (fields == NULL || sbmt_field_find(fields, key) == NULL);
}
