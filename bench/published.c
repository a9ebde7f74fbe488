/* Published results from YAML. */
#include "bench/published.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/config_load.h"

static const struct sbmt_published_column lra[] = {
    {"listops", "lra/listops", "accuracy"},         {"text", "lra/text", "accuracy"},
    {"retrieval", "lra/retrieval", "accuracy"},     {"image", "lra/image", "accuracy"},
    {"pathfinder", "lra/pathfinder32", "accuracy"}, {"path-x", "lra/pathx", "accuracy"},
};

static const struct sbmt_published_column glue[SBMT_PUBLISHED_COLUMNS] = {
    {"cola", "glue/cola", "matthews"},
    {"sst-2", "glue/sst-2", "accuracy"},
    {"mrpc-f1", "glue/mrpc", "f1"},
    {"mrpc-accuracy", "glue/mrpc", "accuracy"},
    {"sts-b-pearson", "glue/sts-b", "pearson"},
    {"sts-b-spearman", "glue/sts-b", "spearman"},
    {"qqp-f1", "glue/qqp", "f1"},
    {"qqp-accuracy", "glue/qqp", "accuracy"},
    {"mnli-m", "glue/mnli", "accuracy"},
    {"mnli-mm", "glue/mnli-mm", "accuracy"},
    {"qnli", "glue/qnli", "accuracy"},
    {"rte", "glue/rte", "accuracy"},
    {"wnli", "glue/wnli", "accuracy"},
    {"ax", "glue/ax", "matthews"},
};

enum { LRA_COLUMNS = sizeof lra / sizeof lra[0] };

static const struct sbmt_published_protocol protocols[] = {
    {"google", LRA_COLUMNS, lra},
    {"nystromformer", LRA_COLUMNS, lra},
    {"sbm-paper", LRA_COLUMNS, lra},
    {"s4", LRA_COLUMNS, lra},
    {"glue-test", SBMT_PUBLISHED_COLUMNS, glue},
    {"glue-dev", SBMT_PUBLISHED_COLUMNS, glue},
};

enum { PROTOCOLS = sizeof protocols / sizeof protocols[0] };

const struct sbmt_published_protocol *sbmt_published_protocol_at(int index)
{
    return index >= 0 && index < PROTOCOLS ? &protocols[index] : NULL;
}

/* A file but for its rows. */
struct file {
    int protocol;
    const char *doc;
};

static bool load_file(const struct sbmt_yaml_node *root, struct sbmt_published *published,
                      const struct sbmt_yaml_node **rows, struct sbmt_arena *arena,
                      struct sbmt_error *err)
{
    const char *words[PROTOCOLS + 1] = {NULL};
    for (int i = 0; i < PROTOCOLS; i++)
        words[i] = protocols[i].name;
    const struct sbmt_field fields[] = {
        SBMT_CHOICE(struct file, protocol, words, -1, "which way of measuring its rows have"),
        SBMT_STRING(struct file, doc, NULL, "what that is, in a line"),
        {.key = "rows", .type = SBMT_FIELD_SECTION},
        SBMT_FIELDS_END,
    };
    struct file file = {.protocol = -1};
    for (const struct sbmt_yaml_node *entry = root->first; entry != NULL; entry = entry->next) {
        const struct sbmt_field *field = sbmt_field_find(fields, entry->key);
        if (field == NULL) {
            char hint[256];
            sbmt_config_hint(fields, NULL, entry->key, "", hint, sizeof hint);
            return sbmt_yaml_fail(entry->source, entry->key_line, entry->key_column, err,
                                  "unknown key '%.80s'; %s", entry->key, hint);
        }
        if (field->type == SBMT_FIELD_SECTION)
            *rows = entry;
        else if (!sbmt_config_apply_value(field, (char *)&file + field->offset, entry->key, entry,
                                          arena, err))
            return false;
    }
    if (file.protocol < 0 || *rows == NULL)
        return sbmt_yaml_fail(root->source, root->line, root->column, err, "'%s' is missing",
                              file.protocol < 0 ? "protocol" : "rows");
    if ((*rows)->kind != SBMT_YAML_LIST)
        return sbmt_yaml_fail(root->source, (*rows)->line, (*rows)->column, err,
                              "rows: expected a list (- model: …)");
    published->protocol = &protocols[file.protocol];
    published->doc = file.doc;
    return true;
}

/* The columns of a protocol as options: what `scores` and `density` may name. */
static void make_columns(const struct sbmt_published_protocol *protocol, double min,
                         struct sbmt_field fields[SBMT_PUBLISHED_COLUMNS + 1])
{
    assert(protocol->columns <= SBMT_PUBLISHED_COLUMNS);
    for (int i = 0; i < protocol->columns; i++)
        fields[i] = (struct sbmt_field){.key = protocol->column[i].key,
                                        .type = SBMT_FIELD_NUMBER,
                                        .offset = (size_t)i * sizeof(double),
                                        .fallback = (double)NAN,
                                        .min = min,
                                        .max = 100};
    fields[protocol->columns] = (struct sbmt_field)SBMT_FIELDS_END;
}

/* Correlations may be below 0; densities may not. */
static bool load_row(const struct sbmt_yaml_node *node, struct sbmt_published *published,
                     struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_field scores[SBMT_PUBLISHED_COLUMNS + 1], densities[SBMT_PUBLISHED_COLUMNS + 1];
    make_columns(published->protocol, -100, scores);
    make_columns(published->protocol, 0, densities);
    const struct sbmt_field fields[] = {
        SBMT_STRING(struct sbmt_published_row, model, NULL, "as the source calls it"),
        SBMT_STRING(struct sbmt_published_row, source, NULL, "paper or repository"),
        SBMT_STRING(struct sbmt_published_row, note, NULL, "what a reader must know"),
        SBMT_BOOL(struct sbmt_published_row, unverified, 0, "not looked up in the source"),
        SBMT_NUMBER(struct sbmt_published_row, printed_average, (double)NAN, -100, 100, "percent"),
        {.key = "scores",
         .type = SBMT_FIELD_SECTION,
         .offset = offsetof(struct sbmt_published_row, score),
         .fields = scores},
        {.key = "density",
         .type = SBMT_FIELD_SECTION,
         .offset = offsetof(struct sbmt_published_row, density),
         .fields = densities},
        SBMT_FIELDS_END,
    };
    struct sbmt_published_row *row = &published->rows[published->count];
    if (node->kind != SBMT_YAML_MAPPING)
        return sbmt_yaml_fail(node->source, node->line, node->column, err,
                              "expected a row (model: …, source: …, scores: {…})");
    sbmt_fields_defaults(fields, row, arena);
    char path[32];
    snprintf(path, sizeof path, "rows[%d]", published->count);
    if (!sbmt_config_apply(fields, row, path, node, arena, err))
        return false;
    static const char *const needed[] = {"model", "source", "scores"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const struct sbmt_yaml_node *entry = sbmt_yaml_entry(node, needed[i]);
        if (entry == NULL || sbmt_yaml_is_null(entry) ||
            (entry->kind == SBMT_YAML_MAPPING && entry->first == NULL))
            return sbmt_yaml_fail(node->source, node->line, node->column, err,
                                  "%s: '%s' is missing", path, needed[i]);
    }
    for (int i = 0; i < published->count; i++)
        if (strcmp(published->rows[i].model, row->model) == 0 &&
            strcmp(published->rows[i].source, row->source) == 0)
            return sbmt_yaml_fail(node->source, node->line, node->column, err,
                                  "%s: '%.80s' from this source is rows[%d] already", path,
                                  row->model, i);
    published->count++;
    return true;
}

bool sbmt_published_load(struct sbmt_published *published, const char *path,
                         struct sbmt_arena *arena, struct sbmt_error *err)
{
    *published = (struct sbmt_published){0};
    const struct sbmt_yaml_node *rows = NULL, *root = sbmt_config_read(NULL, path, arena, err);
    if (root == NULL || !load_file(root, published, &rows, arena, err))
        return false;
    size_t count = 0;
    for (const struct sbmt_yaml_node *node = rows->first; node != NULL; node = node->next)
        count++;
    published->rows = sbmt_arena_zalloc(arena, count, sizeof *published->rows);
    if (!sbmt_arena_check(arena, path, err))
        return false;
    for (const struct sbmt_yaml_node *node = rows->first; node != NULL; node = node->next)
        if (!load_row(node, published, arena, err))
            return false;
    return true;
}
