/* sbmt data generate pathfinder32, 64, 128, 256 and pathx: Pathfinder pictures as files. */
#include "cli/command.h"
#include "cli/generating.h"
#include "cli/terminal.h"
#include "data/pathfinder_generate.h"

static bool run(const struct sbmt_call *call, int side, struct sbmt_error *err)
{
    const struct sbmt_pathfinder_options *options = call->options;
    if (options->out == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out is missing: the data root to write pathfinder%d/ under", side);
    const struct sbmt_log log = sbmt_terminal_log();
    struct sbmt_generating generating;
    const bool done = sbmt_pathfinder_generate(
        side, options, sbmt_generating_begin(&generating, "pictures"), &log, err);
    sbmt_generating_end(&generating);
    return done;
}

/* One command a size. */
#define PATHFINDER(word, side, text)                                                               \
    static bool run_##word(const struct sbmt_call *call, struct sbmt_error *err)                   \
    {                                                                                              \
        return run(call, side, err);                                                               \
    }                                                                                              \
    extern const struct sbmt_command sbmt_command_data_generate_##word;                            \
    const struct sbmt_command sbmt_command_data_generate_##word = {                                \
        .group = "Data",                                                                           \
        .name = "data generate " #word,                                                            \
        .arguments = "",                                                                           \
        .doc = text,                                                                               \
        .most_arguments = 0,                                                                       \
        .options = sbmt_pathfinder_fields,                                                         \
        .options_size = sizeof(struct sbmt_pathfinder_options),                                    \
        .run = run_##word,                                                                         \
    };

PATHFINDER(pathfinder32, 32, "draws Pathfinder pictures of 32 x 32 pixels")
PATHFINDER(pathfinder64, 64, "draws Pathfinder pictures of 64 x 64 pixels")
PATHFINDER(pathfinder128, 128, "draws Pathfinder pictures of 128 x 128 pixels")
PATHFINDER(pathfinder256, 256, "draws Pathfinder pictures of 256 x 256 pixels")
PATHFINDER(pathx, 128, "draws those of Path-X: pathfinder128 by another name")
