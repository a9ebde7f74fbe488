/* sbmt help: the list of commands, or one command. */
#include "cli/command.h"
#include "cli/terminal.h"

static const struct sbmt_field fields[] = {SBMT_FIELDS_END};

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const int width = sbmt_terminal_width(stdout);
    struct sbmt_str text = {0};
    if (call->count == 0) {
        sbmt_command_list(width, &text);
        return sbmt_terminal_print(&text, err);
    }
    int words;
    const struct sbmt_command *command = sbmt_command_find(call->count, call->arguments, &words,
                                                           err);
    if (command == NULL)
        return false;
    sbmt_command_help(command, width, &text);
    return sbmt_terminal_print(&text, err);
}

extern const struct sbmt_command sbmt_command_help_list;
const struct sbmt_command sbmt_command_help_list = {
    .group = "Program",
    .name = "help",
    .arguments = "[COMMAND]",
    .doc = "lists the commands, or describes one",
    .most_arguments = -1,
    .options = fields,
    .run = run,
};
