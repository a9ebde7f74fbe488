/* Names of cells, and their folders. */
#include "bench/suite_name.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 240, LONGEST_NAME = 200, SHORT_DIGEST = 8 };

/* The last part of a key, unless another swept key ends in it too. */
static const char *short_key(const struct sbmt_suite_plan *plan, const char *key)
{
    const char *dot = strrchr(key, '.');
    const char *word = dot != NULL ? dot + 1 : key;
    for (int i = 0; i < plan->sweep_count; i++) {
        const char *other = plan->sweep[i].key, *other_dot = strrchr(other, '.');
        if (strcmp(other, key) != 0 && strcmp(other_dot != NULL ? other_dot + 1 : other, word) == 0)
            return key;
    }
    return word;
}

const char *sbmt_suite_cell_name(const struct sbmt_suite_plan *plan, const struct sbmt_cell *cell,
                                 struct sbmt_arena *arena)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_-.=+";
    const char *slash = strrchr(cell->file, '/');
    const char *stem = slash != NULL ? slash + 1 : cell->file;
    struct sbmt_str name = {0};
    sbmt_str_printf(&name, "%s-%.*s", cell->config.task, (int)strcspn(stem, "."), stem);
    for (int i = 0; i < cell->sweep_count; i++)
        sbmt_str_printf(&name, "-%s=%s", short_key(plan, cell->sweep[i].key), cell->sweep[i].value);
    sbmt_str_printf(&name, "-s%d", cell->config.seed);
    if (!name.failed && name.length > LONGEST_NAME)
        snprintf(name.text + LONGEST_NAME - SHORT_DIGEST - 1, SHORT_DIGEST + 2, "-%.*s",
                 SHORT_DIGEST, cell->fingerprint);
    for (char *c = name.text; !name.failed && *c != '\0'; c++)
        if (strchr(allowed, *c) == NULL)
            *c = '-';
    const char *copy = name.failed ? NULL : sbmt_arena_strdup(arena, name.text);
    arena->failed = arena->failed || name.failed;
    sbmt_str_finish(&name);
    return copy;
}

/* Cells that what they are made of does not tell apart get a part of their fingerprint. */
static void tell_apart(struct sbmt_suite *suite, struct sbmt_arena *arena)
{
    bool *shared = sbmt_arena_zalloc(arena, (size_t)suite->count, sizeof *shared);
    for (int i = 0; shared != NULL && i < suite->count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(suite->cell[i].name, suite->cell[j].name) == 0)
                shared[i] = shared[j] = true;
    for (int i = 0; shared != NULL && i < suite->count; i++) {
        char name[NAME_SIZE];
        struct sbmt_cell *cell = &suite->cell[i];
        snprintf(name, sizeof name, "%.220s-%.*s", cell->name, SHORT_DIGEST, cell->fingerprint);
        if (shared[i])
            cell->name = sbmt_arena_strdup(arena, name);
    }
}

bool sbmt_suite_name_folders(struct sbmt_suite *suite, const char *folder, struct sbmt_arena *arena,
                             struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    tell_apart(suite, arena);
    snprintf(path, sizeof path, "runs/%s", suite->name);
    suite->folder = sbmt_arena_strdup(arena, folder != NULL ? folder : path);
    if (!sbmt_arena_check(arena, "suite", err))
        return false;
    if (strlen(suite->folder) > SBMT_RUN_PATH - 2 * NAME_SIZE)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%.100s…: the name of this folder is too long",
                         suite->folder);
    for (int i = 0; i < suite->count; i++) {
        struct sbmt_cell *cell = &suite->cell[i];
        snprintf(path, sizeof path, "%s/cells/%s", suite->folder, cell->name);
        cell->folder = sbmt_arena_strdup(arena, path);
        snprintf(path, sizeof path, "%s/locks/%s", suite->folder, cell->name);
        cell->lock = sbmt_arena_strdup(arena, path);
    }
    return sbmt_arena_check(arena, "suite", err);
}
