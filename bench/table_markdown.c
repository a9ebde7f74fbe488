/* Tables as Markdown: groups stand before the titles of their columns. */
#include <math.h>

#include "bench/escape.h"
#include "bench/table.h"

static void begin(struct sbmt_table_writer *writer)
{
    const struct sbmt_table *table = writer->table;
    struct sbmt_str *out = writer->out;
    if (table->caption != NULL) {
        sbmt_escape_markdown(table->caption, out);
        sbmt_str_printf(out, "\n\n");
    }
    sbmt_str_printf(out, "| ");
    sbmt_escape_markdown(table->label, out);
    for (int c = 0; c < table->columns; c++) {
        sbmt_str_printf(out, " | ");
        if (table->column[c].group != NULL) {
            sbmt_escape_markdown(table->column[c].group, out);
            sbmt_str_printf(out, ": ");
        }
        sbmt_escape_markdown(table->column[c].title, out);
    }
    sbmt_str_printf(out, " |\n|---|");
    for (int c = 0; c < table->columns; c++)
        sbmt_str_printf(out, "---:|");
    sbmt_str_printf(out, "\n");
}

static void section(struct sbmt_table_writer *writer)
{
    if (writer->section->title == NULL)
        return;
    sbmt_str_printf(writer->out, "| *");
    sbmt_escape_markdown(writer->section->title, writer->out);
    sbmt_str_printf(writer->out, "* |");
    for (int c = 0; c < writer->table->columns; c++)
        sbmt_str_printf(writer->out, " |");
    sbmt_str_printf(writer->out, "\n");
}

static void row(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, "| ");
    sbmt_escape_markdown(writer->row->label, writer->out);
    if (writer->row->reference > 0)
        sbmt_str_printf(writer->out, " \\[%d]", writer->row->reference);
    sbmt_str_printf(writer->out, " |");
}

static void cell(struct sbmt_table_writer *writer, int column)
{
    static const char *const marks[] = {
        [SBMT_TABLE_PLAIN] = "", [SBMT_TABLE_BEST] = "**", [SBMT_TABLE_SECOND] = "_"};
    const struct sbmt_table_cell *cell = &writer->row->cell[column];
    const struct sbmt_table_column *how = &writer->table->column[column];
    struct sbmt_str *out = writer->out;
    sbmt_str_printf(out, " %s", marks[cell->mark]);
    struct sbmt_str number = {0};
    sbmt_table_number(how, cell->value, &number);
    if (number.length > 0)
        sbmt_escape_markdown(number.text, out);
    sbmt_str_finish(&number);
    if (cell->has_deviation) {
        sbmt_str_printf(out, " ± ");
        sbmt_table_number(how, cell->deviation, out);
    }
    sbmt_str_printf(out, "%s%s%s|", marks[cell->mark], cell->unverified ? "†" : "",
                    isnan(cell->value) ? "" : " ");
}

static void row_end(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, "\n");
}

static void end(struct sbmt_table_writer *writer)
{
    for (int i = 0; i < writer->table->notes; i++) {
        sbmt_str_printf(writer->out, "%s", i == 0 ? "\n" : "");
        sbmt_str_printf(writer->out, "- ");
        sbmt_escape_markdown(writer->table->note[i], writer->out);
        sbmt_str_printf(writer->out, "\n");
    }
}

const struct sbmt_table_format sbmt_table_markdown = {
    .name = "md",
    .begin = begin,
    .section = section,
    .row = row,
    .cell = cell,
    .row_end = row_end,
    .end = end,
};
