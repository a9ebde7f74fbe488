/* The checkpoints of a run, and what can be done where one of its files is gone or damaged. */
#ifndef SBMT_BENCH_RUN_CHECKPOINT_H
#define SBMT_BENCH_RUN_CHECKPOINT_H

#include "core/train/checkpoint.h"

/** Reads a checkpoint of a run as sbmt_checkpoint_read does. Where it is not there or damaged,
 * SBMT_ERROR_DATA says whether it ever was, and what can be done. */
SBMT_MUST_CHECK bool sbmt_run_checkpoint_read(const char *folder, const char *checkpoint,
                                              struct sbmt_params *params, bool optimiser,
                                              struct sbmt_checkpoint *state,
                                              const char *fingerprint, struct sbmt_error *err);

/** Adds to the message about a file of a run that it cannot go on without: where there is no copy,
 * the folder is to be deleted. Returns false. */
bool sbmt_run_damaged(const char *folder, struct sbmt_error *err);

#endif
