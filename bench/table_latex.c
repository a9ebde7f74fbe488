/* Tables as LaTeX with booktabs: a part of a document, or one that compiles as it is. */
#include <math.h>

#include "bench/escape.h"
#include "bench/table.h"

static void heads(struct sbmt_table_writer *writer)
{
    const struct sbmt_table *table = writer->table;
    struct sbmt_str *out = writer->out;
    for (int c = 0; c < table->columns; c += sbmt_table_span(table, c)) {
        sbmt_str_printf(out, " & \\multicolumn{%d}{c}{", sbmt_table_span(table, c));
        if (table->column[c].group != NULL)
            sbmt_escape_latex(table->column[c].group, out);
        sbmt_str_printf(out, "}");
    }
    sbmt_str_printf(out, " \\\\\n");
    for (int c = 0; c < table->columns; c += sbmt_table_span(table, c))
        if (table->column[c].group != NULL)
            sbmt_str_printf(out, "\\cmidrule(lr){%d-%d}", c + 2, c + 1 + sbmt_table_span(table, c));
    sbmt_str_printf(out, "\n");
}

static void begin(struct sbmt_table_writer *writer)
{
    const struct sbmt_table *table = writer->table;
    struct sbmt_str *out = writer->out;
    if (writer->standalone)
        sbmt_str_printf(out, "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n"
                             "\\usepackage[T1]{fontenc}\n\\usepackage{booktabs}\n"
                             "\\usepackage{graphicx}\n\\usepackage[a4paper,landscape,"
                             "margin=15mm]{geometry}\n\\begin{document}\n");
    else
        sbmt_str_printf(out, "%% needs \\usepackage{booktabs} and \\usepackage{graphicx}\n");
    sbmt_str_printf(out, "\\begin{table}[htbp]\n\\centering\n");
    if (table->caption != NULL) {
        sbmt_str_printf(out, "\\caption{");
        sbmt_escape_latex(table->caption, out);
        sbmt_str_printf(out, "}\n");
    }
    sbmt_str_printf(out, "\\sbox0{%%\n\\begin{tabular}{l");
    for (int c = 0; c < table->columns; c++)
        sbmt_str_printf(out, "r");
    sbmt_str_printf(out, "}\n\\toprule\n");
    if (sbmt_table_has_groups(table))
        heads(writer);
    sbmt_escape_latex(table->label, out);
    for (int c = 0; c < table->columns; c++) {
        sbmt_str_printf(out, " & ");
        sbmt_escape_latex(table->column[c].title, out);
    }
    sbmt_str_printf(out, " \\\\\n");
}

static void section(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, "\\midrule\n");
    if (writer->section->title == NULL)
        return;
    sbmt_str_printf(writer->out, "\\multicolumn{%d}{l}{\\emph{", writer->table->columns + 1);
    sbmt_escape_latex(writer->section->title, writer->out);
    sbmt_str_printf(writer->out, "}} \\\\\n");
}

/* Behind the end of a row a bracket or an asterisk would belong to it. */
static void row(struct sbmt_table_writer *writer)
{
    if (writer->row->label[0] == '[' || writer->row->label[0] == '*')
        sbmt_str_printf(writer->out, "{}");
    sbmt_escape_latex(writer->row->label, writer->out);
    if (writer->row->reference > 0)
        sbmt_str_printf(writer->out, "~[%d]", writer->row->reference);
}

static void cell(struct sbmt_table_writer *writer, int column)
{
    static const char *const marks[] = {[SBMT_TABLE_PLAIN] = "{",
                                        [SBMT_TABLE_BEST] = "\\mathbf{",
                                        [SBMT_TABLE_SECOND] = "\\underline{"};
    const struct sbmt_table_cell *cell = &writer->row->cell[column];
    const struct sbmt_table_column *how = &writer->table->column[column];
    struct sbmt_str *out = writer->out;
    sbmt_str_printf(out, " &");
    if (isnan(cell->value))
        return;
    sbmt_str_printf(out, " $%s", marks[cell->mark]);
    sbmt_table_number(how, cell->value, out);
    sbmt_str_printf(out, "}");
    if (cell->has_deviation) {
        sbmt_str_printf(out, " \\pm ");
        sbmt_table_number(how, cell->deviation, out);
    }
    sbmt_str_printf(out, "%s$", cell->unverified ? "^{\\dagger}" : "");
}

static void row_end(struct sbmt_table_writer *writer)
{
    sbmt_str_printf(writer->out, " \\\\\n");
}

/* What is wider than the text is scaled down to it. */
static void end(struct sbmt_table_writer *writer)
{
    struct sbmt_str *out = writer->out;
    sbmt_str_printf(out, "\\bottomrule\n\\end{tabular}}%%\n"
                         "\\ifdim\\wd0>\\linewidth\n"
                         "\\resizebox{\\linewidth}{!}{\\usebox0}\n"
                         "\\else\n\\usebox0\n\\fi\n");
    /* The paragraph with the table ends before the next one's are set otherwise. */
    for (int i = 0; i < writer->table->notes; i++) {
        sbmt_str_printf(out, "%s\\par\\footnotesize ",
                        i == 0 ? "\\par\\medskip\n\\raggedright" : "");
        sbmt_escape_latex(writer->table->note[i], out);
        sbmt_str_printf(out, "\n");
    }
    sbmt_str_printf(out, "\\end{table}\n%s", writer->standalone ? "\\end{document}\n" : "");
}

const struct sbmt_table_format sbmt_table_latex = {
    .name = "latex",
    .begin = begin,
    .section = section,
    .row = row,
    .cell = cell,
    .row_end = row_end,
    .end = end,
};
