/* sbmt data generate repeated-tokens: sequences of the synthetic task as files for other programs.
 */
#include "cli/command.h"
#include "cli/generating.h"
#include "cli/terminal.h"
#include "data/repeated_tokens_generate.h"

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct sbmt_repeated_tokens_options *options = call->options;
    if (options->out == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out is missing: the folder to write repeated-tokens/ under");
    const struct sbmt_log log = sbmt_terminal_log();
    struct sbmt_generating generating;
    const bool done = sbmt_repeated_tokens_generate(
        options, sbmt_generating_begin(&generating, "sequences"), &log, err);
    sbmt_generating_end(&generating);
    return done;
}

extern const struct sbmt_command sbmt_command_data_generate_repeated_tokens;
const struct sbmt_command sbmt_command_data_generate_repeated_tokens = {
    .group = "Data",
    .name = "data generate repeated-tokens",
    .arguments = "",
    .doc = "writes sequences of synthetic/repeated-tokens as files, for use elsewhere",
    .most_arguments = 0,
    .options = sbmt_repeated_tokens_fields,
    .options_size = sizeof(struct sbmt_repeated_tokens_options),
    .run = run,
};
