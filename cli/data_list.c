/* sbmt data list: the tasks and whether their files are there, where they need any. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/config_write.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"
#include "data/dataset.h"

struct options {
    const char *data;
};

static const struct sbmt_field fields[] = {
    SBMT_DATA_ROW(struct options),
    SBMT_FIELDS_END,
};

static void list_made(const struct sbmt_task *task, struct sbmt_str *out)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const int64_t count = task->generator->count[split];
        sbmt_str_printf(out, "  %-6s ", sbmt_split_name((enum sbmt_split)split));
        if (count == 0)
            sbmt_str_printf(out, "made as training goes on, from its seed; endless\n");
        else
            sbmt_str_printf(out, "made, %" PRId64 " examples, the same under every seed\n", count);
    }
}

static void list_files(const struct sbmt_task *task, const char *root, int width,
                       struct sbmt_str *out)
{
    struct sbmt_error absent = {0};
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        struct sbmt_origin origin = {0};
        char place[PATH_MAX + 512];
        /* One message says where the files of all splits come from. */
        struct sbmt_error *err = absent.kind == SBMT_ERROR_NONE ? &absent : NULL;
        const bool found = task->source(task, root, (enum sbmt_split)split, &origin, err);
        snprintf(place, sizeof place, "%s/%s", root, found ? origin.name : "");
        sbmt_str_printf(out, "  %-6s %s\n", sbmt_split_name((enum sbmt_split)split),
                        found ? place : "missing");
    }
    if (absent.kind == SBMT_ERROR_NONE)
        return;
    sbmt_str_printf(out, "  ");
    sbmt_config_wrap(absent.message, 2, 2, width, out);
}

static void list_task(const struct sbmt_task *task, const char *root, int width,
                      struct sbmt_str *out)
{
    sbmt_str_printf(out, "%s\n  ", task->name);
    sbmt_config_wrap(task->doc, 2, 2, width, out);
    if (task->generator != NULL)
        list_made(task, out);
    else
        list_files(task, root, width, out);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    const char *root = sbmt_data_root(options->data);
    const int width = sbmt_terminal_width(stdout);
    struct sbmt_str text = {0};
    for (int i = 0; sbmt_task_at(i) != NULL; i++)
        list_task(sbmt_task_at(i), root, width, &text);
    return sbmt_terminal_print(&text, err);
}

extern const struct sbmt_command sbmt_command_data_list;
const struct sbmt_command sbmt_command_data_list = {
    .group = "Data",
    .name = "data list",
    .arguments = "",
    .doc = "lists the tasks and where their files are, or that they are missing or not needed",
    .most_arguments = 0,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
