/* sbmt data prepare: makes the prepared files that training would make when it first reads a task.
 */
#include "cli/command.h"
#include "cli/data_choice.h"
#include "cli/experiment_options.h"
#include "cli/generating.h"
#include "cli/terminal.h"
#include "data/preparation.h"

struct options {
    const char *data;
    int protocol;
    bool force;
};

static const struct sbmt_field fields[] = {
    SBMT_DATA_ROW(struct options),
    SBMT_CHOICE(struct options, protocol, sbmt_protocol_words, SBMT_PROTOCOL_SBM_PAPER,
                "whose lengths, vocabularies and splits"),
    SBMT_BOOL(struct options, force, false, "make those anew that are up to date"),
    SBMT_FIELDS_END,
};

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    const char *root = sbmt_data_root(options->data);
    const struct sbmt_log log = sbmt_terminal_log();
    bool chosen = false, prepared = true;
    if (!sbmt_data_choice_check(call, options->protocol, err))
        return false;
    for (int i = 0; sbmt_task_at(i) != NULL && prepared; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        if (!sbmt_data_choice_has(call, task, root, options->protocol))
            continue;
        chosen = true;
        if (task->texts != NULL) {
            sbmt_log_write(&log, SBMT_LOG_NOTE,
                           "%s: texts become tokens whenever they are read; nothing to prepare",
                           task->name);
            continue;
        }
        struct sbmt_generating generating;
        struct sbmt_preparation preparation = {
            .task = task,
            .form = task->forms[options->protocol],
            .root = root,
            .log = &log,
            .watch = sbmt_generating_begin(&generating, "examples"),
        };
        prepared = sbmt_preparation_choose(&preparation, options->force, err) &&
                   (preparation.splits == 0 || sbmt_preparation_make(&preparation, err));
        sbmt_generating_end(&generating);
    }
    return prepared && (chosen || sbmt_data_choice_empty(root, err));
}

extern const struct sbmt_command sbmt_command_data_prepare;
const struct sbmt_command sbmt_command_data_prepare = {
    .group = "Data",
    .name = "data prepare",
    .arguments = "[TASK ...]",
    .doc = "makes the prepared files of tasks whose files are there, or of those named, as "
           "training would when it first reads them",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
