/* The parts that a summary is put together from; for bench/summary*.c. */
#ifndef SBMT_BENCH_SUMMARY_PARTS_H
#define SBMT_BENCH_SUMMARY_PARTS_H

#include "bench/grid.h"
#include "bench/measure.h"
#include "bench/summary.h"

/** A summary in the making. */
struct sbmt_summary {
    const struct sbmt_summary_plan *plan;
    const struct sbmt_ledger *ledger;
    struct sbmt_grid grid;
    int measures;
    const struct sbmt_measure **measure; /**< (measures) of each column of the grid */
    int baseline;                        /**< row of the grid; −1: none has that title */
    int columns;                         /**< grid.columns · measures, and one for the mean */
    struct sbmt_table_column *column;
    struct sbmt_table_section *section;
    int sections;
    bool tested[3]; /**< by enum sbmt_pairing_test */
    bool marked;
    bool unlearnt; /**< what would be marked has learnt nothing */
    const char **note;
    int notes;
    struct sbmt_arena *arena;
};

enum { SBMT_SUMMARY_NOTES = 256 };

/** Adds a sentence under the table. Beyond SBMT_SUMMARY_NOTES they are dropped. */
__attribute__((format(printf, 2, 3))) void sbmt_summary_note(struct sbmt_summary *summary,
                                                             const char *format, ...);

/** Rows of empty cells. NULL without memory. */
struct sbmt_table_row *sbmt_summary_rows(struct sbmt_summary *summary, int count);

/** The metric of a column of the grid. */
const char *sbmt_summary_metric(const struct sbmt_summary *summary, int column);

/** The measure is the first column of its group, the one that is ranked. −1: it is not shown. */
int sbmt_summary_score(const struct sbmt_summary *summary);

/** Fills in the rows of the ledger's runs: section 0. */
SBMT_MUST_CHECK bool sbmt_summary_fill(struct sbmt_summary *summary, struct sbmt_error *err);

/** Marks best and second best. */
SBMT_MUST_CHECK bool sbmt_summary_mark(struct sbmt_summary *summary, struct sbmt_error *err);

/** Sets the mean over columns of all rows, where there is a column for it. */
void sbmt_summary_average(struct sbmt_summary *summary);

/** The runs of some column are of this protocol. */
bool sbmt_summary_has_protocol(const struct sbmt_summary *summary, const char *name);

/** Adds the sections of published rows. */
SBMT_MUST_CHECK bool sbmt_summary_published(struct sbmt_summary *summary, struct sbmt_error *err);

/** Adds the notes about what the table's own rows say. */
void sbmt_summary_explain(struct sbmt_summary *summary);

/** Drops the columns in which no cell has a number. */
void sbmt_summary_squeeze(struct sbmt_summary *summary);

#endif
