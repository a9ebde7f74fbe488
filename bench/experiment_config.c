/* Loading and checking the configuration of an experiment. */
#include "bench/experiment_config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bench/config_load.h"

static const char *const protocol_words[] = {"google", "nystromformer", "sbm-paper", "s4", NULL};

enum { SBM_PAPER = 2 };

#define ROW struct sbmt_experiment_config
const struct sbmt_field sbmt_experiment_fields[] = {
    SBMT_STRING(ROW, task, NULL, "what is learnt, as `sbmt data list` names it"),
    SBMT_CHOICE(ROW, protocol, protocol_words, SBM_PAPER,
                "whose published numbers the result may stand beside; recorded and printed"),
    SBMT_INT(ROW, seed, 1, 0, INT_MAX, "seed of all random numbers of the run"),
    SBMT_SECTION(ROW, model, sbmt_model_fields, "the model"),
    SBMT_SECTION(ROW, train, sbmt_train_fields, "training"),
    SBMT_FIELDS_END,
};

const char *sbmt_protocol_name(int protocol)
{
    return protocol_words[protocol];
}

const char *sbmt_attention_name(const struct sbmt_experiment_config *config)
{
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "attention");
    return field->variant_at(config->model.attention.index)->name;
}

struct sbmt_model_shape sbmt_task_shape(const struct sbmt_task *task)
{
    return (struct sbmt_model_shape){
        .vocab = task->vocab,
        .positions = task->max_length,
        .classes = task->classes,
        .segments = task->segments,
    };
}

/* Where the values of a configuration come from. */
struct origin {
    const char *path;
    const struct sbmt_yaml_node *root;
    const char *const *overrides;
    int count;
};

/* Puts the place of an option in front of a message about it: the last override that set it, else
 * its line in its file, else the file. */
static bool fail_at(const struct origin *origin, const char *key, struct sbmt_error *err)
{
    const size_t length = strlen(key);
    if (err == NULL)
        return false;
    for (int i = origin->count - 1; i >= 0; i--)
        if (strncmp(origin->overrides[i], key, length) == 0 && origin->overrides[i][length] == '=')
            return sbmt_error_at(err, "command line: %s", origin->overrides[i]);
    const struct sbmt_yaml_node *node = sbmt_yaml_find(origin->root, key);
    if (node == NULL)
        return sbmt_error_at(err, "%s", origin->path);
    return sbmt_error_at(err, "%s:%d:%d", node->source->name, node->line, node->column);
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
    const struct sbmt_model_shape shape = sbmt_task_shape(task);
    if (sbmt_model_config_check(&config->model, err) &&
        sbmt_model_config_fits_shape(&config->model, &shape, err) &&
        sbmt_model_config_fits(&config->model, task->target, err) &&
        sbmt_train_config_check(&config->train, err))
        return true;
    /* The message begins with the option's dotted key. */
    char key[128] = "";
    if (err != NULL)
        snprintf(key, sizeof key, "%.*s", (int)strcspn(err->message, ":"), err->message);
    return fail_at(origin, key, err);
}

bool sbmt_experiment_config_load(struct sbmt_experiment_config *config, const char *path,
                                 const char *const *overrides, int count, struct sbmt_arena *arena,
                                 struct sbmt_error *err)
{
    *config = (struct sbmt_experiment_config){0};
    sbmt_fields_defaults(sbmt_experiment_fields, config, arena);
    if (!sbmt_arena_check(arena, "configuration", err))
        return false;
    struct origin origin = {.path = path, .overrides = overrides, .count = count};
    origin.root = sbmt_config_read(sbmt_experiment_fields, path, arena, err);
    if (origin.root == NULL ||
        !sbmt_config_apply(sbmt_experiment_fields, config, "", origin.root, arena, err))
        return false;
    for (int i = 0; i < count; i++)
        if (!sbmt_config_override(sbmt_experiment_fields, config, overrides[i], arena, err))
            return false;
    return check(config, &origin, err);
}
