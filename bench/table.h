/* A table of numbers, and one renderer a format. What the table says is in its cells; a format only
 * says how that is written.
 *
 *               | group        | group        |
 *     label     | column | column| column      |
 *     section title
 *     row       | cell   | cell  | cell        |
 *     notes */
#ifndef SBMT_BENCH_TABLE_H
#define SBMT_BENCH_TABLE_H

#include <stdbool.h>

#include "core/base/str.h"
#include "core/io/json.h"

/** How the numbers of a column are written. */
enum sbmt_table_style {
    SBMT_TABLE_FIXED, /**< with `decimals` */
    SBMT_TABLE_COUNT, /**< an integer */
    SBMT_TABLE_CHANCE /**< a p-value: 0.031, <0.001 */
};

/** A column. */
struct sbmt_table_column {
    const char *group;    /**< heading over columns that follow each other; NULL: none */
    const char *title;    /**< "accuracy, %" */
    const char *measure;  /**< for programs: "accuracy" */
    const char *protocol; /**< of its runs; published rows have that of their section; NULL */
    enum sbmt_table_style style;
    int decimals;
};

enum sbmt_table_mark { SBMT_TABLE_PLAIN, SBMT_TABLE_BEST, SBMT_TABLE_SECOND };

/** What a number was made from. */
struct sbmt_table_source {
    const char *folder;
    const char *config; /**< digest of its configuration */
    int seed;
    double value; /**< its part of the number */
};

/** A cell. All zero but for `value` NAN is an empty one. */
struct sbmt_table_cell {
    double value;       /**< NAN: nothing */
    bool has_deviation; /**< of several values; `deviation` is defined */
    double deviation;
    enum sbmt_table_mark mark;
    bool unverified;  /**< of others, and not looked up in the source */
    const char *test; /**< of a p-value: which test */
    int count;        /**< sources */
    const struct sbmt_table_source *source;
};

/** A row; `cell` has one a column. */
struct sbmt_table_row {
    const char *label;
    const char *source; /**< of a published row; NULL */
    int reference;      /**< number of the note about it; 0: none */
    struct sbmt_table_cell *cell;
};

/** Rows that belong together. */
struct sbmt_table_section {
    const char *title;    /**< NULL: none */
    const char *protocol; /**< of published rows; NULL: that of each column */
    int count;
    struct sbmt_table_row *row;
};

/** The whole. Everything is the arena's that it was made with. */
struct sbmt_table {
    const char *caption;
    const char *label; /**< title of the column of labels */
    int columns, sections, notes;
    const struct sbmt_table_column *column;
    const struct sbmt_table_section *section;
    const char *const *note; /**< whole sentences */
};

/** A table being written. */
struct sbmt_table_writer {
    const struct sbmt_table *table;
    const struct sbmt_table_section *section;
    const struct sbmt_table_row *row;
    bool standalone;       /**< a whole document, not a part of one */
    struct sbmt_json json; /**< for formats that are made of one */
    struct sbmt_str *out;
};

/** A format: what is written at each point; what is NULL writes nothing. */
struct sbmt_table_format {
    const char *name;
    void (*begin)(struct sbmt_table_writer *writer);
    void (*section)(struct sbmt_table_writer *writer);
    void (*row)(struct sbmt_table_writer *writer);
    void (*cell)(struct sbmt_table_writer *writer, int column);
    void (*row_end)(struct sbmt_table_writer *writer);
    void (*end)(struct sbmt_table_writer *writer);
};

/** "md", "latex", "csv", "json", "html"; then NULL. */
extern const char *const sbmt_table_format_words[];

/** Appends a table in the format of that index. `standalone` makes a document of a LaTeX table and
 * a page of an HTML table. Memory failure is sticky in `out`. */
void sbmt_table_write(const struct sbmt_table *table, int format, bool standalone,
                      struct sbmt_str *out);

/** Appends the number of a cell without its deviation and marks; nothing for an empty one. */
void sbmt_table_number(const struct sbmt_table_column *column, double value, struct sbmt_str *out);

/** The protocol of a cell of the section that is being written; NULL: none. */
const char *sbmt_table_protocol(const struct sbmt_table_writer *writer, int column);

/** The number of columns from `column` on that stand under the same group. */
int sbmt_table_span(const struct sbmt_table *table, int column);

/** Some column has a group. */
bool sbmt_table_has_groups(const struct sbmt_table *table);

extern const struct sbmt_table_format sbmt_table_markdown, sbmt_table_latex, sbmt_table_csv,
    sbmt_table_json, sbmt_table_html;

#endif
