/* A suite as text. */
#include "cli/suite_list.h"

#include <string.h>

#include "bench/config_write.h"
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

bool sbmt_suite_list(const struct sbmt_suite *suite, const struct sbmt_experiment_options *options,
                     int jobs, struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    double total = 0;
    int open = 0, count = 0;
    struct probe *probes = sbmt_arena_zalloc(arena, (size_t)suite->count, sizeof *probes);
    if (!sbmt_arena_check(arena, "suite", err))
        return false;
    const int width = name_width(suite);
    sbmt_str_printf(&text, "%5s  %-*s  %-8s  %7s  %10s  %10s\n", "n", width, "cell", "state",
                    "steps", "time", "memory MB");
    for (int i = 0; i < suite->count; i++) {
        const struct sbmt_cell *cell = &suite->cell[i];
        const enum sbmt_cell_state state = sbmt_cell_state(cell);
        sbmt_str_printf(&text, "%5d  %-*s  %-8s", i + 1, width, cell->name,
                        sbmt_cell_state_name(state));
        if (state == SBMT_CELL_FINISHED) {
            sbmt_str_printf(&text, "  %7s  %10s  %10s\n", "-", "-", "-");
            continue;
        }
        const struct sbmt_prediction *prediction = predict(cell, probes, &count, options, err);
        if (prediction == NULL) {
            sbmt_str_finish(&text);
            return false;
        }
        sbmt_str_printf(&text, "  %7d", prediction->steps);
        add_time(prediction->seconds, 10, &text);
        sbmt_str_printf(&text, "  %10.1f\n", 1e-6 * prediction->bytes);
        total += prediction->seconds;
        open++;
    }
    sbmt_str_printf(&text, "%d of %d cells to run", open, suite->count);
    add_time(total / jobs, 0, &text);
    sbmt_str_printf(&text, " on this machine: a prediction from two steps of each kind\n");
    return sbmt_terminal_print(&text, err);
}

/* "1,3-5": the cells that are not finished. */
static int add_array(const struct sbmt_suite *suite, struct sbmt_str *out)
{
    int count = 0;
    for (int i = 0; i < suite->count; i++) {
        int last = i;
        while (last < suite->count && sbmt_cell_state(&suite->cell[last]) != SBMT_CELL_FINISHED)
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

bool sbmt_suite_slurm(const struct sbmt_suite *suite, const struct sbmt_suite_job *job,
                      struct sbmt_error *err)
{
    struct sbmt_str array = {0}, text = {0};
    const int count = add_array(suite, &array);
    if (count == 0) {
        sbmt_str_finish(&array);
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: all %d cells are finished: no job is needed",
                         suite->folder, suite->count);
    }
    sbmt_str_printf(&text,
                    "#!/bin/bash\n"
                    "# The %d cells of %s that are not finished; submit it from this folder.\n"
                    "#SBATCH --job-name=%s\n"
                    "#SBATCH --array=%s\n"
                    "#SBATCH --cpus-per-task=%d\n"
                    "#SBATCH --output=%%x-%%A_%%a.log\n"
                    "# Before the time is up the state is saved, and the same script goes on.\n"
                    "#SBATCH --signal=B:TERM@120\n"
                    "exec ",
                    count, suite->name, suite->name, array.failed ? "" : array.text,
                    job->threads > 0 ? job->threads : 4);
    struct sbmt_suite_job each = *job;
    each.threads = 0;
    sbmt_suite_command(&each, &text);
    sbmt_str_printf(&text, " --threads \"$SLURM_CPUS_PER_TASK\" --cell \"$SLURM_ARRAY_TASK_ID\"\n");
    text.failed = text.failed || array.failed;
    sbmt_str_finish(&array);
    return sbmt_terminal_print(&text, err);
}
