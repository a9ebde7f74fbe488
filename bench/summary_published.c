/* Published rows under a summary's own. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/published.h"
#include "bench/summary_parts.h"

/* The column of a file that a column of the grid shows; −1: there is none. */
static int published_column(const struct sbmt_published *published,
                            const struct sbmt_grid_column *column, const char *metric)
{
    for (int i = 0; i < published->protocol->columns; i++)
        if (strcmp(published->protocol->column[i].task, column->task) == 0 &&
            strcmp(published->protocol->column[i].metric, metric) == 0)
            return i;
    return -1;
}

/* Columns of several protocols take the rows of their own only. */
static bool takes(const struct sbmt_summary *summary, const struct sbmt_published *published,
                  const struct sbmt_grid_column *column)
{
    return !sbmt_summary_has_protocol(summary, published->protocol->name) ||
           strcmp(sbmt_protocol_name(column->protocol), published->protocol->name) == 0;
}

/* False if no number of the row has a place in the table. */
static bool fill_published(const struct sbmt_summary *summary,
                           const struct sbmt_published *published,
                           const struct sbmt_published_row *from, struct sbmt_table_row *row)
{
    bool any = false;
    for (int c = 0; c < summary->grid.columns; c++) {
        const struct sbmt_grid_column *column = &summary->grid.column[c];
        const int place = published_column(published, column, sbmt_summary_metric(summary, c));
        if (place < 0 || !takes(summary, published, column))
            continue;
        for (int m = 0; m < summary->measures; m++) {
            const char *name = summary->measure[m]->name;
            struct sbmt_table_cell *cell = &row->cell[c * summary->measures + m];
            if (strcmp(name, "score") == 0)
                cell->value = from->score[place];
            else if (strcmp(name, "density") == 0)
                cell->value = from->density[place];
            cell->unverified = from->unverified && !isnan(cell->value);
            any = any || !isnan(cell->value);
        }
    }
    return any;
}

/* The number of the note about a source, which is added when it is first met. */
static int reference_to(struct sbmt_summary *summary, const char *source, const char **sources,
                        int *count)
{
    for (int i = 0; i < *count; i++)
        if (strcmp(sources[i], source) == 0)
            return i + 1;
    sources[*count] = source;
    sbmt_summary_note(summary, "[%d] %s.", ++*count, source);
    return *count;
}

static bool add_section(struct sbmt_summary *summary, const struct sbmt_published *published,
                        const char **sources, int *source_count, struct sbmt_error *err)
{
    struct sbmt_table_row *row = sbmt_summary_rows(summary, published->count);
    char title[512];
    int count = 0;
    bool unverified = false;
    if (row == NULL)
        return sbmt_arena_check(summary->arena, "table", err);
    for (int i = 0; i < published->count; i++) {
        const struct sbmt_published_row *from = &published->rows[i];
        if (!fill_published(summary, published, from, &row[count]))
            continue;
        row[count].label = from->model;
        row[count].source = from->source;
        row[count].reference = reference_to(summary, from->source, sources, source_count);
        if (from->note != NULL)
            sbmt_summary_note(summary, "%s [%d]: %s.", from->model, row[count].reference,
                              from->note);
        unverified = unverified || from->unverified;
        count++;
    }
    const char *name = published->protocol->name;
    snprintf(title, sizeof title, "published, protocol %s%s", name,
             sbmt_summary_has_protocol(summary, name)
                 ? ""
                 : " (another than the runs': not comparable)");
    if (count > 0)
        summary->section[summary->sections++] = (struct sbmt_table_section){
            .title = sbmt_arena_strdup(summary->arena, title),
            .protocol = name,
            .count = count,
            .row = row};
    if (count > 0 && published->doc != NULL)
        sbmt_summary_note(summary, "Protocol %s: %s.", name, published->doc);
    if (unverified)
        sbmt_summary_note(summary, "† of %s: the numbers have not been looked up in the source.",
                          name);
    return sbmt_arena_check(summary->arena, "table", err);
}

bool sbmt_summary_published(struct sbmt_summary *summary, struct sbmt_error *err)
{
    enum { MOST = 64 };
    const char *sources[MOST * 2];
    int source_count = 0;
    for (int i = 0; i < summary->plan->published_count; i++) {
        struct sbmt_published published;
        if (!sbmt_published_load(&published, summary->plan->published[i], summary->arena, err))
            return false;
        if (source_count + published.count > MOST * 2)
            return sbmt_fail(err, SBMT_ERROR_USAGE, "--published: more than %d sources", MOST);
        if (!add_section(summary, &published, sources, &source_count, err))
            return false;
    }
    summary->section[0].title = summary->sections > 1 ? "runs" : NULL;
    if (summary->sections > 1)
        sbmt_summary_note(summary, "Published rows are not measured here; they are neither ranked "
                                   "nor tested.");
    if (summary->sections > 1 && summary->columns > summary->grid.columns * summary->measures)
        sbmt_summary_note(summary, "The mean over tasks is that of the columns shown, of published "
                                   "rows too; the averages that their sources print may be over "
                                   "other tasks.");
    return true;
}
