/* A suite as text. */
#include "cli/suite_list.h"

#include <string.h>

#include "bench/config_write.h"
#include "bench/suite_mixed.h"
#include "bench/suite_probe.h"
#include "cli/terminal.h"

/* What cells that differ by their seeds alone have in common. */
struct probe {
    char fingerprint[SBMT_SHA256_HEX];
    struct sbmt_prediction prediction;
};

static void add_option(const char *name, const char *value, struct sbmt_str *out)
{
    if (value == NULL)
        return;
    sbmt_str_printf(out, " %s ", name);
    sbmt_terminal_word(value, out);
}

void sbmt_suite_command(const struct sbmt_suite_job *job, struct sbmt_str *out)
{
    sbmt_str_printf(out, "sbmt bench run ");
    sbmt_terminal_word(job->suite, out);
    add_option("--dir", job->dir, out);
    add_option("--data", job->data, out);
    add_option("--cpu", job->cpu, out);
    if (job->threads > 0)
        sbmt_str_printf(out, " --threads %d", job->threads);
}

/* Looks a cell's prediction up, or makes it. NULL with *err. */
static const struct sbmt_prediction *predict(const struct sbmt_cell *cell, struct probe *probes,
                                             int *count,
                                             const struct sbmt_experiment_options *options,
                                             struct sbmt_error *err)
{
    struct sbmt_experiment_config config = cell->config;
    struct probe *probe = &probes[*count];
    config.seed = 0;
    if (!sbmt_config_fingerprint(sbmt_experiment_fields, &config, probe->fingerprint, err))
        return NULL;
    for (int i = 0; i < *count; i++)
        if (strcmp(probes[i].fingerprint, probe->fingerprint) == 0)
            return &probes[i].prediction;
    if (!sbmt_suite_probe(&cell->config, options, &probe->prediction, err)) {
        sbmt_error_at(err, "%s", cell->name);
        return NULL;
    }
    (*count)++;
    return &probe->prediction;
}

static int name_width(const struct sbmt_suite *suite)
{
    size_t width = strlen("cell");
    for (int i = 0; i < suite->count; i++)
        if (strlen(suite->cell[i].name) > width)
            width = strlen(suite->cell[i].name);
    return (int)width;
}

static void add_time(double seconds, int width, struct sbmt_str *out)
{
    struct sbmt_str time = {0};
    sbmt_terminal_time(seconds, &time);
    sbmt_str_printf(out, "  %*s", width, time.failed ? "-" : time.text);
    sbmt_str_finish(&time);
}

/* A line of the list. */
struct row {
    const char *state;
    bool open;
    const struct sbmt_prediction *prediction; /* NULL: none was made */
};

static bool fill_row(const struct sbmt_cell *cell, struct probe *probes, int *count,
                     const struct sbmt_experiment_options *options, struct row *row,
                     struct sbmt_error *err)
{
    const enum sbmt_cell_state state = sbmt_cell_state(cell);
    struct sbmt_error missing = {0};
    *row = (struct row){sbmt_cell_state_name(state), state != SBMT_CELL_FINISHED, NULL};
    if (!row->open)
        return true;
    if (!sbmt_cell_has_data(cell, options->data, &missing)) {
        row->state = "no data";
        return true;
    }
    row->prediction = predict(cell, probes, count, options, err);
    return row->prediction != NULL;
}

static void print_rows(const struct sbmt_suite *suite, const struct row *rows, int jobs,
                       struct sbmt_str *out)
{
    const int width = name_width(suite);
    int open = 0, lacking = 0;
    double seconds = 0;
    sbmt_str_printf(out, "%5s  %-*s  %-8s  %7s  %10s  %10s\n", "n", width, "cell", "state", "steps",
                    "time", "memory MB");
    for (int i = 0; i < suite->count; i++) {
        const struct sbmt_prediction *prediction = rows[i].prediction;
        open += rows[i].open;
        sbmt_str_printf(out, "%5d  %-*s  %-8s", i + 1, width, suite->cell[i].name, rows[i].state);
        if (prediction == NULL) {
            sbmt_str_printf(out, "  %7s  %10s  %10s\n", "-", "-", "-");
            lacking += rows[i].open;
            continue;
        }
        sbmt_str_printf(out, "  %7d", prediction->steps);
        add_time(prediction->seconds, 10, out);
        sbmt_str_printf(out, "  %10.1f\n", 1e-6 * prediction->bytes);
        seconds += prediction->seconds;
    }
    sbmt_str_printf(out, "%d of %d cell%s to run", open, suite->count,
                    sbmt_terminal_plural(suite->count));
    if (lacking > 0)
        sbmt_str_printf(out, ", %d of them without data; the others", lacking);
    add_time(seconds / jobs, 0, out);
    sbmt_str_printf(out, " on this machine: a prediction from two steps of each kind\n");
}

static void put_row(const struct sbmt_cell *cell, const struct row *row, struct sbmt_json *json)
{
    struct sbmt_str message = {0};
    sbmt_json_begin(json, NULL);
    sbmt_json_text(json, "name", cell->name);
    sbmt_json_text(json, "run", cell->folder);
    sbmt_json_text(json, "config", cell->fingerprint);
    sbmt_json_text(json, "state", row->state);
    if (sbmt_cell_failure(cell, &message))
        sbmt_json_text(json, "message", message.failed ? NULL : message.text);
    sbmt_str_finish(&message);
    if (row->prediction != NULL) {
        sbmt_json_number(json, "steps", row->prediction->steps);
        sbmt_json_number(json, "seconds", row->prediction->seconds);
        sbmt_json_number(json, "bytes", row->prediction->bytes);
    }
    sbmt_json_end(json);
}

static void print_json(const struct sbmt_suite *suite, const struct row *rows, struct sbmt_str *out)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_text(&json, "suite", suite->name);
    sbmt_json_text(&json, "folder", suite->folder);
    sbmt_json_begin_list(&json, "cells");
    for (int i = 0; i < suite->count; i++)
        put_row(&suite->cell[i], &rows[i], &json);
    sbmt_json_end(&json);
    sbmt_json_line(&json, out);
}

bool sbmt_suite_list(const struct sbmt_suite *suite, const struct sbmt_experiment_options *options,
                     int jobs, bool as_json, struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    int count = 0;
    struct probe *probes = sbmt_arena_zalloc(arena, (size_t)suite->count, sizeof *probes);
    struct row *rows = sbmt_arena_zalloc(arena, (size_t)suite->count, sizeof *rows);
    if (!sbmt_arena_check(arena, "suite", err))
        return false;
    for (int i = 0; i < suite->count; i++)
        if (!fill_row(&suite->cell[i], probes, &count, options, &rows[i], err))
            return false;
    if (as_json)
        print_json(suite, rows, &text);
    else
        print_rows(suite, rows, jobs, &text);
    return sbmt_terminal_print(&text, err);
}

bool sbmt_suite_states(const struct sbmt_suite *suite, struct sbmt_arena *arena,
                       struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    struct row *rows = sbmt_arena_zalloc(arena, (size_t)suite->count, sizeof *rows);
    if (!sbmt_arena_check(arena, "suite", err))
        return false;
    for (int i = 0; i < suite->count; i++)
        rows[i].state = sbmt_cell_state_name(sbmt_cell_state(&suite->cell[i]));
    print_json(suite, rows, &text);
    return sbmt_terminal_print(&text, err);
}

static bool is_wanted(const struct sbmt_cell *cell, bool retry)
{
    const enum sbmt_cell_state state = sbmt_cell_state(cell);
    return state != SBMT_CELL_FINISHED && (retry || state != SBMT_CELL_FAILED);
}

/* "1,3-5": the cells that are to be run. */
static int add_array(const struct sbmt_suite *suite, bool retry, struct sbmt_str *out)
{
    int count = 0;
    for (int i = 0; i < suite->count; i++) {
        int last = i;
        while (last < suite->count && is_wanted(&suite->cell[last], retry))
            last++;
        if (last == i)
            continue;
        sbmt_str_printf(out, "%s%d", count > 0 ? "," : "", i + 1);
        if (last > i + 1)
            sbmt_str_printf(out, "-%d", last);
        count += last - i;
        i = last;
    }
    return count;
}

/* There is nothing to be run: that is no mistake, unless cells have failed. */
static bool tell_done(const struct sbmt_suite *suite, struct sbmt_str *array,
                      struct sbmt_error *err)
{
    const struct sbmt_log log = sbmt_terminal_log();
    const int failed = add_array(suite, true, array);
    sbmt_str_finish(array);
    if (failed > 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: %d of %d cell%s failed, and the others are finished; --retry runs "
                         "the failed ones again",
                         suite->folder, failed, suite->count, sbmt_terminal_plural(suite->count));
    sbmt_log_write(&log, SBMT_LOG_NOTE, "%s: every cell is finished: no job is needed",
                   suite->folder);
    return true;
}

bool sbmt_suite_slurm(const struct sbmt_suite *suite, const struct sbmt_suite_job *job,
                      struct sbmt_error *err)
{
    struct sbmt_str array = {0}, text = {0};
    const int count = add_array(suite, job->retry, &array);
    if (count == 0)
        return tell_done(suite, &array, err);
    sbmt_str_printf(&text,
                    "#!/bin/bash\n"
                    "# %d cell%s of %s that %s not finished; submit it from this folder.\n"
                    "#SBATCH --job-name=%s\n"
                    "#SBATCH --array=%s\n"
                    "#SBATCH --cpus-per-task=%d\n"
                    "#SBATCH --output=%%x-%%A_%%a.log\n"
                    "# Before the time is up the state is saved, and the same script goes on.\n"
                    "#SBATCH --signal=B:TERM@120\n"
                    "exec ",
                    count, sbmt_terminal_plural(count), suite->name, count == 1 ? "is" : "are",
                    suite->name, array.failed ? "" : array.text,
                    job->threads > 0 ? job->threads : 4);
    struct sbmt_suite_job each = *job;
    each.threads = 0;
    sbmt_suite_command(&each, &text);
    sbmt_str_printf(&text,
                    " --threads \"$SLURM_CPUS_PER_TASK\" --cell \"$SLURM_ARRAY_TASK_ID\"%s\n",
                    job->retry ? " --retry" : "");
    text.failed = text.failed || array.failed;
    sbmt_str_finish(&array);
    return sbmt_terminal_print(&text, err);
}
