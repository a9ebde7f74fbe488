/* sbmt data generate listops: the three ListOps files, by the published procedure. */
#include "cli/command.h"
#include "cli/generating.h"
#include "cli/terminal.h"
#include "data/listops_generate.h"

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct sbmt_listops_options *options = call->options;
    if (options->out == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out is missing: the data root to write listops/ under");
    const struct sbmt_log log = sbmt_terminal_log();
    struct sbmt_generating generating;
    const bool done = sbmt_listops_generate(
        options, sbmt_generating_begin(&generating, "expressions"), &log, err);
    sbmt_generating_end(&generating);
    return done;
}

extern const struct sbmt_command sbmt_command_data_generate_listops;
const struct sbmt_command sbmt_command_data_generate_listops = {
    .group = "Data",
    .name = "data generate listops",
    .arguments = "",
    .doc = "writes ListOps files drawn by the published procedure of Long Range Arena",
    .most_arguments = 0,
    .options = sbmt_listops_fields,
    .options_size = sizeof(struct sbmt_listops_options),
    .run = run,
};
