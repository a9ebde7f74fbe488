/* Loading and checking the configuration of an experiment. */
#include "bench/experiment_config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bench/config_load.h"
#include "bench/pretrained.h"
#include "bench/protocol_rows.h"

#define ROW struct sbmt_experiment_config
const struct sbmt_field sbmt_experiment_fields[] = {
    SBMT_STRING(ROW, task, NULL, "what is learnt, as `sbmt data list` names it"),
    SBMT_CHOICE(ROW, protocol, sbmt_protocol_words, SBMT_PROTOCOL_SBM_PAPER,
                "whose published numbers the result may stand beside; recorded and printed"),
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

/* Where the values of a configuration come from. */
struct origin {
    const char *path;
    const struct sbmt_yaml_node *root;
    const char *const *overrides, *const *places; /* the latter NULL: the command line */
    int count;
};

/* The last override that sets an option; −1: none does. */
static int find_override(const struct origin *origin, const char *key)
{
    const size_t length = strlen(key);
    for (int i = origin->count - 1; i >= 0; i--)
        if (strncmp(origin->overrides[i], key, length) == 0 && origin->overrides[i][length] == '=')
            return i;
    return -1;
}

/* Puts the place of an option in front of a message about it: the last override that set it, else
 * its line in its file, else the file. */
static bool fail_at(const struct origin *origin, const char *key, struct sbmt_error *err)
{
    if (err == NULL)
        return false;
    const int override = find_override(origin, key);
    if (override >= 0 && origin->places != NULL)
        return sbmt_error_at(err, "%s", origin->places[override]);
    if (override >= 0)
        return sbmt_error_at(err, "command line: %s", origin->overrides[override]);
    const struct sbmt_yaml_node *node = sbmt_yaml_find(origin->root, key);
    if (node == NULL)
        return sbmt_error_at(err, "%s", origin->path);
    return sbmt_error_at(err, "%s:%d:%d", node->source->name, node->line, node->column);
}

static bool check_emulation(const struct sbmt_emulation *emulate, const struct sbmt_task *task,
                            struct sbmt_error *err)
{
    if (task->texts != NULL && (emulate->mask_black || emulate->dev_is_test))
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "emulate.%s: %s has no such quirk; leave it out",
                         emulate->mask_black ? "mask_black" : "dev_is_test", task->name);
    return !emulate->mask_black || task->target != SBMT_TARGET_TOKEN ||
           sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "emulate.mask_black: every token of %s has a label, and none can be left out",
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

static bool check(const struct sbmt_experiment_config *config, const struct origin *origin,
                  struct sbmt_error *err)
{
    if (config->task == NULL) {
        sbmt_fail(err, SBMT_ERROR_CONFIG, "'task' is missing; 'sbmt data list' names the tasks");
        return fail_at(origin, "task", err);
    }
    const struct sbmt_task *task = sbmt_task_find(config->task, err);
    if (task == NULL)
        return fail_at(origin, "task", err);
    const struct sbmt_form *form = sbmt_task_form(task, config->protocol, err);
    if (form == NULL)
        return fail_at(origin, "protocol", err);
    const struct sbmt_model_shape shape = sbmt_form_shape(
        task, form, form->vocab,
        task->texts != NULL ? config->tokenizer.max_length : form->max_length);
    if (sbmt_model_config_check(&config->model, err) &&
        sbmt_model_config_fits_shape(&config->model, &shape, err) &&
        sbmt_model_config_fits(&config->model, task->target, err) &&
        sbmt_train_config_check(&config->train, err) &&
        check_emulation(&config->emulate, task, err) && check_texts(config, task, err))
        return true;
    /* The message begins with the option's dotted key. */
    char key[128] = "";
    if (err != NULL)
        snprintf(key, sizeof key, "%.*s", (int)strcspn(err->message, ":"), err->message);
    return fail_at(origin, key, err);
}

/* What an option of the whole configuration is set to, as text; NULL where nobody sets it. */
static const char *last_word(const struct origin *origin, const char *key)
{
    const int override = find_override(origin, key);
    if (override >= 0)
        return origin->overrides[override] + strlen(key) + 1;
    const struct sbmt_yaml_node *node = sbmt_yaml_find(origin->root, key);
    return node != NULL ? node->text : NULL;
}

static bool apply_settings(struct sbmt_experiment_config *config, const char *const *settings,
                           struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (; settings != NULL && *settings != NULL; settings++)
        if (!sbmt_config_override(sbmt_experiment_fields, config, *settings, arena, err))
            return false;
    return true;
}

/* Options that say one thing in two ways. */
static const char *const ways[][2] = {{"train.steps", "train.epochs"},
                                      {"train.warmup_steps", "train.warmup_ratio"}};

enum { WAYS = sizeof ways / sizeof ways[0] };

/* Where only one of two ways is used, what was said before in the other holds no more. */
static bool choose_way(struct sbmt_experiment_config *config, int way, bool first, bool second,
                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    char assignment[64];
    if (first == second)
        return true;
    snprintf(assignment, sizeof assignment, "%s=0", ways[way][first ? 1 : 0]);
    return sbmt_config_override(sbmt_experiment_fields, config, assignment, arena, err);
}

static bool has_setting(const char *const *settings, const char *key)
{
    const size_t length = strlen(key);
    for (; settings != NULL && *settings != NULL; settings++)
        if (strncmp(*settings, key, length) == 0 && (*settings)[length] == '=')
            return true;
    return false;
}

static bool choose_protocol_ways(struct sbmt_experiment_config *config,
                                 const struct sbmt_protocol_row *row, struct sbmt_arena *arena,
                                 struct sbmt_error *err)
{
    for (int i = 0; i < WAYS; i++) {
        bool set[2];
        for (int k = 0; k < 2; k++)
            set[k] = has_setting(row->common, ways[i][k]) || has_setting(row->settings, ways[i][k]);
        if (!choose_way(config, i, set[0], set[1], arena, err))
            return false;
    }
    return true;
}

/* The file that was named comes after what it extends. */
static bool choose_file_ways(struct sbmt_experiment_config *config, const struct origin *origin,
                             struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (int i = 0; i < WAYS; i++) {
        const struct sbmt_yaml_node *node[2];
        bool here[2];
        for (int k = 0; k < 2; k++) {
            node[k] = sbmt_yaml_find(origin->root, ways[i][k]);
            here[k] = node[k] != NULL && strcmp(node[k]->source->name, origin->path) == 0;
        }
        const bool both = node[0] != NULL && node[1] != NULL;
        if (!choose_way(config, i, both ? here[0] : node[0] != NULL,
                        both ? here[1] : node[1] != NULL, arena, err))
            return false;
    }
    return true;
}

static bool choose_override_ways(struct sbmt_experiment_config *config, const struct origin *origin,
                                 struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (int i = 0; i < WAYS; i++)
        if (!choose_way(config, i, find_override(origin, ways[i][0]) >= 0,
                        find_override(origin, ways[i][1]) >= 0, arena, err))
            return false;
    return true;
}

/* The index of the word that a choice of the whole configuration is set to; `index` where nobody
 * sets it, or to no word. */
static int last_choice(const struct origin *origin, const char *key, const char *const *words,
                       int index)
{
    const char *word = last_word(origin, key);
    for (int i = 0; word != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return index;
}

/* What the protocol sets of the task comes before what the file says. */
static bool apply_protocol(struct sbmt_experiment_config *config, const struct origin *origin,
                           struct sbmt_arena *arena, struct sbmt_error *err)
{
    const char *task = last_word(origin, "task");
    const int index = last_choice(origin, "protocol", sbmt_protocol_words, config->protocol);
    const struct sbmt_protocol_row *row = task != NULL ? sbmt_protocol_row_find(task, index) : NULL;
    return row == NULL || (apply_settings(config, row->common, arena, err) &&
                           apply_settings(config, row->settings, arena, err) &&
                           choose_protocol_ways(config, row, arena, err));
}

/* What a folder that weights come from says of its model. Without the folder there is nothing to
 * say: a run keeps its configuration, and loading the weights reports it. */
static bool apply_init(struct sbmt_experiment_config *config, const struct origin *origin,
                       struct sbmt_error *err)
{
    const char *init = last_word(origin, "model.init");
    if (init == NULL || init[0] == '\0' || !sbmt_pretrained_is_huggingface(init) ||
        sbmt_pretrained_configure(init, &config->model, err))
        return true;
    return fail_at(origin, "model.init", err);
}

static bool apply_architecture(struct sbmt_experiment_config *config, const struct origin *origin,
                               struct sbmt_arena *arena, struct sbmt_error *err)
{
    static const char *const bert[] = {"model.token_types=2", "model.norm_eps=1e-12",
                                       "model.pooling=cls", NULL};
    static const char *const roberta[] = {"model.token_types=1", "model.first_position=2",
                                          "model.pooling=cls", NULL};
    static const char *const *const settings[] = {NULL, bert, roberta};
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "architecture");
    const int index = last_choice(origin, "model.architecture", field->choices,
                                  config->model.architecture);
    return apply_settings(config, settings[index], arena, err);
}

/* What comes before the values of the file: the defaults of the architecture, what the protocol
 * sets of the task, and what the weights to begin with say. The last two are asked twice, because
 * they may name the architecture and stand above its defaults. */
static bool apply_presets(struct sbmt_experiment_config *config, const struct origin *origin,
                          struct sbmt_arena *arena, struct sbmt_error *err)
{
    return apply_protocol(config, origin, arena, err) && apply_init(config, origin, err) &&
           apply_architecture(config, origin, arena, err) &&
           apply_protocol(config, origin, arena, err) && apply_init(config, origin, err);
}

bool sbmt_experiment_config_load_at(struct sbmt_experiment_config *config, const char *path,
                                    const char *const *overrides, const char *const *places,
                                    int count, struct sbmt_arena *arena, struct sbmt_error *err)
{
    *config = (struct sbmt_experiment_config){0};
    sbmt_fields_defaults(sbmt_experiment_fields, config, arena);
    if (!sbmt_arena_check(arena, "configuration", err))
        return false;
    struct origin origin = {.path = path, .overrides = overrides, .places = places, .count = count};
    origin.root = sbmt_config_read(sbmt_experiment_fields, path, arena, err);
    if (origin.root == NULL || !apply_presets(config, &origin, arena, err) ||
        !sbmt_config_apply(sbmt_experiment_fields, config, "", origin.root, arena, err) ||
        !choose_file_ways(config, &origin, arena, err))
        return false;
    for (int i = 0; i < count; i++)
        if (!sbmt_config_override_at(sbmt_experiment_fields, config, overrides[i],
                                     places != NULL ? places[i] : NULL, arena, err))
            return false;
    return choose_override_ways(config, &origin, arena, err) && check(config, &origin, err);
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
