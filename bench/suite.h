/* A suite: configurations × seeds × a sweep, each combination a cell with a run of its own.
 *
 * The folder of a suite, runs/<name> unless another is given, holds
 *
 *   suite.yaml      the suite as it was understood: paths and lists written out
 *   cells.json      {suite, cells: [{name, config, task, protocol, attention, seed, file, sweep,
 *                   run}]}, the cells in their order: `config` is the fingerprint of the
 *                   effective configuration, `file` the configuration file it comes from, `sweep`
 *                   an object of the swept keys and their values, `run` the folder of the run
 *                   below this one
 *   cells/<name>/   the run of a cell, as `sbmt train` leaves one; and, where it failed for good,
 *                   failed.json {config, version, message}
 *   locks/<name>    who is at work on a cell (bench/suite_lock.h)
 *
 * A cell is finished when its result.json names its configuration, and info.json is there. Names
 * are those of the task, the configuration file, what is swept and the seed:
 * lra-listops-sbm-density_weight=0.1-s1. */
#ifndef SBMT_BENCH_SUITE_H
#define SBMT_BENCH_SUITE_H

#include "bench/experiment_config.h"
#include "bench/run.h"
#include "bench/suite_plan.h"
#include "data/digest.h"

/** One cell. Strings live in the suite's arena. */
struct sbmt_cell {
    const char *name;   /**< a word of its own in the suite */
    const char *folder; /**< of its run */
    const char *lock;   /**< its lock file */
    const char *file;   /**< the configuration file */
    const char *place;  /**< where the suite names it, as "smoke.yaml:2:11" */
    struct sbmt_experiment_config config;
    char fingerprint[SBMT_SHA256_HEX]; /**< of the effective configuration; see sbmt_suite_check */
    const struct sbmt_suite_setting *sweep; /**< the swept keys that it has */
    int sweep_count;
};

/** A suite, every cell's configuration checked. */
struct sbmt_suite {
    const char *name, *folder;
    struct sbmt_cell *cell;
    int count;
    const char *text; /**< of suite.yaml */
};

/** Loads a suite and every cell's configuration. `folder` is that of the suite; NULL: runs/<name>.
 * Fails with SBMT_ERROR_CONFIG and the place where anything is wrong with any of the cells: an
 * unknown key, an empty list, a key both set and swept, two cells that are the same. */
SBMT_MUST_CHECK bool sbmt_suite_load(struct sbmt_suite *suite, const char *path, const char *folder,
                                     struct sbmt_arena *arena, struct sbmt_error *err);

/** What there is of a cell in its folder. */
enum sbmt_cell_state {
    SBMT_CELL_NEW,      /**< nothing */
    SBMT_CELL_BEGUN,    /**< a run that can be gone on with */
    SBMT_CELL_FINISHED, /**< its result */
    SBMT_CELL_FAILED,   /**< failed.json */
};

/** "new", "begun", "finished", "failed". */
const char *sbmt_cell_state_name(enum sbmt_cell_state state);

enum sbmt_cell_state sbmt_cell_state(const struct sbmt_cell *cell);

/** The result.json of a finished cell, to be freed by sbmt_json_finish; false: it is not finished.
 */
bool sbmt_cell_result(const struct sbmt_cell *cell, struct sbmt_json *json);

/** Appends why a cell failed to `message`, which may be NULL; false: it has not failed. */
bool sbmt_cell_failure(const struct sbmt_cell *cell, struct sbmt_str *message);

/** Records that a cell failed, and forgets it again. */
SBMT_MUST_CHECK bool sbmt_cell_fail(const struct sbmt_cell *cell, const char *message,
                                    struct sbmt_error *err);
SBMT_MUST_CHECK bool sbmt_cell_forgive(const struct sbmt_cell *cell, struct sbmt_error *err);

/** SBMT_ERROR_CONFIG if a cell's folder holds a run of another configuration than the cell's. Cells
 * that have a run take over the fingerprint of its file, which may lack options that came later. A
 * file that cannot be read is left to the run, whose failure it is. */
SBMT_MUST_CHECK bool sbmt_suite_check(struct sbmt_suite *suite, struct sbmt_error *err);

/** Makes the folder of a checked suite, with suite.yaml and cells.json. */
SBMT_MUST_CHECK bool sbmt_suite_begin(const struct sbmt_suite *suite, struct sbmt_error *err);

/** suite_folder.c: the text of suite.yaml, in the arena, which is to be checked. */
const char *sbmt_suite_text(const struct sbmt_suite_plan *plan, struct sbmt_arena *arena);

#endif
