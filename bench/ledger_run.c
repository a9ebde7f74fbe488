/* One run folder, read. */
#include "bench/ledger_run.h"

#include <math.h>
#include <string.h>

#include "bench/config_load.h"
#include "bench/experiment.h"
#include "bench/run.h"
#include "core/io/file.h"

bool sbmt_ledger_object_read(const char *folder, const char *name, struct sbmt_json *json,
                             struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, name, path);
    return !sbmt_file_exists(path) || sbmt_run_read_json(folder, name, json, err);
}

static struct sbmt_ledger_point point_of(const struct sbmt_json *json, const char *prefix)
{
    static const struct {
        const char *key;
        size_t offset;
    } values[] = {
        {"loss", offsetof(struct sbmt_ledger_point, loss)},
        {"accuracy", offsetof(struct sbmt_ledger_point, accuracy)},
        {"density", offsetof(struct sbmt_ledger_point, density)},
        {"tokens", offsetof(struct sbmt_ledger_point, tokens)},
        {"gradient_norm", offsetof(struct sbmt_ledger_point, norm)},
    };
    struct sbmt_ledger_point point = {
        .step = sbmt_json_get_number(json, "step", (double)NAN),
        .steps = sbmt_json_get_number(json, "steps", 1),
        .elapsed = sbmt_json_get_number(json, "elapsed", (double)NAN),
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s%s", prefix, values[i].key);
        const double value = sbmt_json_get_number(json, key, (double)NAN);
        memcpy((char *)&point + values[i].offset, &value, sizeof value);
    }
    return point;
}

static bool read_heads(struct sbmt_ledger_point *point, const struct sbmt_json *json,
                       const struct sbmt_model_config *model, struct sbmt_arena *arena)
{
    if (!sbmt_json_has(json, "dev.densities"))
        return true;
    double *heads = sbmt_arena_zalloc(arena, (size_t)(model->layers * model->heads), sizeof *heads);
    for (int i = 0; heads != NULL && i < model->layers * model->heads; i++) {
        char key[64];
        snprintf(key, sizeof key, "dev.densities.layer %d head %d", i / model->heads,
                 i % model->heads);
        heads[i] = sbmt_json_get_number(json, key, (double)NAN);
    }
    point->heads = heads;
    return heads != NULL;
}

static int count_lines(const struct sbmt_mapping *file)
{
    int count = 0;
    for (size_t i = 0; i < file->size; i++)
        count += file->bytes[i] == '\n';
    return count;
}

bool sbmt_ledger_line(const struct sbmt_mapping *file, size_t *at, struct sbmt_json *json)
{
    const char *text = (const char *)file->bytes + *at;
    const char *newline = *at < file->size ? memchr(text, '\n', file->size - *at) : NULL;
    *json = (struct sbmt_json){0};
    if (newline == NULL)
        return false;
    *at += (size_t)(newline - text) + 1;
    if (!sbmt_json_parse(json, text, (size_t)(newline - text)))
        *json = (struct sbmt_json){0};
    return true;
}

/* Sorts the whole lines of metrics.jsonl into steps and evaluations. */
static bool read_lines(const struct sbmt_mapping *file, const char *path,
                       struct sbmt_ledger_run *run, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    struct sbmt_json json;
    size_t at = 0;
    for (int line = 1; sbmt_ledger_line(file, &at, &json); line++) {
        if (json.item[0] == NULL)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%d: damaged: not a JSON object", path, line);
        const bool is_dev = sbmt_json_has(&json, "dev");
        struct sbmt_ledger_curve *curve = is_dev ? &run->dev : &run->train;
        struct sbmt_ledger_point *point = &curve->point[curve->count++];
        *point = point_of(&json, is_dev ? "dev." : "");
        const bool read = read_heads(point, &json, &run->config.model, arena);
        sbmt_json_finish(&json);
        if (!read)
            return sbmt_arena_check(arena, path, err);
    }
    return true;
}

static bool read_curves(struct sbmt_ledger_run *run, struct sbmt_arena *arena,
                        struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_mapping file;
    sbmt_run_path(run->folder, "metrics.jsonl", path);
    if (!sbmt_file_exists(path))
        return true;
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    const size_t lines = (size_t)count_lines(&file);
    run->train.point = sbmt_arena_zalloc(arena, lines, sizeof *run->train.point);
    run->dev.point = sbmt_arena_zalloc(arena, lines, sizeof *run->dev.point);
    const bool read = sbmt_arena_check(arena, path, err) &&
                      read_lines(&file, path, run, arena, err);
    sbmt_mapping_close(&file);
    return read;
}

static bool check_parts(struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    run->finished = run->result.item[0] != NULL;
    if (run->finished && run->info.item[0] == NULL)
        return sbmt_fail(
            err, SBMT_ERROR_DATA,
            "%s: info.json is missing: half a run; 'sbmt train --resume --run %s' or its "
            "suite writes it anew, or delete the folder",
            run->folder, run->folder);
    /* A test set without labels leaves nothing but the count. */
    run->split = sbmt_json_has(&run->result, "test.loss") ||
                         sbmt_json_has(&run->result, "test.accuracy")
                     ? "test"
                     : "dev";
    if (run->finished && !sbmt_json_has(&run->result, "test") &&
        !sbmt_json_has(&run->result, "dev"))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s/result.json: holds neither 'test' nor 'dev': not the result of a run",
                         run->folder);
    return !run->finished || sbmt_ledger_check_numbers(run, err);
}

bool sbmt_ledger_run_read(struct sbmt_ledger_run *run, const char *folder, struct sbmt_arena *arena,
                          struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(folder, "config.yaml", path);
    char predictions[SBMT_RUN_PATH];
    sbmt_run_path(folder, "predictions.tsv", predictions);
    const char *kept = sbmt_arena_strdup(arena, path); /* what the tree names in messages */
    *run = (struct sbmt_ledger_run){.folder = sbmt_arena_strdup(arena, folder)};
    if (!sbmt_arena_check(arena, folder, err) ||
        !sbmt_experiment_stored(folder, &run->config, arena, err) ||
        !sbmt_digest_file(path, run->fingerprint, err))
        return false;
    run->options = sbmt_config_read(sbmt_experiment_fields, kept, arena, err);
    return run->options != NULL && sbmt_ledger_object_read(folder, "info.json", &run->info, err) &&
           sbmt_ledger_object_read(folder, "result.json", &run->result, err) &&
           check_parts(run, err) && read_curves(run, arena, err) &&
           (!sbmt_file_exists(predictions) ||
            sbmt_ledger_answers_read(&run->answers, predictions, arena, err));
}

void sbmt_ledger_run_finish(struct sbmt_ledger_run *run)
{
    sbmt_json_finish(&run->info);
    sbmt_json_finish(&run->result);
}
