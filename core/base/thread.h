/* A team of threads that share a list of independent tasks. The only file with threads in it.
 *
 * Which thread runs which task is not defined and must not matter: tasks write to places of their
 * own and callers combine results in a fixed order. */
#ifndef SBMT_CORE_BASE_THREAD_H
#define SBMT_CORE_BASE_THREAD_H

#include "core/base/error.h"

struct sbmt_team;

/** Runs one task. `worker` is 0 … threads−1, for per-thread scratch. */
typedef void (*sbmt_task)(void *context, int task, int worker);

/** Starts threads−1 threads (the caller is the remaining one). NULL with *err on failure. */
struct sbmt_team *sbmt_team_create(int threads, struct sbmt_error *err);

/** Ends the threads. Accepts NULL. */
void sbmt_team_destroy(struct sbmt_team *team);

/** Runs tasks 0 … count−1, handed out in this order, and returns when all are done. Does not
 * allocate. Not to be called from inside a task. */
void sbmt_team_run(struct sbmt_team *team, int count, sbmt_task task, void *context);

/** The number of processors this process may use. */
int sbmt_processor_count(void);

#endif
