/* Tables: the walk over rows and cells that all formats share. */
#include "bench/table.h"

#include <math.h>
#include <string.h>

static const struct sbmt_table_format *const formats[] = {
    &sbmt_table_markdown, &sbmt_table_latex, &sbmt_table_csv, &sbmt_table_json, &sbmt_table_html,
};
const char *const sbmt_table_format_words[] = {"md", "latex", "csv", "json", "html", NULL};

static void call(void (*write)(struct sbmt_table_writer *writer), struct sbmt_table_writer *writer)
{
    if (write != NULL)
        write(writer);
}

void sbmt_table_write(const struct sbmt_table *table, int format, bool standalone,
                      struct sbmt_str *out)
{
    const struct sbmt_table_format *how = formats[format];
    struct sbmt_table_writer writer = {.table = table, .standalone = standalone, .out = out};
    call(how->begin, &writer);
    for (int s = 0; s < table->sections; s++) {
        writer.section = &table->section[s];
        call(how->section, &writer);
        for (int r = 0; r < writer.section->count; r++) {
            writer.row = &writer.section->row[r];
            call(how->row, &writer);
            for (int c = 0; c < table->columns; c++)
                how->cell(&writer, c);
            call(how->row_end, &writer);
        }
    }
    call(how->end, &writer);
}

void sbmt_table_number(const struct sbmt_table_column *column, double value, struct sbmt_str *out)
{
    if (isnan(value))
        return;
    if (column->style == SBMT_TABLE_COUNT)
        sbmt_str_printf(out, "%.0f", value);
    else if (column->style == SBMT_TABLE_CHANCE && value < 0.001)
        sbmt_str_printf(out, "<0.001");
    else
        sbmt_str_printf(out, "%.*f", column->decimals, value);
}

const char *sbmt_table_protocol(const struct sbmt_table_writer *writer, int column)
{
    return writer->section->protocol != NULL ? writer->section->protocol
                                             : writer->table->column[column].protocol;
}

static bool same_group(const struct sbmt_table_column *a, const struct sbmt_table_column *b)
{
    return a->group != NULL && b->group != NULL ? strcmp(a->group, b->group) == 0
                                                : a->group == b->group;
}

int sbmt_table_span(const struct sbmt_table *table, int column)
{
    int span = 1;
    while (column + span < table->columns &&
           same_group(&table->column[column], &table->column[column + span]))
        span++;
    return span;
}

bool sbmt_table_has_groups(const struct sbmt_table *table)
{
    for (int c = 0; c < table->columns; c++)
        if (table->column[c].group != NULL)
            return true;
    return false;
}
