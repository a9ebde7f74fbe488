/* The rows of a summary's own runs, and the marks in them. */
#include <math.h>
#include <string.h>

#include "bench/statistics.h"
#include "bench/summary_parts.h"

/* A measure of each run of a cell, and their mean; where it is not of one run, the runs alone. */
static void fill_values(struct sbmt_summary *summary, const struct sbmt_measure *measure,
                        const char *metric, const struct sbmt_pairing_set *set,
                        struct sbmt_table_cell *cell)
{
    struct sbmt_table_source *source = sbmt_arena_zalloc(summary->arena, (size_t)set->count,
                                                         sizeof *source);
    double *value = sbmt_arena_zalloc(summary->arena, (size_t)set->count, sizeof *value);
    if (source == NULL || value == NULL)
        return;
    for (int i = 0; i < set->count; i++) {
        value[i] = measure->of_run != NULL ? measure->of_run(set->run[i], metric) : (double)NAN;
        source[i] = (struct sbmt_table_source){.folder = set->run[i]->folder,
                                               .config = set->run[i]->fingerprint,
                                               .seed = set->run[i]->config.seed,
                                               .value = value[i]};
    }
    cell->count = set->count;
    cell->source = source;
    cell->value = sbmt_statistics_mean(value, set->count);
    cell->deviation = sbmt_statistics_deviation(value, set->count);
    cell->has_deviation = measure->deviates && !isnan(cell->deviation);
}

static bool fill_p(struct sbmt_summary *summary, int row, int column, struct sbmt_table_cell *cell,
                   struct sbmt_error *err)
{
    if (summary->baseline < 0 || row == summary->baseline)
        return true;
    enum sbmt_pairing_test test;
    if (!sbmt_pairing_compare(sbmt_grid_cell(&summary->grid, row, column),
                              sbmt_grid_cell(&summary->grid, summary->baseline, column),
                              sbmt_summary_metric(summary, column), summary->arena, &test,
                              &cell->value, err))
        return false;
    cell->test = sbmt_pairing_name(test);
    summary->tested[test] = true;
    return true;
}

static bool fill_row(struct sbmt_summary *summary, int row, struct sbmt_table_row *out,
                     struct sbmt_error *err)
{
    out->label = summary->grid.row[row];
    for (int c = 0; c < summary->grid.columns; c++) {
        const struct sbmt_pairing_set *set = sbmt_grid_cell(&summary->grid, row, c);
        for (int m = 0; m < summary->measures; m++) {
            const struct sbmt_measure *measure = summary->measure[m];
            struct sbmt_table_cell *cell = &out->cell[c * summary->measures + m];
            if (set->count == 0)
                continue;
            fill_values(summary, measure, sbmt_summary_metric(summary, c), set, cell);
            if (strcmp(measure->name, "n") == 0)
                cell->value = set->count;
            else if (strcmp(measure->name, "p") == 0 && !fill_p(summary, row, c, cell, err))
                return false;
        }
    }
    return true;
}

/* The baseline stands first. */
bool sbmt_summary_fill(struct sbmt_summary *summary, struct sbmt_error *err)
{
    const int rows = summary->grid.rows;
    struct sbmt_table_row *row = sbmt_summary_rows(summary, rows);
    if (row == NULL)
        return sbmt_arena_check(summary->arena, "table", err);
    int next = summary->baseline >= 0;
    for (int r = 0; r < rows; r++)
        if (!fill_row(summary, r, &row[r == summary->baseline ? 0 : next++], err))
            return false;
    summary->section[summary->sections++] = (struct sbmt_table_section){.count = rows, .row = row};
    return sbmt_arena_check(summary->arena, "table", err);
}

/* The row of the grid that an own row of the table shows. */
static int grid_row(const struct sbmt_summary *summary, int row)
{
    if (summary->baseline < 0 || row > summary->baseline)
        return row;
    return row == 0 ? summary->baseline : row - 1;
}

/* The best row of a column that is none of the first `count` in `taken`; −1: there is none. */
static int best_of(const struct sbmt_summary *summary, const char *metric, int column,
                   const int *taken, int count)
{
    const double sign = sbmt_ledger_higher_is_better(metric) ? 1 : -1;
    const struct sbmt_table_row *row = summary->section[0].row;
    int best = -1;
    for (int r = 0; r < summary->grid.rows; r++) {
        bool free = !isnan(row[r].cell[column].value);
        for (int i = 0; i < count; i++)
            free = free && taken[i] != r;
        if (free &&
            (best < 0 || sign * (row[r].cell[column].value - row[best].cell[column].value) > 0))
            best = r;
    }
    return best;
}

static bool differ(struct sbmt_summary *summary, int a, int b, int grid_column, bool *significant,
                   struct sbmt_error *err)
{
    enum sbmt_pairing_test test;
    double p;
    if (!sbmt_pairing_compare(sbmt_grid_cell(&summary->grid, grid_row(summary, a), grid_column),
                              sbmt_grid_cell(&summary->grid, grid_row(summary, b), grid_column),
                              sbmt_summary_metric(summary, grid_column), summary->arena, &test, &p,
                              err))
        return false;
    summary->tested[test] = true;
    *significant = !isnan(p) && p < SBMT_SUMMARY_LEVEL;
    return true;
}

/* All runs of a cell are no better than naming the most frequent class. */
static bool learnt_nothing(const struct sbmt_pairing_set *set)
{
    for (int i = 0; i < set->count; i++)
        if (!sbmt_ledger_is_chance(set->run[i]))
            return false;
    return set->count > 0;
}

static bool mark_column(struct sbmt_summary *summary, int grid_column, int column,
                        struct sbmt_error *err)
{
    const struct sbmt_table_row *row = summary->section[0].row;
    int ranked[3];
    for (int i = 0; i < 3; i++)
        ranked[i] = best_of(summary, sbmt_summary_metric(summary, grid_column), column, ranked, i);
    for (int i = 0; i < 2 && ranked[i + 1] >= 0; i++) {
        bool significant;
        if (!differ(summary, ranked[i], ranked[i + 1], grid_column, &significant, err))
            return false;
        const bool nothing = learnt_nothing(
            sbmt_grid_cell(&summary->grid, grid_row(summary, ranked[i]), grid_column));
        summary->unlearnt = summary->unlearnt || (significant && nothing);
        if (!significant || nothing)
            break;
        row[ranked[i]].cell[column].mark = i == 0 ? SBMT_TABLE_BEST : SBMT_TABLE_SECOND;
        summary->marked = true;
    }
    return true;
}

bool sbmt_summary_mark(struct sbmt_summary *summary, struct sbmt_error *err)
{
    const int score = sbmt_summary_score(summary);
    for (int c = 0; score >= 0 && c < summary->grid.columns; c++)
        if (!mark_column(summary, c, c * summary->measures + score, err))
            return false;
    return true;
}

/* The mean of the scores of a row that has all of them. */
static double average_of(const struct sbmt_summary *summary, const struct sbmt_table_row *row)
{
    double sum = 0;
    for (int c = 0; c < summary->grid.columns; c++)
        sum += row->cell[c * summary->measures + sbmt_summary_score(summary)].value;
    return sum / summary->grid.columns;
}

void sbmt_summary_average(struct sbmt_summary *summary)
{
    const int own = summary->grid.columns * summary->measures;
    for (int s = 0; own < summary->columns && s < summary->sections; s++)
        for (int r = 0; r < summary->section[s].count; r++) {
            const struct sbmt_table_row *row = &summary->section[s].row[r];
            row->cell[own].value = average_of(summary, row);
            row->cell[own].unverified = !isnan(row->cell[own].value) &&
                                        row->cell[sbmt_summary_score(summary)].unverified;
        }
}
