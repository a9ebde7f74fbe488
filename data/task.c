/* The tasks by name, their forms, and what tells whether a source has changed. */
#include "data/task.h"

#include <string.h>

#include "core/base/str.h"

#define SBMT_TASK(name) extern const struct sbmt_task sbmt_task_##name;
#include "data/list.h"
#undef SBMT_TASK

#define SBMT_TASK(name) &sbmt_task_##name,
static const struct sbmt_task *const tasks[] = {
#include "data/list.h"
};
#undef SBMT_TASK

const char *sbmt_split_name(enum sbmt_split split)
{
    static const char *const names[SBMT_SPLIT_COUNT] = {"train", "dev", "test"};
    return names[split];
}

const struct sbmt_task *sbmt_task_at(int index)
{
    const int count = (int)(sizeof tasks / sizeof tasks[0]);
    return index >= 0 && index < count ? tasks[index] : NULL;
}

const struct sbmt_task *sbmt_task_find(const char *name, struct sbmt_error *err)
{
    struct sbmt_str known = {0};
    const char *nearest = NULL;
    int distance = 0;
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        if (strcmp(task->name, name) == 0) {
            sbmt_str_finish(&known);
            return task;
        }
        sbmt_str_printf(&known, "%s%s", i > 0 ? ", " : "", task->name);
        sbmt_str_nearest(name, task->name, &nearest, &distance);
    }
    sbmt_fail(err, SBMT_ERROR_CONFIG, "unknown task '%.100s'%s%s%s; known tasks: %s", name,
              nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "'?" : "", known.text != NULL ? known.text : "");
    sbmt_str_finish(&known);
    return NULL;
}

const struct sbmt_form *sbmt_task_form(const struct sbmt_task *task, int protocol,
                                       struct sbmt_error *err)
{
    if (task->forms[protocol] != NULL)
        return task->forms[protocol];
    struct sbmt_str known = {0};
    for (int p = 0; p < SBMT_PROTOCOL_COUNT; p++)
        if (task->forms[p] != NULL)
            sbmt_str_printf(&known, "%s%s", known.length > 0 ? ", " : "", sbmt_protocol_words[p]);
    sbmt_fail(err, SBMT_ERROR_CONFIG, "%s has no protocol '%s'; it has: %s", task->name,
              sbmt_protocol_words[protocol], known.text != NULL ? known.text : "");
    sbmt_str_finish(&known);
    return NULL;
}

void sbmt_task_class(const struct sbmt_task *task, int class, struct sbmt_str *out)
{
    if (task->label_names != NULL)
        sbmt_str_printf(out, "%s", task->label_names[class]);
    else
        sbmt_str_printf(out, "%d", class);
}
