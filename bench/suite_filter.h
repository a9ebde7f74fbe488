/* include and exclude: cells by the values of their effective configurations. */
#ifndef SBMT_BENCH_SUITE_FILTER_H
#define SBMT_BENCH_SUITE_FILTER_H

#include "bench/suite.h"

/** Keeps the cells that an include matches, where there are any, and no exclude does. Fails with
 * SBMT_ERROR_CONFIG for a key that no cell has, a value it cannot have, a filter that matches
 * nothing, and where no cell is left. */
SBMT_MUST_CHECK bool sbmt_suite_filter(const struct sbmt_suite_plan *plan, struct sbmt_suite *suite,
                                       struct sbmt_arena *arena, struct sbmt_error *err);

#endif
