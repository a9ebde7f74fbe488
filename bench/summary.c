/* A table of finished runs, put together. */
#include "bench/summary_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/ledger_run.h"
#include "bench/list.h"

void sbmt_summary_note(struct sbmt_summary *summary, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (summary->notes < SBMT_SUMMARY_NOTES)
        summary->note[summary->notes++] = sbmt_arena_strdup(summary->arena, text);
}

struct sbmt_table_row *sbmt_summary_rows(struct sbmt_summary *summary, int count)
{
    const size_t columns = (size_t)summary->columns;
    struct sbmt_table_row *row = sbmt_arena_zalloc(summary->arena, (size_t)count, sizeof *row);
    struct sbmt_table_cell *cell = sbmt_arena_zalloc(summary->arena, (size_t)count * columns,
                                                     sizeof *cell);
    if (row == NULL || cell == NULL)
        return NULL;
    for (size_t i = 0; i < (size_t)count * columns; i++)
        cell[i].value = (double)NAN;
    for (int r = 0; r < count; r++)
        row[r].cell = cell + (size_t)r * columns;
    return row;
}

const char *sbmt_summary_metric(const struct sbmt_summary *summary, int column)
{
    return sbmt_ledger_metric(summary->grid.column[column].first, summary->plan->metric);
}

int sbmt_summary_score(const struct sbmt_summary *summary)
{
    for (int m = 0; m < summary->measures; m++)
        if (strcmp(summary->measure[m]->name, "score") == 0)
            return m;
    return -1;
}

static bool check_mixed(const struct sbmt_ledger *ledger, struct sbmt_error *err)
{
    struct sbmt_str lines = {0};
    const int count = sbmt_ledger_mixed(ledger, &lines);
    bool good = true;
    if (lines.failed)
        good = sbmt_fail(err, SBMT_ERROR_MEMORY, "table: out of memory");
    else if (count > 0)
        good = sbmt_fail(err, SBMT_ERROR_USAGE, "%.*s; --mixed puts them into one table",
                         (int)strcspn(lines.text, "\n"), lines.text);
    sbmt_str_finish(&lines);
    return good;
}

static bool fail_unfinished(const struct sbmt_ledger *ledger, struct sbmt_error *err)
{
    const bool one = ledger->count == 1;
    char count[64] = "is not finished";
    struct sbmt_str command = {0}, missed = {0};
    if (!one && ledger->count == 2)
        snprintf(count, sizeof count, "and another are not finished");
    else if (!one)
        snprintf(count, sizeof count, "and %d others are not finished", ledger->count - 1);
    sbmt_ledger_go_on(&ledger->run[0], &command);
    sbmt_ledger_tell_missed(ledger, &missed);
    sbmt_fail(err, SBMT_ERROR_DATA, "%s %s (no result.json); go on with %s by %s%s",
              ledger->run[0].folder, count, one ? "it" : "the first", command.text,
              missed.length > 0 ? missed.text : "");
    sbmt_str_finish(&command);
    sbmt_str_finish(&missed);
    return false;
}

/* At least one run is finished, and one of them has the metric. */
static bool check_finished(const struct sbmt_ledger *ledger, const char *metric,
                           struct sbmt_error *err)
{
    bool finished = false;
    for (int i = 0; i < ledger->count; i++)
        finished = finished || ledger->run[i].finished;
    return finished ? sbmt_ledger_check_metric(ledger, metric, err) : fail_unfinished(ledger, err);
}

/* The row that p-values compare with; that of the default need not be there. */
static bool find_baseline(struct sbmt_summary *summary, struct sbmt_error *err)
{
    const struct sbmt_grid *grid = &summary->grid;
    const char *wanted = summary->plan->baseline != NULL ? summary->plan->baseline : "softmax";
    struct sbmt_str names = {0};
    summary->baseline = -1;
    for (int r = 0; r < grid->rows; r++) {
        if (strcmp(grid->row[r], wanted) == 0)
            summary->baseline = r;
        sbmt_str_printf(&names, "%s'%s'", r > 0 ? ", " : "", grid->row[r]);
    }
    const bool found = summary->baseline >= 0 || summary->plan->baseline == NULL;
    if (!found)
        sbmt_fail(err, SBMT_ERROR_USAGE, "--baseline: no row is '%.80s'; there are: %s", wanted,
                  names.failed ? "" : names.text);
    sbmt_str_finish(&names);
    return found;
}

static bool read_measures(struct sbmt_summary *summary, struct sbmt_error *err)
{
    struct sbmt_list names;
    if (!sbmt_list_split("--show", summary->plan->show, summary->arena, &names, err))
        return false;
    summary->measures = names.count;
    summary->measure = sbmt_arena_zalloc(summary->arena, (size_t)names.count,
                                         sizeof *summary->measure);
    if (!sbmt_arena_check(summary->arena, "table", err))
        return false;
    for (int i = 0; i < names.count; i++) {
        summary->measure[i] = sbmt_measure_find(names.word[i], err);
        if (summary->measure[i] == NULL)
            return false;
    }
    return true;
}

/* The heading of a column of the grid; with its protocol where there are several. */
static const char *group_of(struct sbmt_summary *summary, const struct sbmt_grid_column *column)
{
    char text[512];
    bool several = false;
    for (int c = 0; c < summary->grid.columns; c++)
        several = several || summary->grid.column[c].protocol != column->protocol;
    if (!several)
        return column->title;
    snprintf(text, sizeof text, "%s (%s)", column->title, sbmt_protocol_name(column->protocol));
    return sbmt_arena_strdup(summary->arena, text);
}

/* The scores of columns may be averaged: all are percentages, or all are the same metric. */
static bool have_one_scale(struct sbmt_summary *summary)
{
    const char *first = sbmt_summary_metric(summary, 0);
    for (int c = 1; c < summary->grid.columns; c++) {
        const char *metric = sbmt_summary_metric(summary, c);
        if (strcmp(metric, first) != 0 &&
            (!sbmt_measure_is_percent(metric) || !sbmt_measure_is_percent(first)))
            return false;
    }
    return true;
}

/* Averages are over several tasks of one protocol, each with one column. */
static bool has_average(struct sbmt_summary *summary)
{
    const struct sbmt_grid *grid = &summary->grid;
    for (int a = 0; a < grid->columns; a++)
        for (int b = 0; b < a; b++)
            if (grid->column[a].protocol != grid->column[b].protocol ||
                strcmp(grid->column[a].task, grid->column[b].task) == 0)
                return false;
    return grid->columns > 1 && sbmt_summary_score(summary) >= 0 && have_one_scale(summary);
}

/* "accuracy, %", in the arena. */
static const char *score_title(struct sbmt_summary *summary, const char *metric)
{
    char title[128];
    snprintf(title, sizeof title, "%s%s", metric, sbmt_measure_is_percent(metric) ? ", %" : "");
    return sbmt_arena_strdup(summary->arena, title);
}

static struct sbmt_table_column column_of(struct sbmt_summary *summary, int column,
                                          const struct sbmt_measure *measure)
{
    const struct sbmt_grid_column *from = &summary->grid.column[column];
    const char *metric = sbmt_summary_metric(summary, column);
    const bool is_score = measure->title == NULL;
    return (struct sbmt_table_column){
        .group = group_of(summary, from),
        .title = is_score ? score_title(summary, metric) : measure->title,
        .measure = is_score ? metric : measure->name,
        .protocol = sbmt_protocol_name(from->protocol),
        .style = measure->style,
        .decimals = is_score && !sbmt_measure_is_percent(metric) ? 4 : measure->decimals,
    };
}

/* The last column: the mean of scores, of whatever metrics in percent. */
static struct sbmt_table_column average_column(struct sbmt_summary *summary)
{
    const char *metric = sbmt_summary_metric(summary, 0);
    for (int c = 1; c < summary->grid.columns; c++)
        if (strcmp(sbmt_summary_metric(summary, c), metric) != 0)
            metric = "score";
    return (struct sbmt_table_column){
        .group = "mean over tasks",
        .title = score_title(summary, metric),
        .measure = metric,
        .protocol = sbmt_protocol_name(summary->grid.column[0].protocol),
        .decimals = sbmt_measure_is_percent(metric) ? 2 : 4,
    };
}

static bool make_columns(struct sbmt_summary *summary, struct sbmt_error *err)
{
    const struct sbmt_grid *grid = &summary->grid;
    const bool average = has_average(summary);
    summary->columns = grid->columns * summary->measures + average;
    summary->column = sbmt_arena_zalloc(summary->arena, (size_t)summary->columns,
                                        sizeof *summary->column);
    if (!sbmt_arena_check(summary->arena, "table", err))
        return false;
    for (int c = 0; c < grid->columns; c++)
        for (int m = 0; m < summary->measures; m++)
            summary->column[c * summary->measures + m] = column_of(summary, c, summary->measure[m]);
    if (average)
        summary->column[summary->columns - 1] = average_column(summary);
    return sbmt_arena_check(summary->arena, "table", err);
}

static bool begin(struct sbmt_summary *summary, struct sbmt_error *err)
{
    const struct sbmt_summary_plan *plan = summary->plan;
    if (!check_finished(summary->ledger, plan->metric, err) ||
        (!plan->mixed && !check_mixed(summary->ledger, err)) || !read_measures(summary, err) ||
        !sbmt_grid_make(&summary->grid, summary->ledger, plan->rows, plan->columns, summary->arena,
                        err) ||
        !sbmt_grid_check(&summary->grid, plan->mixed, err))
        return false;
    summary->note = sbmt_arena_zalloc(summary->arena, SBMT_SUMMARY_NOTES, sizeof *summary->note);
    /* The runs' own, and one a file at the most. */
    summary->section = sbmt_arena_zalloc(summary->arena, (size_t)plan->published_count + 1,
                                         sizeof *summary->section);
    return sbmt_arena_check(summary->arena, "table", err) && find_baseline(summary, err) &&
           make_columns(summary, err);
}

bool sbmt_summary_make(const struct sbmt_ledger *ledger, const struct sbmt_summary_plan *plan,
                       struct sbmt_arena *arena, struct sbmt_table *table, struct sbmt_error *err)
{
    struct sbmt_summary summary = {.plan = plan, .ledger = ledger, .arena = arena};
    if (!begin(&summary, err) || !sbmt_summary_fill(&summary, err) ||
        !sbmt_summary_mark(&summary, err))
        return false;
    sbmt_summary_explain(&summary);
    if (!sbmt_summary_published(&summary, err))
        return false;
    sbmt_summary_average(&summary);
    sbmt_summary_squeeze(&summary);
    *table = (struct sbmt_table){
        .label = plan->rows,
        .columns = summary.columns,
        .column = summary.column,
        .sections = summary.sections,
        .section = summary.section,
        .notes = summary.notes,
        .note = summary.note,
    };
    return sbmt_arena_check(arena, "table", err);
}
