/* Finished runs sorted into the rows and columns of a table: in a cell stand runs that differ in
 * their seeds alone. */
#ifndef SBMT_BENCH_GRID_H
#define SBMT_BENCH_GRID_H

#include "bench/pairing.h"

/** A column: runs of one task and protocol, as far as rows and columns tell them apart. */
struct sbmt_grid_column {
    const char *title;
    const char *task; /**< of its first run */
    int protocol;     /**< of all its runs */
    const struct sbmt_ledger_run *first;
};

struct sbmt_grid {
    int rows, columns;
    const char **row; /**< (rows) titles */
    struct sbmt_grid_column *column;
    struct sbmt_pairing_set *cell; /**< (rows, columns) */
};

/** Sorts runs by what `rows` and `columns` name: a list of "attention", "task", "protocol", "seed",
 * "run" (the folder) or keys of configurations ("model.attention.clusters"), with commas between.
 * Rows come in the order of the ledger. Fails with SBMT_ERROR_USAGE for a key that no run has. */
SBMT_MUST_CHECK bool sbmt_grid_make(struct sbmt_grid *grid, const struct sbmt_ledger *ledger,
                                    const char *rows, const char *columns, struct sbmt_arena *arena,
                                    struct sbmt_error *err);

/** The runs of a cell are seeds of one thing. SBMT_ERROR_USAGE for two of a cell with one seed,
 * and, unless `mixed`, for two whose configurations differ otherwise; the message names both and
 * how to tell them apart. */
SBMT_MUST_CHECK bool sbmt_grid_check(const struct sbmt_grid *grid, bool mixed,
                                     struct sbmt_error *err);

/** The title that each run of the ledger has by some keys, as sbmt_grid_make gives them; `option`
 * is named in messages. NULL with SBMT_ERROR_USAGE for a key that no run has. */
const char *const *sbmt_grid_titles(const struct sbmt_ledger *ledger, const char *option,
                                    const char *keys, struct sbmt_arena *arena,
                                    struct sbmt_error *err);

/** The runs of a row and column. */
const struct sbmt_pairing_set *sbmt_grid_cell(const struct sbmt_grid *grid, int row, int column);

#endif
