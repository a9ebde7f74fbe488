/* Working through a suite: one process, one cell after the other. Several may do so in the same
 * folder; locks keep them from each other's cells. */
#ifndef SBMT_BENCH_SUITE_WORKER_H
#define SBMT_BENCH_SUITE_WORKER_H

#include "bench/suite.h"
#include "core/base/log.h"

enum sbmt_suite_event_kind {
    SBMT_SUITE_CLAIMED,  /**< a cell begins; `text` names the owner of its lock */
    SBMT_SUITE_STEP,     /**< so far is it trained */
    SBMT_SUITE_FINISHED, /**< after so many seconds in all; `text` is the score */
    SBMT_SUITE_FAILED,   /**< `text` says why */
    SBMT_SUITE_STOPPED,  /**< asked to stop: the cell is saved */
    SBMT_SUITE_WAITS,    /**< all cells left are others', the first of them `text`'s */
    SBMT_SUITE_NOTE,     /**< a message of the engine */
    SBMT_SUITE_WARNING,
};

enum { SBMT_SUITE_TEXT = 1024 };

/** What happens, in one piece that a pipe takes whole. */
struct sbmt_suite_event {
    enum sbmt_suite_event_kind kind;
    int cell;
    int64_t step, steps; /**< so many are done, of so many */
    double seconds;
    char text[SBMT_SUITE_TEXT];
};

/** Who works; all borrowed. */
struct sbmt_suite_worker {
    const struct sbmt_suite *suite;
    int only; /**< the one cell to work on; −1: all */
    const char *data, *cpu;
    int threads;
    bool shared; /**< others work on this machine as well: its energy is not a cell's own */
    void *context;
    void (*report)(void *context, const struct sbmt_suite_event *event);
    bool (*should_stop)(void *context);
};

/** Runs cells that are neither finished nor failed until none is left, and waits for those that
 * other processes have, to take them should these give them up. A cell that fails is recorded and
 * does not end the work. False with SBMT_ERROR_INTERRUPTED when asked to stop, or where locks
 * cannot be made. */
SBMT_MUST_CHECK bool sbmt_suite_work(const struct sbmt_suite_worker *worker,
                                     struct sbmt_error *err);

#endif
