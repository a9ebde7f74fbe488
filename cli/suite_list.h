/* A suite as text: its cells with what they will cost, and a job script. */
#ifndef SBMT_CLI_SUITE_LIST_H
#define SBMT_CLI_SUITE_LIST_H

#include "bench/experiment.h"
#include "bench/suite.h"

/** What of the command line a job needs as well. */
struct sbmt_suite_job {
    const char *suite; /**< path of the suite's file */
    const char *dir;   /**< as given; NULL: the suite's own */
    const char *data, *cpu;
    int threads;
    bool retry; /**< failed cells are run again */
};

/** Appends the command line that works on the suite: "sbmt bench run SUITE --dir DIR …". */
void sbmt_suite_command(const struct sbmt_suite_job *job, struct sbmt_str *out);

/** Prints a line a cell with its state and the predicted time and memory, and their sum; or, if
 * `as_json`, {suite, folder, cells: [{name, run, config, state, [message, why it failed,] [steps,
 * seconds, bytes]}]}. Cells that differ by their seeds alone share a prediction. */
SBMT_MUST_CHECK bool sbmt_suite_list(const struct sbmt_suite *suite,
                                     const struct sbmt_experiment_options *options, int jobs,
                                     bool as_json, struct sbmt_arena *arena,
                                     struct sbmt_error *err);

/** Prints the same object without predictions. */
SBMT_MUST_CHECK bool sbmt_suite_states(const struct sbmt_suite *suite, struct sbmt_arena *arena,
                                       struct sbmt_error *err);

/** Prints a job array for Slurm with a job for each cell that is not finished; of those that failed
 * only with job->retry. A note where all are finished; SBMT_ERROR_DATA where all that are not have
 * failed. */
SBMT_MUST_CHECK bool sbmt_suite_slurm(const struct sbmt_suite *suite,
                                      const struct sbmt_suite_job *job, struct sbmt_error *err);

#endif
