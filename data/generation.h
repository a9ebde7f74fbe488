/* Making the three files of a task by a generator: under temporary names, watched, and appearing
 * when all are complete. */
#ifndef SBMT_DATA_GENERATION_H
#define SBMT_DATA_GENERATION_H

#include <limits.h>

#include "core/io/file.h"
#include "data/dataset.h"

/** Who watches; `report` may be NULL. It is called about once per hundred examples and at the end
 * of every split, with a total of 0 where none is known; false stops with SBMT_ERROR_INTERRUPTED
 * and no file is made. */
struct sbmt_generation_watch {
    void *context;
    bool (*report)(void *context, int64_t done, int64_t total);
};

/** Files being made. All zero is a valid abandoned one. */
struct sbmt_generation {
    char folder[PATH_MAX];
    const char *unit;                          /**< "expressions": what is counted, for messages */
    const struct sbmt_generation_watch *watch; /**< may be NULL */
    int64_t done, total;                       /**< examples */
    struct sbmt_writer writer[SBMT_SPLIT_COUNT];
};

/** Makes <out>/<name> and begins `files` in it; unit, watch and total are set already. A file that
 * exists, plain or .gz, is SBMT_ERROR_USAGE unless `force`. */
SBMT_MUST_CHECK bool sbmt_generation_open(struct sbmt_generation *generation, const char *out,
                                          const char *name,
                                          const char *const files[SBMT_SPLIT_COUNT], bool force,
                                          struct sbmt_error *err);

/** Tells the watcher how far it is. */
SBMT_MUST_CHECK bool sbmt_generation_report(const struct sbmt_generation *generation,
                                            struct sbmt_error *err);

/** Counts an example, and tells the watcher now and then. */
SBMT_MUST_CHECK bool sbmt_generation_count(struct sbmt_generation *generation,
                                           struct sbmt_error *err);

/** Makes the files appear, all or none, but for the moment between renamings that
 * sbmt_writer_commit_all has: killed in it under `force`, the first files are new and the others
 * old. Generating again puts that right. */
SBMT_MUST_CHECK bool sbmt_generation_commit(struct sbmt_generation *generation,
                                            struct sbmt_error *err);

/** Removes what has not appeared. Accepts a zeroed one, and one that is committed. */
void sbmt_generation_abandon(struct sbmt_generation *generation);

#endif
