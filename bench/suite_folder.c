/* The folder of a suite. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/config_value.h"
#include "bench/config_write.h"
#include "bench/experiment.h"
#include "bench/info.h"
#include "bench/run_info.h"
#include "bench/suite.h"
#include "core/io/file.h"

static const char failed_name[] = "failed.json", result_name[] = "result.json";

static void write_text(const char *value, struct sbmt_str *out)
{
    /* A row of a table of options: the text is quoted where YAML needs it. */
    static const struct sbmt_field row = {.key = "text", .type = SBMT_FIELD_STRING};
    sbmt_value_write(&row, &value, out);
}

static void write_values(const struct sbmt_suite_axis *axis, bool list, struct sbmt_str *out)
{
    for (int i = 0; i < axis->count; i++) {
        sbmt_str_printf(out, i > 0 ? ", " : list ? "[" : "");
        sbmt_str_printf(out, "%s", strchr(axis->value[i].text, '=') + 1);
    }
    sbmt_str_printf(out, list ? "]\n" : "\n");
}

static void write_axes(const char *name, const struct sbmt_suite_axis *axes, int count, bool list,
                       struct sbmt_str *out)
{
    if (count > 0)
        sbmt_str_printf(out, "%s:\n", name);
    for (int i = 0; i < count; i++) {
        sbmt_str_printf(out, "  %s: ", axes[i].key);
        write_values(&axes[i], list, out);
    }
}

static void write_filters(const char *name, const struct sbmt_suite_filters *filters,
                          struct sbmt_str *out)
{
    if (filters->count > 0)
        sbmt_str_printf(out, "%s:\n", name);
    for (int f = 0; f < filters->count; f++)
        for (int i = 0; i < filters->filter[f].count; i++) {
            sbmt_str_printf(out, "  %s %s: ", i == 0 ? "-" : " ", filters->filter[f].key[i].key);
            write_values(&filters->filter[f].key[i], true, out);
        }
}

const char *sbmt_suite_text(const struct sbmt_suite_plan *plan, struct sbmt_arena *arena)
{
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "# From %s; paths as the program found them.\nname: %s\nconfigs:\n",
                    plan->path, plan->name);
    for (int i = 0; i < plan->file.count; i++) {
        sbmt_str_printf(&text, "  - ");
        write_text(plan->file.value[i].value, &text);
        sbmt_str_printf(&text, "\n");
    }
    if (plan->seed.count > 0) {
        sbmt_str_printf(&text, "seeds: ");
        write_values(&plan->seed, true, &text);
    }
    write_axes("set", plan->set, plan->set_count, false, &text);
    write_axes("sweep", plan->sweep, plan->sweep_count, true, &text);
    write_filters("include", &plan->include, &text);
    write_filters("exclude", &plan->exclude, &text);
    const char *copy = text.failed ? NULL : sbmt_arena_strdup(arena, text.text);
    arena->failed = arena->failed || text.failed;
    sbmt_str_finish(&text);
    return copy;
}

static bool is_number(const char *text)
{
    static const struct sbmt_field row = {
        .key = "number", .type = SBMT_FIELD_NUMBER, .min = -1e300, .max = 1e300};
    double value;
    return sbmt_value_parse(&row, &value, text, false, NULL, NULL);
}

static double number_of(const char *text)
{
    double value = 0;
    return sscanf(text, "%lf", &value) == 1 ? value : 0;
}

static void write_cell(const struct sbmt_suite *suite, const struct sbmt_cell *cell,
                       struct sbmt_json *json)
{
    const struct sbmt_experiment_config *config = &cell->config;
    sbmt_json_begin(json, NULL);
    sbmt_json_text(json, "name", cell->name);
    sbmt_json_text(json, "config", cell->fingerprint);
    sbmt_json_text(json, "task", config->task);
    sbmt_json_text(json, "protocol", sbmt_protocol_name(config->protocol));
    sbmt_json_text(json, "attention", sbmt_attention_name(config));
    sbmt_json_number(json, "seed", config->seed);
    sbmt_json_text(json, "file", cell->file);
    sbmt_json_begin(json, "sweep");
    for (int i = 0; i < cell->sweep_count; i++) {
        const struct sbmt_suite_setting *setting = &cell->sweep[i];
        if (is_number(setting->value))
            sbmt_json_number(json, setting->key, number_of(setting->value));
        else
            sbmt_json_text(json, setting->key, setting->value);
    }
    sbmt_json_end(json);
    sbmt_json_text(json, "run", cell->folder + strlen(suite->folder) + 1);
    sbmt_json_end(json);
}

static bool write_cells(const struct sbmt_suite *suite, struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_text(&json, "suite", suite->name);
    sbmt_json_begin_list(&json, "cells");
    for (int i = 0; i < suite->count; i++)
        write_cell(suite, &suite->cell[i], &json);
    sbmt_json_end(&json);
    const bool written = sbmt_run_write_json_to(suite->folder, "cells.json", &json, err);
    sbmt_json_finish(&json);
    return written;
}

/* A run that is there already must be the cell's. Its file may lack options that came after it: the
 * fingerprint is that of the file, as in all else that the run leaves. A file that is damaged is no
 * reason to refuse the other cells: running this one will tell. */
static bool check_cell(struct sbmt_cell *cell, struct sbmt_error *err)
{
    if (!sbmt_run_exists(cell->folder))
        return true;
    struct sbmt_arena arena = {0};
    struct sbmt_experiment_config stored;
    struct sbmt_str what = {0};
    const bool whole = sbmt_experiment_stored(cell->folder, &stored, &arena, NULL);
    bool same = true;
    if (whole && sbmt_config_difference(sbmt_experiment_fields, &stored, &cell->config, &what) &&
        !sbmt_run_info_begun_with(cell->folder, &cell->config))
        same = sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "%s: holds a run of another configuration (%s); give another folder with "
                         "--dir, or remove this run",
                         cell->folder, what.failed ? "it differs" : what.text);
    sbmt_str_finish(&what);
    sbmt_arena_finish(&arena);
    char path[SBMT_RUN_PATH];
    sbmt_run_path(cell->folder, "config.yaml", path);
    return same && sbmt_digest_file(path, cell->fingerprint, err);
}

bool sbmt_suite_check(struct sbmt_suite *suite, struct sbmt_error *err)
{
    for (int i = 0; i < suite->count; i++)
        if (!check_cell(&suite->cell[i], err))
            return false;
    return true;
}

bool sbmt_suite_begin(const struct sbmt_suite *suite, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(suite->folder, "cells", path);
    if (!sbmt_folder_make(path, err))
        return false;
    sbmt_run_path(suite->folder, "locks", path);
    if (!sbmt_folder_make(path, err))
        return false;
    sbmt_run_path(suite->folder, "suite.yaml", path);
    return sbmt_file_write(path, suite->text, strlen(suite->text), err) && write_cells(suite, err);
}

bool sbmt_cell_result(const struct sbmt_cell *cell, struct sbmt_json *json)
{
    if (!sbmt_run_has(cell->folder, "info.json") ||
        !sbmt_run_read_json(cell->folder, result_name, json, NULL))
        return false;
    const char *config = sbmt_json_get_text(json, "config");
    if (config != NULL && strcmp(config, cell->fingerprint) == 0)
        return true;
    sbmt_json_finish(json);
    return false;
}

bool sbmt_cell_failure(const struct sbmt_cell *cell, struct sbmt_str *message)
{
    struct sbmt_json json;
    if (!sbmt_run_read_json(cell->folder, failed_name, &json, NULL))
        return false;
    const char *config = sbmt_json_get_text(&json, "config");
    const char *text = sbmt_json_get_text(&json, "message");
    const bool failed = config != NULL && strcmp(config, cell->fingerprint) == 0;
    if (failed && message != NULL)
        sbmt_str_printf(message, "%s", text != NULL ? text : "");
    sbmt_json_finish(&json);
    return failed;
}

const char *sbmt_cell_state_name(enum sbmt_cell_state state)
{
    static const char *const names[] = {"new", "begun", "finished", "failed"};
    return names[state];
}

enum sbmt_cell_state sbmt_cell_state(const struct sbmt_cell *cell)
{
    struct sbmt_json json;
    if (sbmt_cell_result(cell, &json)) {
        sbmt_json_finish(&json);
        return SBMT_CELL_FINISHED;
    }
    if (sbmt_cell_failure(cell, NULL))
        return SBMT_CELL_FAILED;
    return sbmt_run_exists(cell->folder) ? SBMT_CELL_BEGUN : SBMT_CELL_NEW;
}

bool sbmt_cell_fail(const struct sbmt_cell *cell, const char *message, struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_text(&json, "config", cell->fingerprint);
    sbmt_json_text(&json, "version", sbmt_build());
    sbmt_json_text(&json, "message", message);
    const bool written = sbmt_folder_make(cell->folder, err) &&
                         sbmt_run_write_json_to(cell->folder, failed_name, &json, err);
    sbmt_json_finish(&json);
    return written;
}

bool sbmt_cell_forgive(const struct sbmt_cell *cell, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    sbmt_run_path(cell->folder, failed_name, path);
    return unlink(path) == 0 || errno == ENOENT || sbmt_fail_errno(err, "%s: cannot remove", path);
}
