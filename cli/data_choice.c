/* Which tasks a command about data is for. */
#include "cli/data_choice.h"

#include <string.h>

bool sbmt_data_choice_check(const struct sbmt_call *call, int protocol, struct sbmt_error *err)
{
    for (int i = 0; i < call->count; i++) {
        const struct sbmt_task *task = sbmt_task_find(call->arguments[i], err);
        if (task == NULL || sbmt_task_form(task, protocol, err) == NULL)
            return false;
        if (task->generator != NULL)
            return sbmt_fail(err, SBMT_ERROR_USAGE,
                             "%s is made as training goes on: it has no files", task->name);
    }
    return true;
}

bool sbmt_data_choice_has(const struct sbmt_call *call, const struct sbmt_task *task,
                          const char *root, int protocol)
{
    if (task->generator != NULL || task->forms[protocol] == NULL)
        return false;
    for (int i = 0; i < call->count; i++)
        if (strcmp(call->arguments[i], task->name) == 0)
            return true;
    struct sbmt_origin origin;
    return call->count == 0 && task->source(task, root, SBMT_SPLIT_TRAIN, &origin, NULL);
}

bool sbmt_data_choice_empty(const char *root, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: no task has its files here; 'sbmt data list' says what is looked for, "
                     "--data DIR or SBMT_DATA set the data root",
                     root);
}
