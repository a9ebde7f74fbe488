/* What is wrong with the cells of a folder together: data that is missing, and what makes them hard
 * to compare: other versions of the program, other data. */
#ifndef SBMT_BENCH_SUITE_MIXED_H
#define SBMT_BENCH_SUITE_MIXED_H

#include "bench/suite.h"
#include "core/base/log.h"

/** False, and *err says what is missing, if data of a cell is not below `root`. Official files are
 * looked for, not those that a configuration names. */
SBMT_MUST_CHECK bool sbmt_cell_has_data(const struct sbmt_cell *cell, const char *root,
                                        struct sbmt_error *err);

/** Warns, once a task, of data that cells which are not finished lack. `only`: the index of the one
 * cell to be run, −1: all. */
void sbmt_suite_warn_missing(const struct sbmt_suite *suite, int only, const char *root,
                             const struct sbmt_log *log);

/** Warns if finished cells were run by another version than this one. */
void sbmt_suite_warn_version(const struct sbmt_suite *suite, const struct sbmt_log *log);

/** Warns if a finished cell learnt from other data than the first finished one of its task. True if
 * it did. */
bool sbmt_suite_warn_data(const struct sbmt_suite *suite, int cell, const struct sbmt_log *log);

#endif
