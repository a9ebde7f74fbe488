/* Tables as CSV: a line a cell, so that every number stands beside what it was made from. Lists
 * within a field have blanks between them. */
#include <math.h>

#include "bench/escape.h"
#include "bench/table.h"
#include "core/base/number.h"

static void begin(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, "section,protocol,row,source,group,measure,value,deviation,mark,"
                                 "unverified,test,seeds,values,configs,runs\n");
}

static void text(struct sbmt_table_writer *writer, const char *field)
{
    sbmt_escape_csv(field != NULL ? field : "", writer->out);
    sbmt_str_printf(writer->out, ",");
}

static void number(double value, struct sbmt_str *out)
{
    char digits[SBMT_NUMBER_TEXT] = "";
    if (!isnan(value))
        sbmt_number_text(value, digits);
    sbmt_str_printf(out, "%s", digits);
}

static void lists(struct sbmt_table_writer *writer, const struct sbmt_table_cell *cell)
{
    struct sbmt_str folders = {0};
    for (int i = 0; i < cell->count; i++)
        sbmt_str_printf(writer->out, "%s%d", i > 0 ? " " : "", cell->source[i].seed);
    sbmt_str_printf(writer->out, ",");
    for (int i = 0; i < cell->count; i++) {
        sbmt_str_printf(writer->out, "%s", i > 0 ? " " : "");
        number(cell->source[i].value, writer->out);
    }
    sbmt_str_printf(writer->out, ",");
    for (int i = 0; i < cell->count; i++) {
        sbmt_str_printf(writer->out, "%s%s", i > 0 ? " " : "", cell->source[i].config);
        sbmt_str_printf(&folders, "%s%s", i > 0 ? " " : "", cell->source[i].folder);
    }
    sbmt_str_printf(writer->out, ",");
    sbmt_escape_csv(folders.length > 0 ? folders.text : "", writer->out);
    writer->out->failed = writer->out->failed || folders.failed;
    sbmt_str_finish(&folders);
    sbmt_str_printf(writer->out, "\n");
}

static void cell(struct sbmt_table_writer *writer, int column)
{
    static const char *const marks[] = {[SBMT_TABLE_PLAIN] = "", "best", "second"};
    const struct sbmt_table_cell *cell = &writer->row->cell[column];
    const struct sbmt_table_column *how = &writer->table->column[column];
    if (isnan(cell->value))
        return;
    text(writer, writer->section->title);
    text(writer, sbmt_table_protocol(writer, column));
    text(writer, writer->row->label);
    text(writer, writer->row->source);
    text(writer, how->group);
    text(writer, how->measure);
    number(cell->value, writer->out);
    sbmt_str_printf(writer->out, ",");
    number(cell->has_deviation ? cell->deviation : (double)NAN, writer->out);
    sbmt_str_printf(writer->out, ",%s,%s,", marks[cell->mark], cell->unverified ? "true" : "false");
    text(writer, cell->test);
    lists(writer, cell);
}

const struct sbmt_table_format sbmt_table_csv = {.name = "csv", .begin = begin, .cell = cell};
