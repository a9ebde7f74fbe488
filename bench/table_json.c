/* Tables as one JSON object: the cells as a list of objects, and the notes. */
#include <math.h>

#include "bench/table.h"

static void begin(struct sbmt_table_writer *writer)
{
    writer->json = sbmt_json_make();
    sbmt_json_text(&writer->json, "caption", writer->table->caption);
    sbmt_json_begin_list(&writer->json, "cells");
}

static void sources(struct sbmt_json *json, const struct sbmt_table_cell *cell)
{
    sbmt_json_begin_list(json, "runs");
    for (int i = 0; i < cell->count; i++) {
        sbmt_json_begin(json, NULL);
        sbmt_json_text(json, "folder", cell->source[i].folder);
        sbmt_json_text(json, "config", cell->source[i].config);
        sbmt_json_number(json, "seed", cell->source[i].seed);
        sbmt_json_number(json, "value", cell->source[i].value);
        sbmt_json_end(json);
    }
    sbmt_json_end(json);
}

static void cell(struct sbmt_table_writer *writer, int column)
{
    static const char *const marks[] = {[SBMT_TABLE_PLAIN] = NULL, "best", "second"};
    const struct sbmt_table_cell *cell = &writer->row->cell[column];
    const struct sbmt_table_column *how = &writer->table->column[column];
    struct sbmt_json *json = &writer->json;
    if (isnan(cell->value))
        return;
    sbmt_json_begin(json, NULL);
    sbmt_json_text(json, "section", writer->section->title);
    sbmt_json_text(json, "protocol", sbmt_table_protocol(writer, column));
    sbmt_json_text(json, "row", writer->row->label);
    if (writer->row->source != NULL)
        sbmt_json_text(json, "source", writer->row->source);
    sbmt_json_text(json, "group", how->group);
    sbmt_json_text(json, "measure", how->measure);
    sbmt_json_number(json, "value", cell->value);
    if (cell->has_deviation)
        sbmt_json_number(json, "deviation", cell->deviation);
    if (cell->mark != SBMT_TABLE_PLAIN)
        sbmt_json_text(json, "mark", marks[cell->mark]);
    if (cell->unverified)
        sbmt_json_bool(json, "unverified", true);
    if (cell->test != NULL)
        sbmt_json_text(json, "test", cell->test);
    if (cell->count > 0)
        sources(json, cell);
    sbmt_json_end(json);
}

static void end(struct sbmt_table_writer *writer)
{
    sbmt_json_end(&writer->json);
    sbmt_json_begin_list(&writer->json, "notes");
    for (int i = 0; i < writer->table->notes; i++)
        sbmt_json_text(&writer->json, NULL, writer->table->note[i]);
    sbmt_json_end(&writer->json);
    if (!sbmt_json_print(&writer->json, true, writer->out))
        writer->out->failed = true;
    sbmt_str_printf(writer->out, "\n");
    sbmt_json_finish(&writer->json);
}

const struct sbmt_table_format sbmt_table_json = {
    .name = "json", .begin = begin, .cell = cell, .end = end};
