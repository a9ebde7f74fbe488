/* Which tasks a command about data is for. */
#ifndef SBMT_CLI_DATA_CHOICE_H
#define SBMT_CLI_DATA_CHOICE_H

#include "cli/command.h"
#include "data/task.h"

/** Fails on an argument that names no task, or one that has no files, or not under the protocol. */
SBMT_MUST_CHECK bool sbmt_data_choice_check(const struct sbmt_call *call, int protocol,
                                            struct sbmt_error *err);

/** True for a task that the call names or, where it names none, one whose training files are under
 * the root. */
bool sbmt_data_choice_has(const struct sbmt_call *call, const struct sbmt_task *task,
                          const char *root, int protocol);

/** Fails with SBMT_ERROR_DATA because no task was chosen: nothing is there. */
bool sbmt_data_choice_empty(const char *root, struct sbmt_error *err);

#endif
