/* sbmt config: the effective configuration; config docs: the reference of all keys. */
#include "bench/config_write.h"
#include "bench/experiment_config.h"
#include "cli/command.h"
#include "cli/terminal.h"

static const struct sbmt_field fields[] = {SBMT_FIELDS_END};

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "CONFIG is missing: sbmt config CONFIG [KEY=VALUE ...]; 'sbmt config "
                         "--help' lists all keys");
    struct sbmt_experiment_config config;
    if (!sbmt_experiment_config_load(&config, call->arguments[0], call->arguments + 1,
                                     call->count - 1, call->arena, err))
        return false;
    sbmt_config_write(sbmt_experiment_fields, &config, &text);
    return sbmt_terminal_print(&text, err);
}

static void more_help(int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "\nkeys of a configuration file:\n  %-20s ", "extends");
    sbmt_config_wrap("another configuration file, by its path from this one's folder, whose values "
                     "these keys override",
                     23, 23, width, out);
    sbmt_config_help(sbmt_experiment_fields, width, out);
}

extern const struct sbmt_command sbmt_command_config;
const struct sbmt_command sbmt_command_config = {
    .group = "Experiments",
    .name = "config",
    .arguments = "CONFIG [KEY=VALUE ...]",
    .doc = "prints a configuration with every value, defaults included",
    .most_arguments = -1,
    .options = fields,
    .run = run,
    .more_help = more_help,
};

static bool run_docs(const struct sbmt_call *call, struct sbmt_error *err)
{
    (void)call;
    struct sbmt_str text = {0};
    sbmt_config_markdown(sbmt_experiment_fields, &text);
    return sbmt_terminal_print(&text, err);
}

extern const struct sbmt_command sbmt_command_config_docs;
const struct sbmt_command sbmt_command_config_docs = {
    .group = "Experiments",
    .name = "config docs",
    .arguments = "",
    .doc = "prints the reference of all keys as Markdown",
    .options = fields,
    .run = run_docs,
};
