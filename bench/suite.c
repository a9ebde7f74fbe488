/* A suite's cells. */
#include "bench/suite.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_load.h"
#include "bench/config_write.h"
#include "bench/suite_filter.h"
#include "bench/suite_name.h"

static const char attention_key[] = "model.attention", kind_key[] = "model.attention.kind";

/* Cells while they are made. */
struct maker {
    const struct sbmt_suite_plan *plan;
    struct sbmt_suite *suite;
    const struct sbmt_yaml_node *root; /* of the configuration file at work */
    const char **text, **place;        /* overrides of the cell at work */
    const struct sbmt_suite_setting **swept;
    bool *set_used, *sweep_used; /* by any cell */
    int capacity;
    struct sbmt_arena *arena;
    struct sbmt_error *err;
};

/* What one cell is made of. */
struct choice {
    const struct sbmt_suite_setting *file, *seed; /* seed may be NULL: the file's */
    const int *at;                                /* index into each swept axis */
};

static bool names_kind(const char *key)
{
    return strcmp(key, attention_key) == 0 || strcmp(key, kind_key) == 0;
}

/* The index of the kind of attention that a cell will have; −1: no such kind, of which loading the
 * cell will tell. */
static int kind_of(const struct maker *maker, const struct choice *choice)
{
    const struct sbmt_field *field = sbmt_field_find(sbmt_model_fields, "attention");
    const struct sbmt_yaml_node *node = sbmt_yaml_find(maker->root, attention_key);
    if (node != NULL && node->kind == SBMT_YAML_MAPPING)
        node = sbmt_yaml_entry(node, "kind");
    const char *kind = node != NULL ? node->text : NULL;
    for (int i = 0; i < maker->plan->set_count; i++)
        if (names_kind(maker->plan->set[i].key))
            kind = maker->plan->set[i].value[0].value;
    for (int i = 0; i < maker->plan->sweep_count; i++)
        if (names_kind(maker->plan->sweep[i].key))
            kind = maker->plan->sweep[i].value[choice->at[i]].value;
    return kind == NULL ? (int)field->fallback : sbmt_variant_find(field->variant_at, kind);
}

/* Options of a kind of attention are for the kinds that have them. */
static bool applies(const struct sbmt_suite_setting *setting, int kind)
{
    return kind < 0 || !sbmt_is_of_other_kind(setting->text, kind);
}

static void put(struct maker *maker, const struct sbmt_suite_setting *setting, int *count)
{
    maker->text[*count] = setting->text;
    maker->place[(*count)++] = setting->place;
}

/* The overrides of a cell, the kind before its options. False: the cell does not have an axis whose
 * first value stands for all of them. */
static bool gather(struct maker *maker, const struct choice *choice, int *count, int *swept)
{
    const struct sbmt_suite_plan *plan = maker->plan;
    const int kind = kind_of(maker, choice);
    *count = *swept = 0;
    for (int kinds = 1; kinds >= 0; kinds--) {
        for (int i = 0; i < plan->set_count; i++)
            if (names_kind(plan->set[i].key) == kinds && applies(&plan->set[i].value[0], kind)) {
                maker->set_used[i] = true;
                put(maker, &plan->set[i].value[0], count);
            }
        for (int i = 0; i < plan->sweep_count; i++)
            if (names_kind(plan->sweep[i].key) == kinds &&
                applies(&plan->sweep[i].value[0], kind)) {
                maker->sweep_used[i] = true;
                put(maker, &plan->sweep[i].value[choice->at[i]], count);
            }
    }
    if (choice->seed != NULL)
        put(maker, choice->seed, count);
    for (int i = 0; i < plan->sweep_count; i++) {
        const bool had = applies(&plan->sweep[i].value[0], kind);
        if (had)
            maker->swept[(*swept)++] = &plan->sweep[i].value[choice->at[i]];
        else if (choice->at[i] > 0)
            return false;
    }
    return true;
}

/* A mistake that stands in the suite and shows in one of its files says in which. */
static bool fail_in(const struct maker *maker, const char *file)
{
    struct sbmt_error *err = maker->err;
    if (err == NULL || strncmp(err->message, file, strlen(file)) == 0)
        return false;
    const size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, " (with %.300s)", file);
    return false;
}

/* Room for one more cell. */
static bool next_cell(struct maker *maker, struct sbmt_cell **cell)
{
    struct sbmt_suite *suite = maker->suite;
    if (suite->count == SBMT_SUITE_MOST)
        return sbmt_fail(maker->err, SBMT_ERROR_CONFIG, "%s: more than %d cells", maker->plan->path,
                         SBMT_SUITE_MOST);
    if (suite->count == maker->capacity) {
        maker->capacity = maker->capacity > 0 ? 2 * maker->capacity : 16;
        struct sbmt_cell *more = sbmt_arena_zalloc(maker->arena, (size_t)maker->capacity,
                                                   sizeof *more);
        if (more == NULL)
            return sbmt_arena_check(maker->arena, "suite", maker->err);
        if (suite->count > 0)
            memcpy(more, suite->cell, (size_t)suite->count * sizeof *more);
        suite->cell = more;
    }
    *cell = &suite->cell[suite->count++];
    return true;
}

static bool make_cell(struct maker *maker, const struct choice *choice)
{
    int overrides, swept;
    if (!gather(maker, choice, &overrides, &swept))
        return true;
    struct sbmt_cell *cell = NULL;
    if (!next_cell(maker, &cell))
        return false;
    struct sbmt_suite_setting *sweep = sbmt_arena_zalloc(maker->arena, (size_t)swept + 1,
                                                         sizeof *sweep);
    if (sweep == NULL)
        return sbmt_arena_check(maker->arena, "suite", maker->err);
    for (int i = 0; i < swept; i++)
        sweep[i] = *maker->swept[i];
    *cell = (struct sbmt_cell){.file = choice->file->value,
                               .place = choice->file->place,
                               .sweep = sweep,
                               .sweep_count = swept};
    if (!sbmt_experiment_config_load_at(&cell->config, cell->file, maker->text, maker->place,
                                        overrides, maker->arena, maker->err))
        return fail_in(maker, cell->file);
    if (!sbmt_config_fingerprint(sbmt_experiment_fields, &cell->config, cell->fingerprint,
                                 maker->err))
        return false;
    cell->name = sbmt_suite_cell_name(maker->plan, cell, maker->arena);
    return sbmt_arena_check(maker->arena, "suite", maker->err);
}

/* All combinations of swept values, the last axis fastest. */
static bool make_sweep(struct maker *maker, const struct sbmt_suite_setting *file,
                       const struct sbmt_suite_setting *seed, int *at)
{
    const struct sbmt_suite_plan *plan = maker->plan;
    memset(at, 0, ((size_t)plan->sweep_count + 1) * sizeof *at);
    for (;;) {
        const struct choice choice = {.file = file, .seed = seed, .at = at};
        if (!make_cell(maker, &choice))
            return false;
        int axis = plan->sweep_count - 1;
        while (axis >= 0 && ++at[axis] == plan->sweep[axis].count)
            at[axis--] = 0;
        if (axis < 0)
            return true;
    }
}

/* All files with the first seed, then all with the next: what a table compares is there early. */
static bool make_cells(struct maker *maker)
{
    const struct sbmt_suite_plan *plan = maker->plan;
    const size_t axes = (size_t)plan->sweep_count, sets = (size_t)plan->set_count;
    const size_t overrides = axes + sets + 1;
    int *at = sbmt_arena_zalloc(maker->arena, axes + 1, sizeof *at);
    maker->text = sbmt_arena_zalloc(maker->arena, overrides, sizeof *maker->text);
    maker->place = sbmt_arena_zalloc(maker->arena, overrides, sizeof *maker->place);
    maker->swept = sbmt_arena_zalloc(maker->arena, axes + 1, sizeof *maker->swept);
    maker->set_used = sbmt_arena_zalloc(maker->arena, sets + 1, sizeof *maker->set_used);
    maker->sweep_used = sbmt_arena_zalloc(maker->arena, axes + 1, sizeof *maker->sweep_used);
    if (!sbmt_arena_check(maker->arena, "suite", maker->err))
        return false;
    const int seeds = plan->seed.count > 0 ? plan->seed.count : 1;
    for (int s = 0; s < seeds; s++)
        for (int f = 0; f < plan->file.count; f++) {
            const char *file = plan->file.value[f].value;
            struct sbmt_error missing = {0};
            maker->root = sbmt_config_read(sbmt_experiment_fields, file, maker->arena, &missing);
            if (maker->root == NULL && strncmp(missing.message, file, strlen(file)) == 0 &&
                strncmp(missing.message + strlen(file), ": ", 2) == 0)
                return sbmt_fail(maker->err, SBMT_ERROR_CONFIG, "%s: configs: %s",
                                 plan->file.value[f].place, missing.message);
            if (maker->root == NULL)
                return sbmt_fail(maker->err, missing.kind, "%s", missing.message);
            const struct sbmt_suite_setting *seed = plan->seed.count > 0 ? &plan->seed.value[s]
                                                                         : NULL;
            if (!make_sweep(maker, &plan->file.value[f], seed, at))
                return false;
        }
    return true;
}

/* A key that no cell has is mistyped, or of a kind that the suite does not have: the message is
 * that of a configuration. */
static bool check_used(const struct maker *maker)
{
    const struct sbmt_suite_plan *plan = maker->plan;
    struct sbmt_experiment_config *config = &maker->suite->cell[0].config;
    for (int pass = 0; pass < 2; pass++) {
        const struct sbmt_suite_axis *axes = pass == 0 ? plan->set : plan->sweep;
        const bool *used = pass == 0 ? maker->set_used : maker->sweep_used;
        for (int i = 0; i < (pass == 0 ? plan->set_count : plan->sweep_count); i++)
            if (!used[i] &&
                !sbmt_config_override_at(sbmt_experiment_fields, config, axes[i].value[0].text,
                                         axes[i].value[0].place, maker->arena, maker->err))
                return fail_in(maker, maker->suite->cell[0].file);
    }
    return true;
}

/* Where the suite has what tells the second of two cells from the first. */
static const char *difference_place(const struct sbmt_cell *first, const struct sbmt_cell *second)
{
    for (int i = 0; i < second->sweep_count && strcmp(first->file, second->file) == 0; i++)
        if (i >= first->sweep_count || strcmp(first->sweep[i].place, second->sweep[i].place) != 0)
            return second->sweep[i].place;
    return second->place;
}

static bool check_different(const struct sbmt_suite *suite, struct sbmt_error *err)
{
    for (int i = 1; i < suite->count; i++)
        for (int j = 0; j < i; j++) {
            const struct sbmt_cell *first = &suite->cell[j], *second = &suite->cell[i];
            if (strcmp(first->fingerprint, second->fingerprint) == 0)
                return sbmt_fail(err, SBMT_ERROR_CONFIG,
                                 "%s: the cells %s (%s) and %s (%s) have the same configuration; "
                                 "drop one of them",
                                 difference_place(first, second), first->name, first->file,
                                 second->name, second->file);
        }
    return true;
}

bool sbmt_suite_load(struct sbmt_suite *suite, const char *path, const char *folder,
                     struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_suite_plan plan;
    *suite = (struct sbmt_suite){0};
    struct maker maker = {.plan = &plan, .suite = suite, .arena = arena, .err = err};
    if (!sbmt_suite_plan_read(&plan, path, arena, err))
        return false;
    suite->name = plan.name;
    if (!make_cells(&maker) || !check_used(&maker) ||
        !sbmt_suite_filter(&plan, suite, arena, err) || !check_different(suite, err))
        return false;
    suite->text = sbmt_suite_text(&plan, arena);
    return sbmt_suite_name_folders(suite, folder, arena, err);
}
