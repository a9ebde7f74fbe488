/* The pairs that heads attend along, as files for other programs. */
#include "bench/graph_files.h"

#include "bench/escape.h"
#include "core/io/file.h"

enum { FLUSH = 1 << 16 };

/* A file being written, text by text. */
struct sheet {
    struct sbmt_writer writer;
    struct sbmt_str text;
    const struct sbmt_inspection *inspection;
    const struct sbmt_examined *examined;
    bool pairs; /* of sequences */
};

static bool flush(struct sheet *sheet, size_t least, struct sbmt_error *err)
{
    if (sheet->text.failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", sheet->writer.path);
    if (sheet->text.length < least || sheet->text.length == 0)
        return true;
    const bool written = sbmt_writer_write(&sheet->writer, sheet->text.text, sheet->text.length,
                                           err);
    sbmt_str_clear(&sheet->text);
    return written;
}

/* Writes all pairs of all heads, each by `put`. */
static bool put_heads(struct sheet *sheet, struct sbmt_head_walk walk,
                      void (*put)(struct sheet *sheet, const struct sbmt_head_walk *walk,
                                  const struct sbmt_pairs *pairs, int64_t e),
                      struct sbmt_error *err)
{
    struct sbmt_pairs pairs;
    while (sbmt_head_next(&walk, &pairs))
        for (int64_t e = 0; e < pairs.count; e++) {
            put(sheet, &walk, &pairs, e);
            if (!flush(sheet, FLUSH, err))
                return false;
        }
    return true;
}

static void put_line(struct sheet *sheet, const struct sbmt_head_walk *walk,
                     const struct sbmt_pairs *pairs, int64_t e)
{
    int query, key;
    sbmt_pairs_at(pairs, e, &query, &key);
    if (sheet->pairs)
        sbmt_str_printf(&sheet->text, "%d\t", walk->segment);
    sbmt_str_printf(&sheet->text, "%d\t%d\t%d\t%d\t%.9g", walk->layer, walk->head, query, key,
                    (double)pairs->weight[e]);
    if (pairs->probability != NULL)
        sbmt_str_printf(&sheet->text, "\t%.9g", (double)pairs->probability[e]);
    sbmt_str_printf(&sheet->text, "\n");
}

static bool write_table(struct sheet *sheet, struct sbmt_head_walk walk, struct sbmt_error *err)
{
    struct sbmt_pairs pairs = {0};
    struct sbmt_head_walk first = walk;
    sbmt_head_next(&first, &pairs);
    sbmt_str_printf(&sheet->text, "%slayer\thead\tquery\tkey\tweight%s\n",
                    sheet->pairs ? "sequence\t" : "",
                    pairs.probability != NULL ? "\tprobability" : "");
    return put_heads(sheet, walk, put_line, err);
}

static void put_name(struct sheet *sheet, int segment, int row)
{
    if (sheet->pairs)
        sbmt_str_printf(&sheet->text, "s%d", segment);
    sbmt_str_printf(&sheet->text, "n%d", row);
}

static void put_edge(struct sheet *sheet, const struct sbmt_head_walk *walk,
                     const struct sbmt_pairs *pairs, int64_t e)
{
    int query, key;
    sbmt_pairs_at(pairs, e, &query, &key);
    sbmt_str_printf(&sheet->text, "<edge source=\"");
    put_name(sheet, walk->segment, query);
    sbmt_str_printf(&sheet->text, "\" target=\"");
    put_name(sheet, walk->segment, key);
    sbmt_str_printf(&sheet->text,
                    "\"><data key=\"layer\">%d</data><data key=\"head\">%d</data>"
                    "<data key=\"weight\">%.9g</data>",
                    walk->layer, walk->head, (double)pairs->weight[e]);
    if (pairs->probability != NULL)
        sbmt_str_printf(&sheet->text, "<data key=\"probability\">%.9g</data>",
                        (double)pairs->probability[e]);
    sbmt_str_printf(&sheet->text, "</edge>\n");
}

static void put_nodes(struct sheet *sheet)
{
    struct sbmt_str token = {0};
    for (int s = 0; s < sheet->examined->batch.segments; s++)
        for (int row = 0; row < sbmt_examined_rows(sheet->inspection, sheet->examined, s); row++) {
            sbmt_str_clear(&token);
            sbmt_examined_token(sheet->inspection, sheet->examined, s, row, &token);
            sbmt_str_printf(&sheet->text, "<node id=\"");
            put_name(sheet, s, row);
            sbmt_str_printf(&sheet->text, "\"><data key=\"text\">");
            sbmt_escape_html(token.text != NULL ? token.text : "", &sheet->text);
            sbmt_str_printf(&sheet->text, "</data></node>\n");
            sheet->text.failed |= token.failed;
        }
    sbmt_str_finish(&token);
}

static bool write_graphml(struct sheet *sheet, struct sbmt_head_walk walk, struct sbmt_error *err)
{
    static const char *const keys[][3] = {{"text", "node", "string"},
                                          {"layer", "edge", "int"},
                                          {"head", "edge", "int"},
                                          {"weight", "edge", "double"},
                                          {"probability", "edge", "double"}};
    sbmt_str_printf(&sheet->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                  "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        sbmt_str_printf(&sheet->text,
                        "<key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
                        keys[i][0], keys[i][1], keys[i][0], keys[i][2]);
    sbmt_str_printf(&sheet->text, "<graph id=\"attention\" edgedefault=\"directed\">\n");
    put_nodes(sheet);
    if (!put_heads(sheet, walk, put_edge, err))
        return false;
    sbmt_str_printf(&sheet->text, "</graph>\n</graphml>\n");
    return true;
}

bool sbmt_graph_fail_none(const char *what, const struct sbmt_inspection *inspection,
                          struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "%s: attention '%s' does not show the pairs it attends along; those are known "
                     "of sbm, of softmax, and of kinds with a fixed pattern",
                     what, sbmt_attention_name(inspection->experiment.config));
}

static bool
write_sheet(const char *path, const char *option, const struct sbmt_inspection *inspection,
            const struct sbmt_examined *examined, int layer, int head,
            bool (*write)(struct sheet *sheet, struct sbmt_head_walk walk, struct sbmt_error *err),
            struct sbmt_error *err)
{
    struct sheet sheet = {
        .inspection = inspection, .examined = examined, .pairs = examined->batch.segments == 2};
    const struct sbmt_head_walk walk = sbmt_examined_heads(inspection, examined, layer, head);
    struct sbmt_head_walk any = walk;
    struct sbmt_pairs pairs;
    if (!sbmt_head_next(&any, &pairs))
        return sbmt_graph_fail_none(option, inspection, err);
    const bool written = sbmt_writer_open(&sheet.writer, path, err) && write(&sheet, walk, err) &&
                         flush(&sheet, 0, err) && sbmt_writer_commit(&sheet.writer, err);
    sbmt_writer_abandon(&sheet.writer);
    sbmt_str_finish(&sheet.text);
    return written;
}

bool sbmt_graph_write_table(const char *path, const struct sbmt_inspection *inspection,
                            const struct sbmt_examined *examined, int layer, int head,
                            struct sbmt_error *err)
{
    return write_sheet(path, "--edges", inspection, examined, layer, head, write_table, err);
}

bool sbmt_graph_write_graphml(const char *path, const struct sbmt_inspection *inspection,
                              const struct sbmt_examined *examined, int layer, int head,
                              struct sbmt_error *err)
{
    return write_sheet(path, "--graphml", inspection, examined, layer, head, write_graphml, err);
}
