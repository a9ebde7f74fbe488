/* Lists of values, ranges, and paths with words in braces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/suite_plan.h"
#include "core/base/str.h"

/* An axis while values are added to it. */
struct builder {
    struct sbmt_suite_axis *axis;
    struct sbmt_suite_setting *value; /* SBMT_SUITE_MOST at the most */
    int capacity;
    struct sbmt_arena *arena;
    struct sbmt_error *err;
};

static bool fail(const struct builder *builder, const struct sbmt_yaml_node *node,
                 const char *message)
{
    /* As it stands in the file: the key of `seeds` is seed. */
    return sbmt_yaml_fail(node->source, node->line, node->column, builder->err, "%s: %s",
                          builder->axis->node->key, message);
}

static const char *format_place(const struct sbmt_yaml_node *node, struct sbmt_arena *arena)
{
    char text[512];
    snprintf(text, sizeof text, "%.400s:%d:%d", node->source->name, node->line, node->column);
    return sbmt_arena_strdup(arena, text);
}

/* The value as YAML reads it back: in quotes unless it is a plain word. */
static const char *format_text(const char *key, const char *value, struct sbmt_arena *arena)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./+";
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "%s=", key);
    if (value[strspn(value, plain)] == '\0') {
        sbmt_str_printf(&text, "%s", value);
    } else {
        sbmt_str_printf(&text, "'");
        for (const char *c = value; *c != '\0'; c++)
            sbmt_str_printf(&text, *c == '\'' ? "''" : "%c", *c);
        sbmt_str_printf(&text, "'");
    }
    const char *copy = text.failed ? NULL : sbmt_arena_strdup(arena, text.text);
    arena->failed = arena->failed || text.failed;
    sbmt_str_finish(&text);
    return copy;
}

static bool add(struct builder *builder, const struct sbmt_yaml_node *node, const char *value)
{
    if (builder->axis->count == SBMT_SUITE_MOST)
        return fail(builder, node, "more than 10000 values");
    if (builder->axis->count == builder->capacity) {
        const int capacity = builder->capacity > 0 ? 2 * builder->capacity : 8;
        struct sbmt_suite_setting *more = sbmt_arena_zalloc(builder->arena, (size_t)capacity,
                                                            sizeof *more);
        if (more == NULL)
            return sbmt_arena_check(builder->arena, "suite", builder->err);
        if (builder->capacity > 0)
            memcpy(more, builder->value, (size_t)builder->capacity * sizeof *more);
        builder->axis->value = builder->value = more;
        builder->capacity = capacity;
    }
    builder->value[builder->axis->count++] = (struct sbmt_suite_setting){
        .key = builder->axis->key,
        .value = sbmt_arena_strdup(builder->arena, value),
        .text = format_text(builder->axis->key, value, builder->arena),
        .place = format_place(node, builder->arena),
    };
    return sbmt_arena_check(builder->arena, "suite", builder->err);
}

static bool is_range(const struct sbmt_yaml_node *node)
{
    return node->kind == SBMT_YAML_SCALAR && !node->quoted &&
           strncmp(node->text, "range", strlen("range")) == 0;
}

/* Two or three integers between the brackets of a range; 0: something else. */
static int range_numbers(const char *text, long numbers[3])
{
    char end;
    text += strlen("range");
    text += strspn(text, " ");
    if (sscanf(text, "( %ld , %ld , %ld ) %c", &numbers[0], &numbers[1], &numbers[2], &end) == 3 &&
        text[strlen(text) - 1] == ')')
        return 3;
    numbers[2] = 1;
    if (sscanf(text, "( %ld , %ld ) %c", &numbers[0], &numbers[1], &end) == 2 &&
        text[strlen(text) - 1] == ')')
        return 2;
    return 0;
}

static bool add_range(struct builder *builder, const struct sbmt_yaml_node *node)
{
    long numbers[3];
    if (range_numbers(node->text, numbers) == 0)
        return fail(builder, node,
                    "expected range(first, end) or range(first, end, step) of integers, outside of "
                    "{ } and [ ], where a comma would end it");
    if (numbers[2] < 1)
        return fail(builder, node, "the step of a range must be at least 1");
    if (numbers[0] >= numbers[1])
        return fail(builder, node, "this range is empty: its end is left out");
    for (long i = numbers[0]; i < numbers[1]; i += numbers[2]) {
        char word[32];
        snprintf(word, sizeof word, "%ld", i);
        if (!add(builder, node, word))
            return false;
    }
    return true;
}

static bool check_repeats(const struct builder *builder, const struct sbmt_yaml_node *node)
{
    const struct sbmt_suite_axis *axis = builder->axis;
    for (int i = 1; i < axis->count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(axis->value[i].value, axis->value[j].value) == 0) {
                char message[200];
                snprintf(message, sizeof message, "'%.150s' stands here twice",
                         axis->value[i].value);
                return fail(builder, node, message);
            }
    return true;
}

bool sbmt_suite_values(struct sbmt_suite_axis *axis, const char *key,
                       const struct sbmt_yaml_node *node, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    *axis = (struct sbmt_suite_axis){.key = key, .node = node};
    struct builder builder = {.axis = axis, .arena = arena, .err = err};
    if (is_range(node))
        return add_range(&builder, node);
    if (node->kind == SBMT_YAML_MAPPING)
        return fail(&builder, node, "expected a value, a list of values or a range");
    if (node->kind == SBMT_YAML_SCALAR)
        return add(&builder, node, node->text);
    for (const struct sbmt_yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        if (entry->kind != SBMT_YAML_SCALAR || is_range(entry))
            return fail(&builder, entry, "expected a single value in this list");
        if (!add(&builder, entry, entry->text))
            return false;
    }
    if (axis->count == 0)
        return fail(&builder, node, "this list is empty; leave the key out, or give it values");
    return check_repeats(&builder, node);
}

/* Adds the paths that `rest`, behind the finished `done`, stands for. */
static bool add_paths(struct builder *builder, const struct sbmt_yaml_node *node, const char *done,
                      const char *rest)
{
    char path[SBMT_SUITE_PATH];
    const size_t open = strcspn(rest, "{}");
    if (rest[open] == '\0') {
        if (snprintf(path, sizeof path, "%s%s", done, rest) >= (int)sizeof path)
            return fail(builder, node, "this path is too long");
        return add(builder, node, path);
    }
    const char *close = rest[open] == '{' ? strpbrk(rest + open + 1, "{}") : NULL;
    if (close == NULL || *close != '}')
        return fail(builder, node, "expected words in braces, as in {softmax,sbm}.yaml");
    for (const char *word = rest + open + 1; word <= close;) {
        const size_t length = strcspn(word, ",}");
        if (snprintf(path, sizeof path, "%s%.*s%.*s", done, (int)open, rest, (int)length, word) >=
            (int)sizeof path)
            return fail(builder, node, "this path is too long");
        if (!add_paths(builder, node, path, close + 1))
            return false;
        word += length + 1;
    }
    return true;
}

bool sbmt_suite_paths(struct sbmt_suite_axis *axis, const struct sbmt_yaml_node *node,
                      struct sbmt_arena *arena, struct sbmt_error *err)
{
    *axis = (struct sbmt_suite_axis){.key = "configs", .node = node};
    struct builder builder = {.axis = axis, .arena = arena, .err = err};
    if (node->kind != SBMT_YAML_LIST || node->first == NULL)
        return fail(&builder, node, "expected a list of configuration files");
    for (const struct sbmt_yaml_node *entry = node->first; entry != NULL; entry = entry->next) {
        if (entry->kind != SBMT_YAML_SCALAR || sbmt_yaml_is_null(entry))
            return fail(&builder, entry,
                        "expected the path of a configuration file; in [ ] one with braces needs "
                        "quotes");
        const char *file = entry->source->name, *slash = strrchr(file, '/');
        char folder[SBMT_SUITE_PATH];
        snprintf(folder, sizeof folder, "%.*s",
                 entry->text[0] == '/' || slash == NULL ? 0 : (int)(slash - file + 1), file);
        if (!add_paths(&builder, entry, folder, entry->text))
            return false;
    }
    return check_repeats(&builder, node);
}
