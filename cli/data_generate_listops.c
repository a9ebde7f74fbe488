/* sbmt data generate listops: the three ListOps files, by the published procedure. */
#include <inttypes.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "data/listops_generate.h"

static bool report(void *context, int64_t done, int64_t total)
{
    const bool *terminal = context;
    if (*terminal)
        fprintf(stderr, "\r%" PRId64 "/%" PRId64 " expressions\x1b[K", done, total);
    return !sbmt_interrupt_caught();
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct sbmt_listops_options *options = call->options;
    if (options->out == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out is missing: the data root to write listops/ under");
    bool terminal = sbmt_terminal_is(stderr);
    const struct sbmt_listops_progress progress = {.context = &terminal, .report = report};
    const struct sbmt_log log = sbmt_terminal_log();
    sbmt_interrupt_catch();
    const bool done = sbmt_listops_generate(options, &progress, &log, err);
    if (terminal)
        fputs("\r\x1b[K", stderr);
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
