/* One run folder, read. */
#ifndef SBMT_BENCH_LEDGER_RUN_H
#define SBMT_BENCH_LEDGER_RUN_H

#include "bench/ledger.h"
#include "core/io/file.h"

/** Reads the run in a folder that has a config.yaml. What `run` holds then must be finished with
 * sbmt_ledger_run_finish, also after a failure. */
SBMT_MUST_CHECK bool sbmt_ledger_run_read(struct sbmt_ledger_run *run, const char *folder,
                                          struct sbmt_arena *arena, struct sbmt_error *err);

/** Reads a table of predictions; SBMT_ERROR_DATA at the line that is none. */
SBMT_MUST_CHECK bool sbmt_ledger_answers_read(struct sbmt_ledger_answers *answers, const char *path,
                                              struct sbmt_arena *arena, struct sbmt_error *err);

/** Reads an object of a folder; one that is not there leaves `json` zeroed. SBMT_ERROR_DATA for
 * what is none. */
SBMT_MUST_CHECK bool sbmt_ledger_object_read(const char *folder, const char *name,
                                             struct sbmt_json *json, struct sbmt_error *err);

/** The object on the next whole line of metrics.jsonl, from *at on, which goes to the line behind;
 * zeroed where the line holds none, else to be finished. False past the last line. */
bool sbmt_ledger_line(const struct sbmt_mapping *file, size_t *at, struct sbmt_json *json);

/** Adds a line for each cell of a suite, as its cells.json names them, that has failed or not
 * begun; nothing where the folder is none. */
SBMT_MUST_CHECK bool sbmt_ledger_find_missed(struct sbmt_ledger *ledger, const char *suite,
                                             struct sbmt_arena *arena, struct sbmt_error *err);

/** Appends, behind "; ", the first lines about cells without a result; nothing if there are none.
 */
void sbmt_ledger_tell_missed(const struct sbmt_ledger *ledger, struct sbmt_str *out);

/** The numbers of the result are numbers, and such as their names allow: accuracies and densities
 * from 0 to 1, correlations from −1 to 1, amounts from 0 on; null stands for what was not finite.
 * SBMT_ERROR_DATA with the file, the key and the value. */
SBMT_MUST_CHECK bool sbmt_ledger_check_numbers(const struct sbmt_ledger_run *run,
                                               struct sbmt_error *err);

/** Accepts a zeroed run. */
void sbmt_ledger_run_finish(struct sbmt_ledger_run *run);

#endif
