/* sbmt bench run: every cell of a suite. */
#include <stdio.h>

#include "bench/suite_mixed.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/suite_list.h"
#include "cli/suite_progress.h"
#include "cli/terminal.h"
#include "cli/workers.h"
#include "core/base/thread.h"

struct options {
    const char *dir, *data;
    int jobs, threads, cpu, cell;
    bool retry, dry_run, slurm, json;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, dir, NULL, "folder of the suite (default runs/<name of the suite>)",
                .argument = "DIR"),
    SBMT_DATA_ROW(struct options),
    SBMT_INT(struct options, jobs, 1, 1, 256, "cells run at a time, which share the threads"),
    SBMT_THREADS_ROW(struct options),
    SBMT_CPU_ROW(struct options),
    SBMT_INT(struct options, cell, 0, 0, SBMT_SUITE_MOST,
             "run this one cell, as --dry-run numbers them; 0: all"),
    SBMT_BOOL(struct options, retry, false, "run the cells again that have failed"),
    SBMT_BOOL(struct options, dry_run, false,
              "list the cells with time and memory predicted from a few steps of each kind, and "
              "stop"),
    SBMT_BOOL(struct options, slurm, false,
              "print the script of a Slurm job array with a job for each cell, and stop"),
    SBMT_BOOL(struct options, json, false,
              "print the cells, each with its run and what has become of it, as one JSON object"),
    SBMT_FIELDS_END,
};

static void on_event(void *context, const struct sbmt_suite_event *event)
{
    sbmt_suite_progress_event(context, event);
}

static void on_tick(void *context)
{
    sbmt_suite_progress_tick(context);
}

static bool forgive(const struct sbmt_suite *suite, int only, struct sbmt_error *err)
{
    for (int i = 0; i < suite->count; i++)
        if ((only < 0 || i == only) && sbmt_cell_failure(&suite->cell[i], NULL) &&
            !sbmt_cell_forgive(&suite->cell[i], err))
            return false;
    return true;
}

/* How many of the cells asked for have failed; *first is the first of them. */
static int count_failed(const struct sbmt_suite_progress *progress, int only, int *first)
{
    int count = 0;
    *first = -1;
    for (int i = 0; i < progress->suite->count; i++) {
        if ((only >= 0 && i != only) || !progress->cell[i].failed)
            continue;
        *first = *first < 0 ? i : *first;
        count++;
    }
    return count;
}

static bool fail_failed(const struct sbmt_suite *suite, int count, int first,
                        struct sbmt_error *err)
{
    struct sbmt_str message = {0};
    sbmt_cell_failure(&suite->cell[first], &message);
    sbmt_fail(err, SBMT_ERROR_DATA, "%s: failed: %.800s%s; --retry runs %s again",
              suite->cell[first].folder, message.failed ? "" : message.text,
              count > 1 ? ", and others failed too" : "", count > 1 ? "them" : "it");
    sbmt_str_finish(&message);
    return false;
}

/* Asked to stop: the command that goes on. */
static bool fail_stopped(const struct sbmt_suite *suite, const struct sbmt_suite_job *job,
                         const struct options *options, int finished, struct sbmt_error *err)
{
    struct sbmt_str command = {0};
    sbmt_suite_command(job, &command);
    if (options->jobs > 1)
        sbmt_str_printf(&command, " --jobs %d", options->jobs);
    if (options->cell > 0)
        sbmt_str_printf(&command, " --cell %d", options->cell);
    sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
              "stopped with %d of %d cell%s finished; everything is saved: go on with  %s",
              finished, suite->count, sbmt_terminal_plural(suite->count),
              command.failed ? "the same command" : command.text);
    sbmt_str_finish(&command);
    return false;
}

static bool print_end(const struct sbmt_suite_progress *progress, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "%s: %d of %d cell%s finished\n", progress->suite->folder,
                    sbmt_suite_progress_finished(progress), progress->suite->count,
                    sbmt_terminal_plural(progress->suite->count));
    return sbmt_terminal_print(&text, err);
}

/* The processors, shared out. */
static int threads_of_job(const struct options *options, int jobs)
{
    const int threads = options->threads > 0 ? options->threads : sbmt_processor_count();
    return threads / jobs > 0 ? threads / jobs : 1;
}

static bool run_cells(const struct sbmt_suite *suite, const struct options *options,
                      const struct sbmt_suite_job *job, struct sbmt_arena *arena,
                      struct sbmt_error *err)
{
    const struct sbmt_log log = sbmt_terminal_log();
    const int only = options->cell - 1, cells = only >= 0 ? 1 : suite->count;
    const int jobs = options->jobs < cells ? options->jobs : cells;
    const struct sbmt_suite_worker worker = {
        .suite = suite,
        .only = only,
        .data = sbmt_data_root(options->data),
        .cpu = sbmt_cpu_choice(options->cpu),
        .threads = threads_of_job(options, jobs),
        .shared = jobs > 1,
    };
    struct sbmt_suite_progress progress;
    const struct sbmt_workers_watch watch = {
        .context = &progress, .event = on_event, .tick = on_tick};
    if (!sbmt_suite_begin(suite, err) || (options->retry && !forgive(suite, only, err)) ||
        !sbmt_suite_progress_start(&progress, suite, jobs, arena, err))
        return false;
    sbmt_suite_warn_missing(suite, only, worker.data, &log);
    sbmt_suite_warn_version(suite, &log);
    const bool done = sbmt_workers_run(&worker, jobs, &watch, err);
    sbmt_suite_progress_end(&progress);
    sbmt_suite_progress_refresh(&progress);
    if (!done && err->kind == SBMT_ERROR_INTERRUPTED)
        return fail_stopped(suite, job, options, sbmt_suite_progress_finished(&progress), err);
    int first;
    const int failed = done ? count_failed(&progress, only, &first) : 0;
    return done &&
           (options->json ? sbmt_suite_states(suite, arena, err) : print_end(&progress, err)) &&
           (failed == 0 || fail_failed(suite, failed, first, err));
}

/* What the data tells of itself is of no interest here. */
static void write_warning(void *context, enum sbmt_log_level level, const char *message)
{
    const struct sbmt_log *log = context;
    if (level == SBMT_LOG_WARNING)
        sbmt_log_write(log, level, "%s", message);
}

static bool dry_run(const struct sbmt_suite *suite, const struct options *options,
                    struct sbmt_arena *arena, struct sbmt_error *err)
{
    struct sbmt_log terminal = sbmt_terminal_log();
    const struct sbmt_log log = {.write = write_warning, .context = &terminal};
    const struct sbmt_experiment_options how = {
        .data = sbmt_data_root(options->data),
        .threads = threads_of_job(options, options->jobs),
        .cpu = sbmt_cpu_choice(options->cpu),
        .log = &log,
    };
    sbmt_suite_warn_missing(suite, options->cell - 1, how.data, &log);
    return sbmt_suite_list(suite, &how, options->jobs, options->json, arena, err);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_suite suite;
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "SUITE is missing: sbmt bench run SUITE");
    if (!sbmt_suite_load(&suite, call->arguments[0], options->dir, call->arena, err) ||
        !sbmt_suite_check(&suite, err))
        return false;
    if (options->slurm && options->dry_run)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--slurm and --dry-run: each prints something else and stops; give one "
                         "of them");
    if (options->cell > suite.count)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "--cell: %d is more than the %d cell%s of %s",
                         options->cell, suite.count, sbmt_terminal_plural(suite.count), suite.name);
    const struct sbmt_suite_job job = {
        .suite = call->arguments[0],
        .dir = options->dir,
        .data = options->data,
        .cpu = sbmt_cpu_choice(options->cpu),
        .threads = options->threads,
        .retry = options->retry,
    };
    if (options->slurm)
        return sbmt_suite_slurm(&suite, &job, err);
    if (options->dry_run)
        return dry_run(&suite, options, call->arena, err);
    return run_cells(&suite, options, &job, call->arena, err);
}

extern const struct sbmt_command sbmt_command_bench_run;
const struct sbmt_command sbmt_command_bench_run = {
    .group = "Experiments",
    .name = "bench run",
    .arguments = "SUITE",
    .doc = "runs every cell of a suite: configurations, seeds and sweeps",
    .most_arguments = 1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .remarks =
        "A cell is a run of its own below DIR/cells. Finished cells are skipped, those that "
        "were interrupted go on from their last checkpoint, and several commands, on several "
        "machines too, may work in one folder at the same time.\nCtrl-C saves the state and "
        "says how to go on. docs/suites.md describes the files; suites that ship are in "
        "configs/suites.",
};
