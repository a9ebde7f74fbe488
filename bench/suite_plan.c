/* The file of a suite, read. */
#include "bench/suite_plan.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_load.h"
#include "core/base/str.h"

/* What reading needs everywhere. */
struct reader {
    struct sbmt_suite_plan *plan;
    struct sbmt_arena *arena;
    struct sbmt_error *err;
};

static bool fail_at(const struct reader *reader, const struct sbmt_yaml_node *node,
                    const char *message)
{
    return sbmt_yaml_fail(node->source, node->line, node->column, reader->err, "%s", message);
}

static bool read_name(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_-.";
    if (node->kind != SBMT_YAML_SCALAR || node->text[0] == '\0' || node->text[0] == '.' ||
        strlen(node->text) > 100 || node->text[strspn(node->text, allowed)] != '\0')
        return fail_at(reader, node, "name: expected one word of letters, digits, '-' and '_'");
    reader->plan->name = node->text;
    return true;
}

static bool read_configs(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    return sbmt_suite_paths(&reader->plan->file, node, reader->arena, reader->err);
}

static bool read_seeds(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    return sbmt_suite_values(&reader->plan->seed, "seed", node, reader->arena, reader->err);
}

static int count_entries(const struct sbmt_yaml_node *node)
{
    int count = 0;
    for (const struct sbmt_yaml_node *entry = node->first; entry != NULL; entry = entry->next)
        count++;
    return count;
}

/* Keys and values of a mapping; NULL with *err. `name` is what the mapping stands under. */
static const struct sbmt_suite_axis *read_axes(const struct reader *reader,
                                               const struct sbmt_yaml_node *node, const char *name,
                                               int *count)
{
    if (node->kind != SBMT_YAML_MAPPING) {
        sbmt_yaml_fail(node->source, node->line, node->column, reader->err,
                       "%s: expected a mapping of keys as on the command line, as in "
                       "train.steps: 100",
                       name);
        return NULL;
    }
    *count = count_entries(node);
    struct sbmt_suite_axis *axes = sbmt_arena_zalloc(reader->arena, (size_t)*count + 1,
                                                     sizeof *axes);
    if (!sbmt_arena_check(reader->arena, "suite", reader->err))
        return NULL;
    int i = 0;
    for (const struct sbmt_yaml_node *entry = node->first; entry != NULL; entry = entry->next)
        if (!sbmt_suite_values(&axes[i++], entry->key, entry, reader->arena, reader->err))
            return NULL;
    return axes;
}

static bool check_seed(const struct reader *reader, const struct sbmt_suite_axis *axes, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(axes[i].key, "seed") == 0)
            return fail_at(reader, axes[i].node, "seed: the seeds of a suite are given by 'seeds'");
    return true;
}

static bool read_set(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    struct sbmt_suite_plan *plan = reader->plan;
    plan->set = read_axes(reader, node, "set", &plan->set_count);
    if (plan->set == NULL)
        return false;
    for (int i = 0; i < plan->set_count; i++)
        if (plan->set[i].node->kind != SBMT_YAML_SCALAR || plan->set[i].count != 1)
            return sbmt_yaml_fail(plan->set[i].node->source, plan->set[i].node->line,
                                  plan->set[i].node->column, reader->err,
                                  "%s: expected a single value; several belong under 'sweep'",
                                  plan->set[i].key);
    return check_seed(reader, plan->set, plan->set_count);
}

static bool read_sweep(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    struct sbmt_suite_plan *plan = reader->plan;
    plan->sweep = read_axes(reader, node, "sweep", &plan->sweep_count);
    if (plan->sweep == NULL)
        return false;
    if (plan->sweep_count == 0)
        return fail_at(reader, node, "sweep: this is empty; leave it out, or give it keys");
    return check_seed(reader, plan->sweep, plan->sweep_count);
}

static bool read_filters(const struct reader *reader, const struct sbmt_yaml_node *node,
                         const char *name, struct sbmt_suite_filters *filters)
{
    const int count = count_entries(node);
    struct sbmt_suite_filter *filter = sbmt_arena_zalloc(reader->arena, (size_t)count + 1,
                                                         sizeof *filter);
    if (!sbmt_arena_check(reader->arena, "suite", reader->err))
        return false;
    if (node->kind != SBMT_YAML_LIST || count == 0)
        return sbmt_yaml_fail(node->source, node->line, node->column, reader->err,
                              "%s: expected a list of mappings, as in [{task: lra/text, seed: 3}]",
                              name);
    *filters = (struct sbmt_suite_filters){.filter = filter, .count = count};
    for (const struct sbmt_yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        filter->node = entry;
        filter->key = read_axes(reader, entry, name, &filter->count);
        if (filter->key == NULL)
            return false;
        filter++;
    }
    return true;
}

static bool read_include(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    return read_filters(reader, node, "include", &reader->plan->include);
}

static bool read_exclude(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    return read_filters(reader, node, "exclude", &reader->plan->exclude);
}

static const struct {
    const char *key;
    bool (*read)(const struct reader *reader, const struct sbmt_yaml_node *node);
} entries[] = {
    {"name", read_name},   {"configs", read_configs}, {"seeds", read_seeds},     {"set", read_set},
    {"sweep", read_sweep}, {"include", read_include}, {"exclude", read_exclude},
};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

static bool read_entry(const struct reader *reader, const struct sbmt_yaml_node *node)
{
    const char *nearest = NULL;
    int distance = 0;
    for (int i = 0; i < ENTRIES; i++) {
        if (strcmp(entries[i].key, node->key) == 0)
            return entries[i].read(reader, node);
        sbmt_str_nearest(node->key, entries[i].key, &nearest, &distance);
    }
    sbmt_str_nearest(node->key, SBMT_CONFIG_EXTENDS, &nearest, &distance);
    if (nearest != NULL)
        return sbmt_yaml_fail(node->source, node->key_line, node->key_column, reader->err,
                              "unknown key '%.80s'; did you mean '%s'?", node->key, nearest);
    return sbmt_yaml_fail(node->source, node->key_line, node->key_column, reader->err,
                          "unknown key '%.80s'; the keys of a suite are name, configs, seeds, set, "
                          "sweep, include, exclude, " SBMT_CONFIG_EXTENDS,
                          node->key);
}

/* model.attention and model.attention.kind are the same option. */
static bool is_same_key(const char *a, const char *b)
{
    static const char kind[] = "model.attention.kind", variant[] = "model.attention";
    return strcmp(strcmp(a, kind) == 0 ? variant : a, strcmp(b, kind) == 0 ? variant : b) == 0;
}

static bool check_clashes(const struct reader *reader)
{
    const struct sbmt_suite_plan *plan = reader->plan;
    for (int i = 0; i < plan->sweep_count; i++)
        for (int j = 0; j < plan->set_count; j++)
            if (is_same_key(plan->sweep[i].key, plan->set[j].key)) {
                const struct sbmt_yaml_node *node = plan->sweep[i].node;
                return sbmt_yaml_fail(node->source, node->key_line, node->key_column, reader->err,
                                      "'%s' is swept here, and set on line %d; drop one of them",
                                      plan->sweep[i].key, plan->set[j].node->key_line);
            }
    return true;
}

/* What a suite sets is added to what the one that it extends sets; its other entries replace it. */
static const struct sbmt_field any_option[] = {SBMT_FIELDS_END};
static const struct sbmt_field merged[] = {
    {.key = "set", .type = SBMT_FIELD_SECTION, .fields = any_option},
    SBMT_FIELDS_END,
};

bool sbmt_suite_plan_read(struct sbmt_suite_plan *plan, const char *path, struct sbmt_arena *arena,
                          struct sbmt_error *err)
{
    *plan = (struct sbmt_suite_plan){.path = sbmt_arena_strdup(arena, path)};
    const struct reader reader = {.plan = plan, .arena = arena, .err = err};
    const struct sbmt_yaml_node *root = sbmt_config_read(merged, path, arena, err);
    if (root == NULL)
        return false;
    for (const struct sbmt_yaml_node *node = root->first; node != NULL; node = node->next)
        if (!read_entry(&reader, node))
            return false;
    if (plan->name == NULL)
        return sbmt_fail(err, SBMT_ERROR_CONFIG, "%s: 'name' is missing", path);
    if (plan->file.count == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "%s: 'configs' is missing: a list of configuration files", path);
    return check_clashes(&reader);
}
