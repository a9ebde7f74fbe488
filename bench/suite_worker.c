/* Working through a suite. */
#include "bench/suite_worker.h"

#include <stdio.h>
#include <time.h>

#include "bench/experiment.h"
#include "bench/suite_lock.h"

#define SHORTEST_PAUSE 0.05
#define LONGEST_PAUSE 2.0

/* A cell at work. */
struct turn {
    const struct sbmt_suite_worker *worker;
    int cell, steps;
};

static void report(const struct turn *turn, struct sbmt_suite_event event, const char *text)
{
    event.cell = turn->cell;
    event.steps = turn->steps;
    snprintf(event.text, sizeof event.text, "%s", text);
    turn->worker->report(turn->worker->context, &event);
}

static bool on_step(void *context, const struct sbmt_train_event *event, struct sbmt_error *err)
{
    (void)err;
    report(context, (struct sbmt_suite_event){.kind = SBMT_SUITE_STEP, .step = event->step}, "");
    return true;
}

static bool on_should_stop(void *context)
{
    const struct turn *turn = context;
    return turn->worker->should_stop(turn->worker->context);
}

static void on_message(void *context, enum sbmt_log_level level, const char *message)
{
    report(context,
           (struct sbmt_suite_event){.kind = level == SBMT_LOG_WARNING ? SBMT_SUITE_WARNING
                                                                       : SBMT_SUITE_NOTE},
           message);
}

static void on_started(void *context, const struct sbmt_experiment_start *start)
{
    struct turn *turn = context;
    turn->steps = start->train->steps;
    report(context, (struct sbmt_suite_event){.kind = SBMT_SUITE_STEP, .step = start->step}, "");
}

static void report_finished(const struct turn *turn, const struct sbmt_result *result)
{
    char text[128];
    const struct sbmt_eval_result *eval = &result->eval;
    const struct sbmt_score *score = &eval->primary;
    snprintf(text, sizeof text, score->lower_is_better ? "%s %s %.4f" : "%s %s %.2f %%",
             sbmt_split_name(result->split), score->name,
             score->lower_is_better ? score->value : 100 * score->value);
    report(turn,
           (struct sbmt_suite_event){.kind = SBMT_SUITE_FINISHED,
                                     .seconds = result->seconds + eval->seconds},
           text);
}

/* A cell under its lock. False only when asked to stop, or where a failure cannot be recorded. */
static bool run_cell(struct turn *turn, struct sbmt_error *err)
{
    const struct sbmt_suite_worker *worker = turn->worker;
    const struct sbmt_cell *cell = &worker->suite->cell[turn->cell];
    const struct sbmt_log log = {.write = on_message, .context = turn};
    const struct sbmt_experiment_options options = {
        .data = worker->data,
        .threads = worker->threads,
        .cpu = worker->cpu,
        .resume = sbmt_run_exists(cell->folder),
        .shared = worker->shared,
        .log = &log,
        .observer = {.context = turn, .step = on_step, .should_stop = on_should_stop},
        .started = on_started,
    };
    struct sbmt_result result;
    struct sbmt_error failure = {0};
    if (sbmt_experiment_train(&cell->config, cell->folder, &options, &result, &failure)) {
        report_finished(turn, &result);
        return sbmt_cell_forgive(cell, err);
    }
    if (failure.kind == SBMT_ERROR_INTERRUPTED) {
        report(turn, (struct sbmt_suite_event){.kind = SBMT_SUITE_STOPPED}, "");
        return sbmt_fail(err, failure.kind, "%s", failure.message);
    }
    report(turn, (struct sbmt_suite_event){.kind = SBMT_SUITE_FAILED}, failure.message);
    return sbmt_cell_fail(cell, failure.message, err);
}

static bool is_open(const struct sbmt_cell *cell)
{
    const enum sbmt_cell_state state = sbmt_cell_state(cell);
    return state == SBMT_CELL_NEW || state == SBMT_CELL_BEGUN;
}

/* Tries a cell: *held says that another process has it, *ran that it was run. */
static bool try_cell(struct turn *turn, bool *held, bool *ran, struct sbmt_error *err)
{
    const struct sbmt_cell *cell = &turn->worker->suite->cell[turn->cell];
    struct sbmt_lock lock;
    *held = *ran = false;
    if (!is_open(cell))
        return true;
    if (!sbmt_lock_take(&lock, cell->lock, err))
        return false;
    if (!lock.held) {
        *held = true;
        return true;
    }
    bool done = true;
    /* It may have been finished before the lock was free. */
    if (is_open(cell)) {
        *ran = true;
        report(turn, (struct sbmt_suite_event){.kind = SBMT_SUITE_CLAIMED}, lock.owner);
        done = run_cell(turn, err);
    }
    sbmt_lock_release(&lock);
    return done;
}

static void pause_for(double seconds)
{
    const struct timespec time = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

/* Tries every cell once; *held is the first that another process has, or −1. */
static bool round_of_cells(const struct sbmt_suite_worker *worker, int *held, bool *ran,
                           struct sbmt_error *err)
{
    *held = -1;
    *ran = false;
    for (int i = 0; i < worker->suite->count; i++) {
        struct turn turn = {.worker = worker, .cell = i};
        bool is_held, has_run;
        if (worker->only >= 0 && i != worker->only)
            continue;
        if (worker->should_stop(worker->context))
            return sbmt_fail(err, SBMT_ERROR_INTERRUPTED, "%s: stopped", worker->suite->folder);
        if (!try_cell(&turn, &is_held, &has_run, err))
            return false;
        *held = is_held && *held < 0 ? i : *held;
        *ran = *ran || has_run;
    }
    return true;
}

bool sbmt_suite_work(const struct sbmt_suite_worker *worker, struct sbmt_error *err)
{
    double pause = SHORTEST_PAUSE;
    bool said = false;
    for (;;) {
        int held;
        bool ran;
        if (!round_of_cells(worker, &held, &ran, err))
            return false;
        if (held < 0 && !ran)
            return true;
        if (ran) {
            pause = SHORTEST_PAUSE;
            said = false;
            continue;
        }
        if (!said && pause >= LONGEST_PAUSE) {
            char owner[SBMT_LOCK_OWNER];
            const struct turn turn = {.worker = worker, .cell = held};
            sbmt_lock_owner(worker->suite->cell[held].lock, owner);
            report(&turn, (struct sbmt_suite_event){.kind = SBMT_SUITE_WAITS}, owner);
            said = true;
        }
        pause_for(pause);
        pause = 2 * pause < LONGEST_PAUSE ? 2 * pause : LONGEST_PAUSE;
    }
}
