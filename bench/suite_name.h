/* Names of cells, and their folders. */
#ifndef SBMT_BENCH_SUITE_NAME_H
#define SBMT_BENCH_SUITE_NAME_H

#include "bench/suite.h"

/** A word for a folder's name from what a cell is, in the arena, which is to be checked. */
const char *sbmt_suite_cell_name(const struct sbmt_suite_plan *plan, const struct sbmt_cell *cell,
                                 struct sbmt_arena *arena);

/** Gives every cell a name of its own, and folders below that of the suite (NULL: runs/<name>). */
SBMT_MUST_CHECK bool sbmt_suite_name_folders(struct sbmt_suite *suite, const char *folder,
                                             struct sbmt_arena *arena, struct sbmt_error *err);

#endif
