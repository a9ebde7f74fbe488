/* Which tasks a command about data is for. */
#include "cli/data_choice.h"

#include <stdio.h>
#include <string.h>

#include "core/base/str.h"

/* True if a word is the part before the slash of a task's name. */
static bool is_group_of(const char *word, const struct sbmt_task *task)
{
    const size_t length = strlen(word);
    return strncmp(task->name, word, length) == 0 && task->name[length] == '/';
}

static bool is_group(const char *word)
{
    bool is = false;
    for (int i = 0; sbmt_task_at(i) != NULL && word[0] != '\0'; i++)
        is = is || is_group_of(word, sbmt_task_at(i));
    return is;
}

/* A word without a slash may have been meant for a group. */
static bool fail_unknown(const char *word, struct sbmt_error *err)
{
    char group[64];
    const char *nearest = NULL;
    int distance = 0;
    for (int i = 0; sbmt_task_at(i) != NULL && strchr(word, '/') == NULL; i++) {
        const char *before = nearest, *name = sbmt_task_at(i)->name;
        char candidate[64];
        snprintf(candidate, sizeof candidate, "%.*s", (int)strcspn(name, "/"), name);
        sbmt_str_nearest(word, candidate, &nearest, &distance);
        if (nearest != before)
            nearest = strcpy(group, candidate);
    }
    if (nearest == NULL)
        return sbmt_task_find(word, err) != NULL;
    return sbmt_fail(err, SBMT_ERROR_CONFIG, "unknown task or group '%s'; did you mean '%s'?", word,
                     nearest);
}

int sbmt_data_choice_protocol(const struct sbmt_task *task, int protocol)
{
    for (int p = 0; task->forms[protocol] == NULL && p < SBMT_PROTOCOL_COUNT; p++)
        if (task->forms[p] != NULL)
            return p;
    return protocol;
}

static bool check_protocol(const struct sbmt_task *task, int protocol, struct sbmt_error *err)
{
    struct sbmt_error absent = {0};
    if (task->texts != NULL || sbmt_task_form(task, protocol, &absent) != NULL)
        return true;
    return sbmt_fail(err, absent.kind, "%s; add --protocol %s", absent.message,
                     sbmt_protocol_words[sbmt_data_choice_protocol(task, protocol)]);
}

bool sbmt_data_choice_check(const struct sbmt_call *call, int protocol, struct sbmt_error *err)
{
    for (int i = 0; i < call->count; i++) {
        if (is_group(call->arguments[i]))
            continue;
        const struct sbmt_task *task = sbmt_task_find(call->arguments[i], NULL);
        if (task == NULL)
            return fail_unknown(call->arguments[i], err);
        if (task->generator != NULL)
            return sbmt_fail(err, SBMT_ERROR_USAGE,
                             "%s is made as training goes on: it has no files", task->name);
        if (!check_protocol(task, protocol, err))
            return false;
    }
    return true;
}

/* Of a task of texts any file will do: there is something to say of each. */
static bool has_files(const struct sbmt_task *task, const char *root)
{
    const int last = task->texts != NULL ? SBMT_SPLIT_TEST : SBMT_SPLIT_TRAIN;
    struct sbmt_origin origin = {0};
    bool has = false;
    for (int split = 0; split <= last && !has; split++)
        has = task->source(task, root, (enum sbmt_split)split, &origin, NULL);
    return has;
}

bool sbmt_data_choice_has(const struct sbmt_call *call, const struct sbmt_task *task,
                          const char *root)
{
    if (task->generator != NULL)
        return false;
    bool grouped = call->count == 0;
    for (int i = 0; i < call->count; i++) {
        if (strcmp(call->arguments[i], task->name) == 0)
            return true;
        grouped = grouped || is_group_of(call->arguments[i], task);
    }
    return grouped && !task->apart && has_files(task, root);
}

bool sbmt_data_choice_empty(const char *root, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s: no task has its files here; 'sbmt data list' says what is looked for, "
                     "--data DIR or SBMT_DATA set the data root",
                     root);
}
