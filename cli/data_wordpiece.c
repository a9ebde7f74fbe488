/* sbmt data wordpiece: a new WordPiece vocabulary from text. */
#include "cli/command.h"
#include "cli/terminal.h"
#include "data/lines.h"
#include "data/wordpiece_train.h"

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct sbmt_wordpiece_options *options = call->options;
    if (options->vocab == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "--vocab is missing: the file to write");
    static const char *const input[] = {SBMT_LINES_STANDARD_INPUT};
    const struct sbmt_log log = sbmt_terminal_log();
    return sbmt_wordpiece_train(options, call->count > 0 ? call->arguments : input,
                                call->count > 0 ? call->count : 1, &log, err);
}

extern const struct sbmt_command sbmt_command_data_wordpiece;
const struct sbmt_command sbmt_command_data_wordpiece = {
    .group = "Data",
    .name = "data wordpiece",
    .arguments = "[FILE ...]",
    .doc = "learns a WordPiece vocabulary of BERT's form from the lines of files or standard input",
    .most_arguments = -1,
    .options = sbmt_wordpiece_fields,
    .options_size = sizeof(struct sbmt_wordpiece_options),
    .run = run,
};
