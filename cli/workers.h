/* Worker processes over a suite, and what they report. */
#ifndef SBMT_CLI_WORKERS_H
#define SBMT_CLI_WORKERS_H

#include "bench/suite_worker.h"

/** Who watches, in the parent. */
struct sbmt_workers_watch {
    void *context;
    void (*event)(void *context, const struct sbmt_suite_event *event);
    void (*tick)(void *context); /**< now and then, also while nothing happens */
};

/** Works through a suite in `jobs` processes, forked from this one, which dies with its children
 * and they with it. Touches the locks of their cells. A process that a signal ends has its cell
 * recorded as failed; where one ends before the suite does, another takes its place. Call it before
 * threads are made. `worker` gives suite and options; its functions are not called.
 * SBMT_ERROR_INTERRUPTED when asked to stop. */
SBMT_MUST_CHECK bool sbmt_workers_run(const struct sbmt_suite_worker *worker, int jobs,
                                      const struct sbmt_workers_watch *watch,
                                      struct sbmt_error *err);

#endif
