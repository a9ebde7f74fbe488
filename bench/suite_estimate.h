/* How long the cells of a suite will take, by those that are finished. */
#ifndef SBMT_BENCH_SUITE_ESTIMATE_H
#define SBMT_BENCH_SUITE_ESTIMATE_H

#include "bench/suite.h"

/** How far a cell is. */
struct sbmt_cell_progress {
    bool finished, failed, running;
    int64_t step, steps; /**< of a running cell: done, and in all */
    double seconds;      /**< of a finished cell in all, of a running one so far; −1: not known */
};

/** Seconds until all cells are finished, with `jobs` of them at work at a time. A cell is taken to
 * last as long as the finished ones of its task, kind of attention and number of steps do on
 * average, else as its own steps so far say, else as an average cell. −1: nothing is known yet. */
double sbmt_suite_seconds_left(const struct sbmt_suite *suite,
                               const struct sbmt_cell_progress *progress, int jobs);

#endif
