/* How a suite goes, on stderr: a bar that is repainted on a terminal, plain lines elsewhere. */
#ifndef SBMT_CLI_SUITE_PROGRESS_H
#define SBMT_CLI_SUITE_PROGRESS_H

#include "bench/suite_estimate.h"
#include "bench/suite_worker.h"

struct sbmt_suite_progress {
    const struct sbmt_suite *suite;
    struct sbmt_cell_progress *cell; /**< one a cell, in the arena */
    double *begun;                   /**< when a cell began here, by the monotonic clock */
    int64_t *first;                  /**< the step it began at */
    int jobs, last;                  /**< the cell heard of last; −1: none */
    bool terminal, painted, warned;
    double shown;
    struct sbmt_str seen; /**< messages shown */
};

/** Begins with what is in the folder. */
SBMT_MUST_CHECK bool sbmt_suite_progress_start(struct sbmt_suite_progress *progress,
                                               const struct sbmt_suite *suite, int jobs,
                                               struct sbmt_arena *arena, struct sbmt_error *err);

/** After an event, and now and then. */
void sbmt_suite_progress_event(struct sbmt_suite_progress *progress,
                               const struct sbmt_suite_event *event);
void sbmt_suite_progress_tick(struct sbmt_suite_progress *progress);

/** Takes the bar away and frees what is not the arena's. */
void sbmt_suite_progress_end(struct sbmt_suite_progress *progress);

/** Looks into the folder again: what others have finished counts. */
void sbmt_suite_progress_refresh(struct sbmt_suite_progress *progress);

/** How many cells are finished. */
int sbmt_suite_progress_finished(const struct sbmt_suite_progress *progress);

#endif
