/* Which tasks a command about data is for. */
#ifndef SBMT_CLI_DATA_CHOICE_H
#define SBMT_CLI_DATA_CHOICE_H

#include "cli/command.h"
#include "data/task.h"

/** Fails on an argument that names neither a task nor a group of them ("glue"), or a task that has
 * no files, or not under the protocol. Tasks of texts have one protocol, whichever is asked for. */
SBMT_MUST_CHECK bool sbmt_data_choice_check(const struct sbmt_call *call, int protocol,
                                            struct sbmt_error *err);

/** True for a task that the call names or, where it names none or its group, one that is not apart
 * and whose training files (of texts: any files) are under the root. */
bool sbmt_data_choice_has(const struct sbmt_call *call, const struct sbmt_task *task,
                          const char *root);

/** The protocol under which a task is looked at: the one that was asked for or, where it has none
 * such, as may be in a group, its own first. */
int sbmt_data_choice_protocol(const struct sbmt_task *task, int protocol);

/** Fails with SBMT_ERROR_DATA because no task was chosen: nothing is there. */
bool sbmt_data_choice_empty(const char *root, struct sbmt_error *err);

#endif
