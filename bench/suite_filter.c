/* include and exclude. */
#include "bench/suite_filter.h"

#include <string.h>

#include "bench/config_load.h"
#include "bench/config_value.h"
#include "bench/config_write.h"

/* What matching needs of a cell: its configuration as a tree, and what it is decided to be. */
struct candidate {
    struct sbmt_experiment_config *config;
    const struct sbmt_yaml_node *values;
    bool included, excluded;
};

static bool fail_at(const struct sbmt_yaml_node *node, struct sbmt_error *err, const char *key,
                    const char *message)
{
    return sbmt_yaml_fail(node->source, node->line, node->column, err, "%s%s%s", key,
                          *key != '\0' ? ": " : "", message);
}

static bool write_values(struct candidate *candidate, struct sbmt_arena *arena,
                         struct sbmt_error *err)
{
    struct sbmt_yaml_source *source = sbmt_arena_zalloc(arena, 1, sizeof *source);
    struct sbmt_str text = {0};
    sbmt_config_write(sbmt_experiment_fields, candidate->config, &text);
    const char *copy = text.failed ? NULL : sbmt_arena_strdup(arena, text.text);
    sbmt_str_finish(&text);
    if (source == NULL || copy == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "suite: out of memory");
    source->name = "a cell";
    candidate->values = sbmt_yaml_parse(copy, strlen(copy), source, arena, err);
    return candidate->values != NULL;
}

/* The value as a configuration writes it: 1e-2 is 0.01. The copy of the field sees no bounds: a
 * value that no cell can have is told by matching nothing. NULL with *err. */
static const char *canonical(const struct sbmt_field *field, const struct sbmt_suite_setting *value,
                             struct sbmt_arena *arena, struct sbmt_error *err)
{
    if (field->type == SBMT_FIELD_VARIANT || field->type == SBMT_FIELD_SECTION ||
        field->type == SBMT_FIELD_STRING)
        return value->value;
    union {
        int whole;
        double number;
        bool yes;
    } member = {0};
    struct sbmt_str text = {0};
    if (!sbmt_value_parse(field, &member, value->value, false, arena, err)) {
        sbmt_error_at(err, "%s: %s", value->place, value->key);
        return NULL;
    }
    sbmt_value_write(field, &member, &text);
    const char *copy = text.failed ? NULL : sbmt_arena_strdup(arena, text.text);
    if (copy == NULL)
        sbmt_fail(err, SBMT_ERROR_MEMORY, "suite: out of memory");
    sbmt_str_finish(&text);
    return copy;
}

/* What a cell has under a key; NULL: it has no such key. A variant's value is its kind. */
static const char *value_of(const struct candidate *candidate, const char *key)
{
    const struct sbmt_yaml_node *node = sbmt_yaml_find(candidate->values, key);
    if (node != NULL && node->kind == SBMT_YAML_MAPPING)
        node = sbmt_yaml_entry(node, "kind");
    return node != NULL ? node->text : NULL;
}

/* Whether a cell has one of the values. */
static bool match_key(const struct candidate *candidate, const struct sbmt_suite_axis *key,
                      bool *matches, struct sbmt_arena *arena, struct sbmt_error *err)
{
    const char *value = value_of(candidate, key->key);
    *matches = false;
    if (value == NULL)
        return true;
    const struct sbmt_field *field = sbmt_config_overridden(
        sbmt_experiment_fields, candidate->config, key->value[0].text, err);
    if (field == NULL)
        return false;
    for (int i = 0; i < key->count; i++) {
        const char *wanted = canonical(field, &key->value[i], arena, err);
        if (wanted == NULL)
            return false;
        *matches = *matches || strcmp(wanted, value) == 0;
    }
    return true;
}

static bool match(const struct candidate *candidate, const struct sbmt_suite_filter *filter,
                  bool *matches, struct sbmt_arena *arena, struct sbmt_error *err)
{
    *matches = true;
    for (int i = 0; i < filter->count && *matches; i++)
        if (!match_key(candidate, &filter->key[i], matches, arena, err))
            return false;
    return true;
}

/* A key that no cell has is mistyped: the message is that of a configuration. */
static bool check_keys(const struct candidate *candidates, int count,
                       const struct sbmt_suite_filter *filter, struct sbmt_error *err)
{
    for (int k = 0; k < filter->count; k++) {
        const struct sbmt_suite_axis *key = &filter->key[k];
        bool known = false;
        for (int i = 0; i < count && !known; i++)
            known = value_of(&candidates[i], key->key) != NULL;
        if (known)
            continue;
        struct sbmt_arena arena = {0};
        bool right = sbmt_config_override_at(sbmt_experiment_fields, candidates[0].config,
                                             key->value[0].text, key->value[0].place, &arena, err);
        sbmt_arena_finish(&arena);
        return !right ? false : fail_at(key->node, err, key->key, "no cell has this key");
    }
    return true;
}

static bool apply(struct candidate *candidates, int count, const struct sbmt_suite_filters *filters,
                  bool excludes, struct sbmt_arena *arena, struct sbmt_error *err)
{
    for (int f = 0; f < filters->count; f++) {
        const struct sbmt_suite_filter *filter = &filters->filter[f];
        bool any = false;
        if (!check_keys(candidates, count, filter, err))
            return false;
        for (int i = 0; i < count; i++) {
            bool matches;
            if (!match(&candidates[i], filter, &matches, arena, err))
                return false;
            any = any || matches;
            bool *decided = excludes ? &candidates[i].excluded : &candidates[i].included;
            *decided = *decided || matches;
        }
        if (!any)
            return fail_at(filter->node, err, excludes ? "exclude" : "include",
                           "this matches no cell");
    }
    return true;
}

bool sbmt_suite_filter(const struct sbmt_suite_plan *plan, struct sbmt_suite *suite,
                       struct sbmt_arena *arena, struct sbmt_error *err)
{
    if (plan->include.count == 0 && plan->exclude.count == 0)
        return true;
    const size_t size = (size_t)suite->count;
    struct candidate *candidates = sbmt_arena_zalloc(arena, size, sizeof *candidates);
    if (!sbmt_arena_check(arena, "suite", err))
        return false;
    for (int i = 0; i < suite->count; i++) {
        candidates[i].config = &suite->cell[i].config;
        candidates[i].included = plan->include.count == 0;
        if (!write_values(&candidates[i], arena, err))
            return false;
    }
    if (!apply(candidates, suite->count, &plan->include, false, arena, err) ||
        !apply(candidates, suite->count, &plan->exclude, true, arena, err))
        return false;
    int kept = 0;
    for (int i = 0; i < suite->count; i++)
        if (candidates[i].included && !candidates[i].excluded)
            suite->cell[kept++] = suite->cell[i];
    suite->count = kept;
    return kept > 0 || sbmt_fail(err, SBMT_ERROR_CONFIG,
                                 "%s: 'include' and 'exclude' leave no cell", plan->path);
}
