/* Versions and data of the cells of a folder. */
#include "bench/suite_mixed.h"

#include <stdio.h>
#include <string.h>

#include "bench/info.h"
#include "data/dataset.h"

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

/* Cells that read the same examples. */
static bool is_same_task(const struct sbmt_cell *a, const struct sbmt_cell *b)
{
    return strcmp(a->config.task, b->config.task) == 0 &&
           a->config.protocol == b->config.protocol &&
           memcmp(&a->config.emulate, &b->config.emulate, sizeof a->config.emulate) == 0;
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
