/* Data and versions of the cells of a folder. */
#include "bench/suite_mixed.h"

#include <stdio.h>
#include <string.h>

#include "bench/info.h"
#include "data/dataset.h"
#include "data/preparation.h"

/* Cells that read the same examples. */
static bool is_same_task(const struct sbmt_cell *a, const struct sbmt_cell *b)
{
    return strcmp(a->config.task, b->config.task) == 0 &&
           a->config.protocol == b->config.protocol &&
           memcmp(&a->config.emulate, &b->config.emulate, sizeof a->config.emulate) == 0;
}

static bool names_files(const struct sbmt_experiment_config *config)
{
    const struct sbmt_text_names *files = &config->files;
    return files->train != NULL || files->dev != NULL || files->test != NULL;
}

bool sbmt_cell_has_data(const struct sbmt_cell *cell, const char *root, struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = &cell->config;
    const struct sbmt_task *task = sbmt_task_find(config->task, err);
    const struct sbmt_form *form = task != NULL ? sbmt_task_form(task, config->protocol, err)
                                                : NULL;
    if (form == NULL || task->generator != NULL || names_files(config))
        return form != NULL;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const bool needed = split != SBMT_SPLIT_DEV || !config->emulate.dev_is_test ||
                            task->dev_of_train;
        if (needed && !sbmt_preparation_available(task, form, root, (enum sbmt_split)split, err))
            return false;
    }
    return true;
}

static bool is_open(const struct sbmt_suite *suite, int cell, int only)
{
    return (only < 0 || cell == only) && sbmt_cell_state(&suite->cell[cell]) != SBMT_CELL_FINISHED;
}

static bool is_first_of_task(const struct sbmt_suite *suite, int cell)
{
    for (int before = 0; before < cell; before++)
        if (is_same_task(&suite->cell[before], &suite->cell[cell]))
            return false;
    return true;
}

void sbmt_suite_warn_missing(const struct sbmt_suite *suite, int only, const char *root,
                             const struct sbmt_log *log)
{
    for (int i = 0; i < suite->count; i++) {
        struct sbmt_error err = {0};
        int cells = 0;
        if (!is_first_of_task(suite, i))
            continue;
        for (int j = i; j < suite->count; j++)
            cells += is_same_task(&suite->cell[i], &suite->cell[j]) && is_open(suite, j, only);
        if (cells > 0 && !sbmt_cell_has_data(&suite->cell[i], root, &err))
            sbmt_log_write(log, SBMT_LOG_WARNING, "%s: %d %s cannot run: %s",
                           suite->cell[i].config.task, cells, cells == 1 ? "cell" : "cells",
                           err.message);
    }
}

void sbmt_suite_warn_version(const struct sbmt_suite *suite, const struct sbmt_log *log)
{
    for (int i = 0; i < suite->count; i++) {
        struct sbmt_json json;
        if (!sbmt_cell_result(&suite->cell[i], &json))
            continue;
        const char *version = sbmt_json_get_text(&json, "machine.version");
        const bool other = version != NULL && strcmp(version, sbmt_build()) != 0;
        if (other)
            sbmt_log_write(log, SBMT_LOG_WARNING,
                           "%s: was run by version %s, and this is %s: results of different "
                           "versions may not compare; another --dir runs every cell anew",
                           suite->cell[i].folder, version, sbmt_build());
        sbmt_json_finish(&json);
        if (other)
            return;
    }
}

/* Where a split comes from: a digest or a generator. NULL: not known. */
static const char *origin(const struct sbmt_json *json, enum sbmt_split split)
{
    char key[64];
    snprintf(key, sizeof key, "data.%s.sha256", sbmt_split_name(split));
    const char *digest = sbmt_json_get_text(json, key);
    snprintf(key, sizeof key, "data.%s.generator", sbmt_split_name(split));
    return digest != NULL ? digest : sbmt_json_get_text(json, key);
}

static bool is_same_origin(const struct sbmt_json *a, const struct sbmt_json *b,
                           enum sbmt_split split)
{
    const char *of_a = origin(a, split), *of_b = origin(b, split);
    return of_a == NULL || of_b == NULL || strcmp(of_a, of_b) == 0;
}

static bool warn_pair(const struct sbmt_cell *first, const struct sbmt_cell *cell,
                      const struct sbmt_json *a, const struct sbmt_json *b,
                      const struct sbmt_log *log)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if (!is_same_origin(a, b, (enum sbmt_split)split)) {
            sbmt_log_write(log, SBMT_LOG_WARNING,
                           "%s: %s of %s is other data than that of %s: their results do not "
                           "compare",
                           cell->folder, sbmt_split_name((enum sbmt_split)split), cell->config.task,
                           first->folder);
            return true;
        }
    return false;
}

bool sbmt_suite_warn_data(const struct sbmt_suite *suite, int cell, const struct sbmt_log *log)
{
    const struct sbmt_cell *second = &suite->cell[cell];
    struct sbmt_json a, b;
    if (!sbmt_cell_result(second, &b))
        return false;
    bool differ = false;
    for (int i = 0; i < suite->count; i++) {
        const struct sbmt_cell *first = &suite->cell[i];
        if (i == cell || !is_same_task(first, second) || !sbmt_cell_result(first, &a))
            continue;
        differ = warn_pair(first, second, &a, &b, log);
        sbmt_json_finish(&a);
        break;
    }
    sbmt_json_finish(&b);
    return differ;
}
