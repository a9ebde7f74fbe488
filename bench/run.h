/* A run folder: config.yaml, info.json, metrics.jsonl, TensorBoard events, last.safetensors,
 * best.safetensors, result.json. */
#ifndef SBMT_BENCH_RUN_H
#define SBMT_BENCH_RUN_H

#include <limits.h>

#include "bench/experiment_config.h"
#include "bench/metrics.h"
#include "core/io/json.h"

enum { SBMT_RUN_PATH = 4096 };

/** An open run folder that no other process writes to. All zero is a valid closed one. */
struct sbmt_run {
    char folder[SBMT_RUN_PATH - 64];
    int lock; /**< descriptor of the locked folder; meaningful while `open` */
    bool open;
    struct sbmt_metrics metrics;
};

/** The name of a file in a run folder. */
void sbmt_run_path(const char *folder, const char *name, char path[SBMT_RUN_PATH]);

/** The default folder of a configuration: runs/<task with - for />-<attention>-s<seed>. */
void sbmt_run_default_folder(const struct sbmt_experiment_config *config,
                             char folder[SBMT_RUN_PATH - 64]);

/** True if there is a file of this name in the folder. */
bool sbmt_run_has(const char *folder, const char *name);

/** True if the folder holds a run. */
bool sbmt_run_exists(const char *folder);

/** SBMT_ERROR_USAGE if the folder holds a run, or files that one would write over. */
SBMT_MUST_CHECK bool sbmt_run_check_free(const char *folder, struct sbmt_error *err);

/** Makes and locks the folder of a new run. SBMT_ERROR_USAGE if it is not free or
 * another process is at work there. */
SBMT_MUST_CHECK bool sbmt_run_create(struct sbmt_run *run, const char *folder,
                                     struct sbmt_error *err);

/** Locks the folder of an existing run to go on with it. SBMT_ERROR_USAGE if there is none. */
SBMT_MUST_CHECK bool sbmt_run_resume(struct sbmt_run *run, const char *folder,
                                     struct sbmt_error *err);

/** SBMT_ERROR_USAGE, with `option` in front, where a path is that of a file that makes up the run:
 * nothing else may be written there. NULL is no path. */
SBMT_MUST_CHECK bool sbmt_run_check_apart(const char *folder, const char *path, const char *option,
                                          struct sbmt_error *err);

/** Writes a text or an object (with a line a value) as a file of the folder. */
SBMT_MUST_CHECK bool sbmt_run_write(const struct sbmt_run *run, const char *name,
                                    const struct sbmt_str *text, struct sbmt_error *err);
SBMT_MUST_CHECK bool sbmt_run_write_json(const struct sbmt_run *run, const char *name,
                                         const struct sbmt_json *json, struct sbmt_error *err);

/** The same as a file of any folder. */
SBMT_MUST_CHECK bool sbmt_run_write_json_to(const char *folder, const char *name,
                                            const struct sbmt_json *json, struct sbmt_error *err);

/** Reads an object that is a file of a folder. */
SBMT_MUST_CHECK bool sbmt_run_read_json(const char *folder, const char *name,
                                        struct sbmt_json *json, struct sbmt_error *err);

/** Closes the metrics and unlocks the folder. Accepts a zeroed struct. */
void sbmt_run_close(struct sbmt_run *run);

#endif
