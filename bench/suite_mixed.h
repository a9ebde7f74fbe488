/* What makes the cells of one folder hard to compare: other versions of the program, other data. */
#ifndef SBMT_BENCH_SUITE_MIXED_H
#define SBMT_BENCH_SUITE_MIXED_H

#include "bench/suite.h"
#include "core/base/log.h"

/** Warns if finished cells were run by another version than this one. */
void sbmt_suite_warn_version(const struct sbmt_suite *suite, const struct sbmt_log *log);

/** Warns if a finished cell learnt from other data than the first finished one of its task. True if
 * it did. */
bool sbmt_suite_warn_data(const struct sbmt_suite *suite, int cell, const struct sbmt_log *log);

#endif
