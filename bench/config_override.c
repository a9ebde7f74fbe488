/* `key=value` overrides of a configuration. */
#include <stdio.h>
#include <string.h>

#include "bench/config_load.h"

/* Where a walk along a dotted key stands: either at a table or at an option. */
struct walk {
    const struct sbmt_field *fields;  /* table of the next part; NULL: none */
    char *config;                     /* struct of that table */
    const struct sbmt_field *field;   /* option that the last part named; NULL before the first */
    const struct sbmt_field *variant; /* the variant that `fields` are the options of, or NULL */
    struct sbmt_variant_value *value; /* its value */
    bool kind;                        /* the last part was the variant's "kind" */
};

static void enter(struct walk *walk, const struct sbmt_field *field, char *member)
{
    walk->field = field;
    walk->variant = NULL;
    walk->fields = NULL;
    walk->config = member;
    if (field->type == SBMT_FIELD_SECTION) {
        walk->fields = field->fields;
    } else if (field->type == SBMT_FIELD_VARIANT) {
        walk->variant = field;
        walk->value = (struct sbmt_variant_value *)(void *)member;
        walk->fields = field->variant_at(walk->value->index)->fields;
    }
}

/* One part of the key. `done` is what of the key stands before it, with its last dot. */
static bool step(struct walk *walk, const char *part, const char *done,
                 const struct sbmt_yaml_source *source, struct sbmt_error *err)
{
    const bool table = walk->field == NULL || walk->fields != NULL || walk->variant != NULL;
    if (!table || walk->kind)
        return sbmt_yaml_fail(source, 0, 0, err, "'%.*s' is a single value, it has no keys",
                              (int)strlen(done) - 1, done);
    if (walk->variant != NULL && strcmp(part, "kind") == 0) {
        walk->kind = true;
        return true;
    }
    const struct sbmt_field *field = walk->fields != NULL ? sbmt_field_find(walk->fields, part)
                                                          : NULL;
    if (field == NULL) {
        char hint[512];
        sbmt_config_hint(walk->fields, NULL, part, done, hint, sizeof hint);
        return sbmt_yaml_fail(source, 0, 0, err, "unknown key '%s%s'; %s", done, part, hint);
    }
    char *config = walk->variant != NULL ? walk->value->config : walk->config;
    enter(walk, field, config + field->offset);
    return true;
}

static bool walk_key(struct walk *walk, const char *key, const struct sbmt_yaml_source *source,
                     struct sbmt_error *err)
{
    const char *part = key;
    for (;;) {
        const size_t length = strcspn(part, ".");
        char word[128], done[256];
        snprintf(word, sizeof word, "%.*s", (int)length, part);
        snprintf(done, sizeof done, "%.*s", (int)(part - key), key);
        if (!step(walk, word, done, source, err))
            return false;
        if (part[length] == '\0')
            return true;
        part += length + 1;
    }
}

static bool set_kind(const struct walk *walk, const struct sbmt_yaml_node *node,
                     struct sbmt_arena *arena, struct sbmt_error *err)
{
    if (node->kind != SBMT_YAML_SCALAR)
        return sbmt_yaml_fail(node->source, 0, 0, err, "expected the name of a kind");
    return sbmt_config_apply_value(walk->variant, walk->value, "", node, arena, err);
}

/* An assignment taken apart. */
struct assignment {
    char name[320]; /* for messages */
    struct sbmt_yaml_source source;
    char key[256];
    const char *value;
    struct walk walk; /* to the option */
};

/* `place` is NULL for an assignment of the command line. */
static bool locate(const struct sbmt_field *fields, void *config, const char *text,
                   const char *place, struct assignment *to, struct sbmt_error *err)
{
    snprintf(to->name, sizeof to->name, "%s%.300s", place == NULL ? "command line: " : "",
             place == NULL ? text : place);
    to->source = (struct sbmt_yaml_source){.name = to->name, .is_file = false};
    to->walk = (struct walk){.fields = fields, .config = config};
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return sbmt_yaml_fail(&to->source, 0, 0, err, "expected KEY=VALUE, as in train.steps=200");
    if ((size_t)(equals - text) >= sizeof to->key)
        return sbmt_yaml_fail(&to->source, 0, 0, err, "unknown key");
    snprintf(to->key, sizeof to->key, "%.*s", (int)(equals - text), text);
    to->value = equals + 1;
    return walk_key(&to->walk, to->key, &to->source, err);
}

const struct sbmt_field *sbmt_config_overridden(const struct sbmt_field *fields, void *config,
                                                const char *assignment, struct sbmt_error *err)
{
    struct assignment located;
    return locate(fields, config, assignment, NULL, &located, err) ? located.walk.field : NULL;
}

bool sbmt_config_override_at(const struct sbmt_field *fields, void *config, const char *assignment,
                             const char *place, struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct assignment at;
    if (!locate(fields, config, assignment, place, &at, err))
        return false;
    const struct sbmt_yaml_node *node = sbmt_yaml_parse(at.value, strlen(at.value), &at.source,
                                                        arena, err);
    if (node == NULL)
        return false;
    if (at.walk.kind)
        return set_kind(&at.walk, node, arena, err);
    return sbmt_config_apply_value(at.walk.field, at.walk.config, at.key, node, arena, err);
}

bool sbmt_config_override(const struct sbmt_field *fields, void *config, const char *assignment,
                          struct sbmt_arena *arena, struct sbmt_error *err)
{
    return sbmt_config_override_at(fields, config, assignment, NULL, arena, err);
}
