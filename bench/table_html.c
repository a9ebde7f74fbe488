/* Tables as HTML: whole pages, or parts of bench/page.h's. */
#include <math.h>

#include "bench/escape.h"
#include "bench/page.h"
#include "bench/table.h"

static void heads(struct sbmt_table_writer *writer)
{
    const struct sbmt_table *table = writer->table;
    sbmt_str_printf(writer->out, "<tr><td></td>");
    for (int c = 0; c < table->columns; c += sbmt_table_span(table, c)) {
        sbmt_str_printf(writer->out, "<th class=\"group\" colspan=\"%d\">",
                        sbmt_table_span(table, c));
        sbmt_escape_html(table->column[c].group != NULL ? table->column[c].group : "", writer->out);
        sbmt_str_printf(writer->out, "</th>");
    }
    sbmt_str_printf(writer->out, "</tr>\n");
}

static void begin(struct sbmt_table_writer *writer)
{
    const struct sbmt_table *table = writer->table;
    struct sbmt_str *out = writer->out;
    if (writer->standalone)
        sbmt_page_begin(table->caption != NULL ? table->caption : "sbmt", out);
    sbmt_str_printf(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"table\">\n<table class=\"sortable\">\n<thead>\n");
    if (sbmt_table_has_groups(table))
        heads(writer);
    sbmt_str_printf(out, "<tr><th scope=\"col\">");
    sbmt_escape_html(table->label, out);
    sbmt_str_printf(out, "</th>");
    for (int c = 0; c < table->columns; c++) {
        sbmt_str_printf(out, "<th scope=\"col\">");
        sbmt_escape_html(table->column[c].title, out);
        sbmt_str_printf(out, "</th>");
    }
    sbmt_str_printf(out, "</tr>\n</thead>\n");
}

static void section(struct sbmt_table_writer *writer)
{
    const bool first = writer->section == writer->table->section;
    sbmt_str_printf(writer->out, "%s<tbody>\n", first ? "" : "</tbody>\n");
    if (writer->section->title == NULL)
        return;
    sbmt_str_printf(writer->out, "<tr class=\"section\"><th colspan=\"%d\"><span>",
                    writer->table->columns + 1);
    sbmt_escape_html(writer->section->title, writer->out);
    sbmt_str_printf(writer->out, "</span></th></tr>\n");
}

static void row(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, "<tr><th scope=\"row\">");
    sbmt_escape_html(writer->row->label, writer->out);
    if (writer->row->reference > 0)
        sbmt_str_printf(writer->out, "&nbsp;[%d]", writer->row->reference);
    sbmt_str_printf(writer->out, "</th>");
}

/* What a number was made from, to be seen on a pointer's rest. */
static void sources(const struct sbmt_table_cell *cell, struct sbmt_str *out)
{
    if (cell->count == 0)
        return;
    sbmt_str_printf(out, " title=\"");
    for (int i = 0; i < cell->count; i++) {
        sbmt_str_printf(out, "%s", i > 0 ? "&#10;" : "");
        sbmt_escape_html(cell->source[i].folder, out);
        sbmt_str_printf(out, " (%.12s)", cell->source[i].config);
    }
    sbmt_str_printf(out, "\"");
}

static void cell(struct sbmt_table_writer *writer, int column)
{
    static const char *const classes[] = {[SBMT_TABLE_PLAIN] = "",
                                          [SBMT_TABLE_BEST] = " class=\"best\"",
                                          [SBMT_TABLE_SECOND] = " class=\"second\""};
    const struct sbmt_table_cell *cell = &writer->row->cell[column];
    const struct sbmt_table_column *how = &writer->table->column[column];
    struct sbmt_str *out = writer->out;
    if (isnan(cell->value)) {
        sbmt_str_printf(out, "<td></td>");
        return;
    }
    sbmt_str_printf(out, "<td%s data-value=\"%.9g\"", classes[cell->mark], cell->value);
    sources(cell, out);
    sbmt_str_printf(out, ">");
    struct sbmt_str number = {0};
    sbmt_table_number(how, cell->value, &number);
    if (number.length > 0)
        sbmt_escape_html(number.text, out);
    sbmt_str_finish(&number);
    if (cell->has_deviation) {
        sbmt_str_printf(out, " ± ");
        sbmt_table_number(how, cell->deviation, out);
    }
    sbmt_str_printf(out, "%s</td>", cell->unverified ? "†" : "");
}

static void row_end(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, "</tr>\n");
}

static void end(struct sbmt_table_writer *writer)
{
    const struct sbmt_table *table = writer->table;
    struct sbmt_str *out = writer->out;
    sbmt_str_printf(out, "%s</table>\n</div>\n", table->sections > 0 ? "</tbody>\n" : "");
    if (table->notes > 0)
        sbmt_str_printf(out, "<ul class=\"notes\">\n");
    for (int i = 0; i < table->notes; i++)
        sbmt_page_element("li", table->note[i], out);
    if (table->notes > 0)
        sbmt_str_printf(out, "</ul>\n");
    if (writer->standalone)
        sbmt_page_end(out);
}

const struct sbmt_table_format sbmt_table_html = {
    .name = "html",
    .begin = begin,
    .section = section,
    .row = row,
    .cell = cell,
    .row_end = row_end,
    .end = end,
};
