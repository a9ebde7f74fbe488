/* What watches the training of a run: its records, and whoever watches beside them. */
#ifndef SBMT_BENCH_EXPERIMENT_WATCH_H
#define SBMT_BENCH_EXPERIMENT_WATCH_H

#include "bench/energy.h"
#include "bench/run.h"
#include "core/train/loop.h"

/** What the observers of training share. `run`, `train` and `outer` are borrowed. */
struct sbmt_watch {
    struct sbmt_run *run;
    const struct sbmt_train_config *train;
    const struct sbmt_train_observer *outer; /**< told of everything after the records */
    struct sbmt_energy energy;
    struct sbmt_head_densities densities; /**< of the last evaluation; memory is the caller's */
};

/** The observer that writes the records; it borrows the watch. */
struct sbmt_train_observer sbmt_watch_observer(struct sbmt_watch *watch);

#endif
