/* How a suite goes, on stderr. */
#include "cli/suite_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/suite_mixed.h"
#include "cli/terminal.h"
#include "core/base/clock.h"

#define SECONDS_BETWEEN_PAINTS 0.1
#define SECONDS_BETWEEN_LINES 60.0

enum { BAR = 20 };

void sbmt_suite_progress_refresh(struct sbmt_suite_progress *progress)
{
    for (int i = 0; i < progress->suite->count; i++) {
        struct sbmt_cell_progress *cell = &progress->cell[i];
        struct sbmt_json json;
        cell->failed = sbmt_cell_failure(&progress->suite->cell[i], NULL);
        cell->finished = sbmt_cell_result(&progress->suite->cell[i], &json);
        if (!cell->finished)
            continue;
        cell->failed = cell->running = false;
        cell->seconds = sbmt_json_get_number(&json, "seconds", 0) +
                        sbmt_json_get_number(&json, "test.seconds", 0) +
                        sbmt_json_get_number(&json, "dev.seconds", 0);
        sbmt_json_finish(&json);
    }
}

bool sbmt_suite_progress_start(struct sbmt_suite_progress *progress, const struct sbmt_suite *suite,
                               int jobs, struct sbmt_arena *arena, struct sbmt_error *err)
{
    const size_t count = (size_t)suite->count;
    *progress = (struct sbmt_suite_progress){
        .suite = suite,
        .cell = sbmt_arena_zalloc(arena, count, sizeof *progress->cell),
        .begun = sbmt_arena_zalloc(arena, count, sizeof *progress->begun),
        .first = sbmt_arena_zalloc(arena, count, sizeof *progress->first),
        .jobs = jobs,
        .last = -1,
        .terminal = sbmt_terminal_is(stderr),
        .shown = sbmt_clock_steady(),
    };
    if (!sbmt_arena_check(arena, "suite", err))
        return false;
    for (int i = 0; i < suite->count; i++)
        progress->cell[i].seconds = -1;
    sbmt_suite_progress_refresh(progress);
    return true;
}

int sbmt_suite_progress_finished(const struct sbmt_suite_progress *progress)
{
    int count = 0;
    for (int i = 0; i < progress->suite->count; i++)
        count += progress->cell[i].finished;
    return count;
}

static void add_time_left(const struct sbmt_suite_progress *progress, struct sbmt_str *out)
{
    const double left = sbmt_suite_seconds_left(progress->suite, progress->cell, progress->jobs);
    if (left < 0)
        return;
    sbmt_str_printf(out, "  ");
    sbmt_terminal_time(left, out);
    sbmt_str_printf(out, " left");
}

/* "lra-listops-sbm-s1 40/100 and 1 more". */
static void add_running(const struct sbmt_suite_progress *progress, struct sbmt_str *out)
{
    int others = -1;
    for (int i = 0; i < progress->suite->count; i++)
        others += progress->cell[i].running;
    if (progress->last < 0 || !progress->cell[progress->last].running)
        return;
    const struct sbmt_cell *cell = &progress->suite->cell[progress->last];
    sbmt_str_printf(out, "  %s %" PRId64 "/%" PRId64, cell->name,
                    progress->cell[progress->last].step, progress->cell[progress->last].steps);
    if (others > 0)
        sbmt_str_printf(out, " and %d more", others);
}

/* The line of a terminal; nothing passes its edge. */
static void paint(struct sbmt_suite_progress *progress)
{
    struct sbmt_str line = {0};
    const int done = sbmt_suite_progress_finished(progress), count = progress->suite->count;
    const int full = BAR * done / count;
    sbmt_str_printf(&line, "%d/%d [", done, count);
    for (int i = 0; i < BAR; i++)
        sbmt_str_printf(&line, "%c", i < full ? '=' : i == full ? '>' : ' ');
    sbmt_str_printf(&line, "]");
    add_time_left(progress, &line);
    add_running(progress, &line);
    if (!line.failed)
        fprintf(stderr, "\r%.*s\x1b[K", sbmt_terminal_width(stderr) - 3, line.text);
    fflush(stderr);
    sbmt_str_finish(&line);
    progress->painted = true;
    progress->shown = sbmt_clock_steady();
}

static void take_away(struct sbmt_suite_progress *progress)
{
    if (progress->painted)
        fprintf(stderr, "\r\x1b[K");
    progress->painted = false;
}

void sbmt_suite_progress_end(struct sbmt_suite_progress *progress)
{
    take_away(progress);
    sbmt_str_finish(&progress->seen);
}

/* A line that stays: "3/12 lra-listops-sbm-s1: …". */
static void say(struct sbmt_suite_progress *progress, int cell, const char *words)
{
    struct sbmt_str line = {0};
    take_away(progress);
    sbmt_str_printf(&line, "%d/%d  %s: %s", sbmt_suite_progress_finished(progress),
                    progress->suite->count, progress->suite->cell[cell].name, words);
    if (!line.failed)
        fprintf(stderr, "%s\n", line.text);
    sbmt_str_finish(&line);
    progress->shown = sbmt_clock_steady();
}

static bool has_line(const char *lines, const char *line)
{
    const size_t length = strlen(line);
    for (; lines != NULL && *lines != '\0'; lines = strchr(lines, '\n') + 1)
        if (strncmp(lines, line, length) == 0 && lines[length] == '\n')
            return true;
    return false;
}

/* The data tells every cell the same: a note is shown once. */
static bool is_news(struct sbmt_suite_progress *progress, const struct sbmt_suite_event *event)
{
    struct sbmt_str *seen = &progress->seen;
    if (event->kind == SBMT_SUITE_NOTE && has_line(seen->text, event->text))
        return false;
    sbmt_str_printf(seen, "%s\n", event->text);
    return true;
}

static void say_message(struct sbmt_suite_progress *progress, const struct sbmt_suite_event *event)
{
    if (!is_news(progress, event))
        return;
    const struct sbmt_log log = sbmt_terminal_log();
    take_away(progress);
    sbmt_log_write(&log, event->kind == SBMT_SUITE_WARNING ? SBMT_LOG_WARNING : SBMT_LOG_NOTE,
                   "%s: %s", progress->suite->cell[event->cell].name, event->text);
}

static void note_step(struct sbmt_suite_progress *progress, const struct sbmt_suite_event *event)
{
    struct sbmt_cell_progress *cell = &progress->cell[event->cell];
    if (cell->step == 0)
        progress->first[event->cell] = event->step;
    cell->step = event->step;
    cell->steps = event->steps;
    /* The time of the steps done here, as if all had been. */
    const double here = (double)(event->step - progress->first[event->cell]);
    const double spent = sbmt_clock_steady() - progress->begun[event->cell];
    cell->seconds = here > 0 ? spent * (double)event->step / here : -1;
    progress->last = event->cell;
}

static void finish(struct sbmt_suite_progress *progress, const struct sbmt_suite_event *event)
{
    const struct sbmt_log log = sbmt_terminal_log();
    struct sbmt_str words = {0};
    progress->cell[event->cell] = (struct sbmt_cell_progress){.finished = true,
                                                              .seconds = event->seconds};
    sbmt_str_printf(&words, "%s, ", event->text);
    sbmt_terminal_time(event->seconds, &words);
    add_time_left(progress, &words);
    if (!words.failed)
        say(progress, event->cell, words.text);
    sbmt_str_finish(&words);
    if (!progress->warned)
        progress->warned = sbmt_suite_warn_data(progress->suite, event->cell, &log);
}

void sbmt_suite_progress_event(struct sbmt_suite_progress *progress,
                               const struct sbmt_suite_event *event)
{
    struct sbmt_cell_progress *cell = &progress->cell[event->cell];
    switch (event->kind) {
    case SBMT_SUITE_CLAIMED:
        *cell = (struct sbmt_cell_progress){.running = true, .seconds = -1};
        progress->begun[event->cell] = sbmt_clock_steady();
        progress->last = event->cell;
        break;
    case SBMT_SUITE_STEP:
        note_step(progress, event);
        break;
    case SBMT_SUITE_FINISHED:
        finish(progress, event);
        break;
    case SBMT_SUITE_FAILED:
        *cell = (struct sbmt_cell_progress){.failed = true, .seconds = -1};
        say(progress, event->cell, event->text);
        break;
    case SBMT_SUITE_STOPPED:
        cell->running = false;
        break;
    case SBMT_SUITE_WAITS:
        say(progress, event->cell, "waits for another process, which is at work on it");
        break;
    case SBMT_SUITE_NOTE:
    case SBMT_SUITE_WARNING:
        say_message(progress, event);
        break;
    }
}

void sbmt_suite_progress_tick(struct sbmt_suite_progress *progress)
{
    const double since = sbmt_clock_steady() - progress->shown;
    if (progress->terminal && since >= SECONDS_BETWEEN_PAINTS)
        paint(progress);
    if (progress->terminal || since < SECONDS_BETWEEN_LINES || progress->last < 0)
        return;
    struct sbmt_str words = {0};
    sbmt_str_printf(&words, "step %" PRId64 "/%" PRId64, progress->cell[progress->last].step,
                    progress->cell[progress->last].steps);
    add_time_left(progress, &words);
    if (!words.failed)
        say(progress, progress->last, words.text);
    sbmt_str_finish(&words);
}
