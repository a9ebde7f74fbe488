/* Trees of YAML into structs, by tables of options. */
#include "bench/config_load.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_value.h"

struct loader {
    struct sbmt_arena *arena;
    struct sbmt_error *err;
};

enum { PATH_SIZE = 256 };

static void join(char out[PATH_SIZE], const char *path, const char *key)
{
    snprintf(out, PATH_SIZE, "%.180s%s%.70s", path, *path != '\0' ? "." : "", key);
}

/* Puts the place, and in a file the option's path, in front of a message that has neither. */
static bool fail_value(const struct loader *loader, const struct sbmt_yaml_node *node,
                       const char *path, const struct sbmt_error *plain)
{
    if (plain->kind != SBMT_ERROR_CONFIG) {
        if (loader->err != NULL)
            *loader->err = *plain;
        return false;
    }
    const bool is_file = node->source->is_file;
    return sbmt_yaml_fail(node->source, node->line, node->column, loader->err, "%s%s%s",
                          is_file ? path : "", is_file ? ": " : "", plain->message);
}

static bool fail_kind_of_node(const struct loader *loader, const struct sbmt_field *field,
                              const struct sbmt_yaml_node *node, const char *path)
{
    struct sbmt_str wanted = {0};
    sbmt_value_describe(field, &wanted);
    struct sbmt_error plain = {0};
    if (node->kind == SBMT_YAML_SCALAR)
        sbmt_fail(&plain, SBMT_ERROR_CONFIG, "expected %s, got '%.80s'", wanted.text, node->text);
    else
        sbmt_fail(&plain, SBMT_ERROR_CONFIG, "expected %s, got %s", wanted.text,
                  node->kind == SBMT_YAML_LIST ? "a list" : "a mapping");
    sbmt_str_finish(&wanted);
    return fail_value(loader, node, path, &plain);
}

static bool apply_fields(const struct loader *loader, const struct sbmt_field *fields, void *config,
                         const char *path, const struct sbmt_yaml_node *mapping, const char *skip);

static bool apply_kind(const struct loader *loader, const struct sbmt_field *field,
                       struct sbmt_variant_value *value, const struct sbmt_yaml_node *node,
                       const char *path)
{
    if (node->kind != SBMT_YAML_SCALAR)
        return fail_kind_of_node(loader, field, node, path);
    if (sbmt_config_set_kind(field, value, node->text, loader->arena))
        return sbmt_arena_check(loader->arena, "configuration", loader->err);
    char hint[SBMT_CONFIG_HINT];
    sbmt_config_kind_hint(field, node->text, hint, sizeof hint);
    struct sbmt_error plain = {0};
    sbmt_fail(&plain, SBMT_ERROR_CONFIG, "unknown kind '%.80s'; %s", node->text, hint);
    return fail_value(loader, node, path, &plain);
}

/* `attention: sbm` or `attention: {kind: sbm, clusters: 128}`. */
static bool apply_variant(const struct loader *loader, const struct sbmt_field *field,
                          struct sbmt_variant_value *value, const struct sbmt_yaml_node *node,
                          const char *path)
{
    if (node->kind != SBMT_YAML_MAPPING)
        return apply_kind(loader, field, value, node, path);
    const struct sbmt_yaml_node *kind = sbmt_yaml_entry(node, "kind");
    if (kind == NULL) {
        char hint[SBMT_CONFIG_HINT];
        sbmt_config_kind_hint(field, "", hint, sizeof hint);
        struct sbmt_error plain = {0};
        sbmt_fail(&plain, SBMT_ERROR_CONFIG, "'kind' is missing; %s", hint);
        return fail_value(loader, node, path, &plain);
    }
    char kind_path[PATH_SIZE];
    join(kind_path, path, "kind");
    if (!apply_kind(loader, field, value, kind, kind_path))
        return false;
    return apply_fields(loader, field->variant_at(value->index)->fields, value->config, path, node,
                        "kind");
}

static bool apply_value(const struct loader *loader, const struct sbmt_field *field, void *member,
                        const struct sbmt_yaml_node *node, const char *path)
{
    if (field->type == SBMT_FIELD_VARIANT)
        return apply_variant(loader, field, member, node, path);
    if (field->type == SBMT_FIELD_SECTION) {
        if (sbmt_yaml_is_null(node))
            return true;
        if (node->kind != SBMT_YAML_MAPPING)
            return fail_kind_of_node(loader, field, node, path);
        return apply_fields(loader, field->fields, member, path, node, NULL);
    }
    if (node->kind != SBMT_YAML_SCALAR)
        return fail_kind_of_node(loader, field, node, path);
    struct sbmt_error plain = {0};
    if (sbmt_value_parse(field, member, node->text, node->quoted, loader->arena, &plain))
        return true;
    return fail_value(loader, node, path, &plain);
}

/* `fields` may be NULL: a kind without options. The entry `skip` is dealt with already. */
static bool apply_fields(const struct loader *loader, const struct sbmt_field *fields, void *config,
                         const char *path, const struct sbmt_yaml_node *mapping, const char *skip)
{
    for (const struct sbmt_yaml_node *entry = mapping->first; entry != NULL; entry = entry->next) {
        if (skip != NULL && strcmp(entry->key, skip) == 0)
            continue;
        const struct sbmt_field *field = fields != NULL ? sbmt_field_find(fields, entry->key)
                                                        : NULL;
        if (field == NULL) {
            char hint[512];
            const char *more = path[0] == '\0' ? SBMT_CONFIG_EXTENDS : NULL;
            sbmt_config_hint(fields, more, entry->key, "", hint, sizeof hint);
            return sbmt_yaml_fail(entry->source, entry->key_line, entry->key_column, loader->err,
                                  "unknown key '%.80s'; %s", entry->key, hint);
        }
        char entry_path[PATH_SIZE];
        join(entry_path, path, entry->key);
        if (!apply_value(loader, field, (char *)config + field->offset, entry, entry_path))
            return false;
    }
    return true;
}

bool sbmt_config_apply(const struct sbmt_field *fields, void *config, const char *path,
                       const struct sbmt_yaml_node *mapping, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    const struct loader loader = {.arena = arena, .err = err};
    return apply_fields(&loader, fields, config, path, mapping, NULL);
}

bool sbmt_config_apply_value(const struct sbmt_field *field, void *member, const char *path,
                             const struct sbmt_yaml_node *node, struct sbmt_arena *arena,
                             struct sbmt_error *err)
{
    const struct loader loader = {.arena = arena, .err = err};
    return apply_value(&loader, field, member, node, path);
}

bool sbmt_config_set_kind(const struct sbmt_field *field, struct sbmt_variant_value *value,
                          const char *name, struct sbmt_arena *arena)
{
    const int index = sbmt_variant_find(field->variant_at, name);
    if (index < 0)
        return false;
    if (index == value->index)
        return true;
    /* A table of this one row, whose default is the wanted kind, makes that kind's defaults. */
    struct sbmt_field rows[2] = {*field, SBMT_FIELDS_END};
    rows[0].offset = 0;
    rows[0].fallback = index;
    sbmt_fields_defaults(rows, value, arena);
    return true;
}

/* The section among the fields that has the key; NULL: none. */
static const struct sbmt_field *section_of(const struct sbmt_field *fields, const char *key)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++)
        if (field->type == SBMT_FIELD_SECTION && field->fields != NULL &&
            sbmt_field_find(field->fields, key) != NULL)
            return field;
    return NULL;
}

void sbmt_config_hint(const struct sbmt_field *fields, const char *more, const char *key,
                      const char *prefix, char *hint, size_t size)
{
    if (fields == NULL) {
        snprintf(hint, size, "this kind has no options");
        return;
    }
    const struct sbmt_field *section = section_of(fields, key);
    if (section != NULL) {
        snprintf(hint, size, "did you mean '%s%s.%s'?", prefix, section->key, key);
        return;
    }
    const char *nearest = NULL;
    int distance = 0;
    struct sbmt_str all = {0};
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        sbmt_str_nearest(key, field->key, &nearest, &distance);
        sbmt_str_printf(&all, "%s%s", field == fields ? "" : ", ", field->key);
    }
    if (more != NULL) {
        sbmt_str_nearest(key, more, &nearest, &distance);
        sbmt_str_printf(&all, ", %s", more);
    }
    if (nearest != NULL)
        snprintf(hint, size, "did you mean '%s%s'?", prefix, nearest);
    else
        snprintf(hint, size, "the keys here are %s", all.failed ? "others" : all.text);
    sbmt_str_finish(&all);
}

void sbmt_config_kind_hint(const struct sbmt_field *field, const char *name, char *hint,
                           size_t size)
{
    const char *nearest = NULL;
    int distance = 0;
    struct sbmt_str all = {0};
    for (int i = 0; field->variant_at(i) != NULL; i++) {
        sbmt_str_nearest(name, field->variant_at(i)->name, &nearest, &distance);
        sbmt_str_printf(&all, "%s%s", i > 0 ? ", " : "", field->variant_at(i)->name);
    }
    if (nearest != NULL)
        snprintf(hint, size, "did you mean '%s'?", nearest);
    else
        snprintf(hint, size, "the kinds are %s", all.failed ? "others" : all.text);
    sbmt_str_finish(&all);
}
