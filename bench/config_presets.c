/* Presets of a configuration. */
#include "bench/config_presets.h"

#include <stdio.h>
#include <string.h>

#include "bench/pretrained.h"
#include "bench/protocol_rows.h"

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

bool sbmt_presets_file_ways(struct sbmt_experiment_config *config,
                            const struct sbmt_config_origin *origin, struct sbmt_arena *arena,
                            struct sbmt_error *err)
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

bool sbmt_presets_override_ways(struct sbmt_experiment_config *config,
                                const struct sbmt_config_origin *origin, struct sbmt_arena *arena,
                                struct sbmt_error *err)
{
    for (int i = 0; i < WAYS; i++)
        if (!choose_way(config, i, sbmt_config_origin_override(origin, ways[i][0]) >= 0,
                        sbmt_config_origin_override(origin, ways[i][1]) >= 0, arena, err))
            return false;
    return true;
}

/* What the protocol sets of the task comes before what the file says. */
static bool apply_protocol(struct sbmt_experiment_config *config,
                           const struct sbmt_config_origin *origin, struct sbmt_arena *arena,
                           struct sbmt_error *err)
{
    const char *task = sbmt_config_origin_word(origin, "task");
    const int index = sbmt_config_origin_choice(origin, "protocol", sbmt_protocol_words,
                                                config->protocol);
    const struct sbmt_protocol_row *row = task != NULL ? sbmt_protocol_row_find(task, index) : NULL;
    return row == NULL || (apply_settings(config, row->common, arena, err) &&
                           apply_settings(config, row->settings, arena, err) &&
                           choose_protocol_ways(config, row, arena, err));
}

/* What a folder that weights come from says of its model. Without the folder there is nothing to
 * say: a run keeps its configuration, and loading the weights reports it. */
static bool apply_init(struct sbmt_experiment_config *config,
                       const struct sbmt_config_origin *origin, struct sbmt_error *err)
{
    const char *init = sbmt_config_origin_word(origin, "model.init");
    if (init == NULL || init[0] == '\0' || !sbmt_pretrained_is_huggingface(init) ||
        sbmt_pretrained_configure(init, &config->model, err))
        return true;
    return sbmt_config_origin_fail(origin, "model.init", err);
}

static bool apply_architecture(struct sbmt_experiment_config *config,
                               const struct sbmt_config_origin *origin, struct sbmt_arena *arena,
                               struct sbmt_error *err)
{
    static const char *const bert[] = {"model.token_types=2", "model.norm_eps=1e-12",
                                       "model.pooling=cls", NULL};
    static const char *const roberta[] = {"model.token_types=1", "model.first_position=2",
                                          "model.pooling=cls", NULL};
    static const char *const *const settings[] = {NULL, bert, roberta};
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "architecture");
    const int index = sbmt_config_origin_choice(origin, "model.architecture", field->choices,
                                                config->model.architecture);
    return apply_settings(config, settings[index], arena, err);
}

/* What comes before the values of the file: the defaults of the architecture, what the protocol
 * sets of the task, and what the weights to begin with say. The last two are asked twice, because
 * they may name the architecture and stand above its defaults. */
bool sbmt_presets_apply(struct sbmt_experiment_config *config,
                        const struct sbmt_config_origin *origin, struct sbmt_arena *arena,
                        struct sbmt_error *err)
{
    return apply_protocol(config, origin, arena, err) && apply_init(config, origin, err) &&
           apply_architecture(config, origin, arena, err) &&
           apply_protocol(config, origin, arena, err) && apply_init(config, origin, err);
}
