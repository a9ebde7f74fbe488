/* sbmt help: the list of commands, or one command; and what is made from their tables for other
 * programs: the manual page and completion. */
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/terminal.h"

struct options {
    bool man, complete;
    int completion;
};

static const char *const shell_words[] = {[SBMT_SHELL_NONE] = "none",
                                          [SBMT_SHELL_BASH] = "bash",
                                          [SBMT_SHELL_ZSH] = "zsh",
                                          [SBMT_SHELL_FISH] = "fish",
                                          NULL};

static const struct sbmt_field fields[] = {
    SBMT_BOOL(struct options, man, false, "print the manual page sbmt(1), for man -l"),
    SBMT_CHOICE(struct options, completion, shell_words, 0,
                "print a script that completes command lines in this shell"),
    SBMT_BOOL(struct options, complete, false,
              "print what the last of the words behind -- can become, as those scripts ask"),
    SBMT_FIELDS_END,
};

static bool describe(const struct sbmt_call *call, struct sbmt_str *text, struct sbmt_error *err)
{
    const int width = sbmt_terminal_width(stdout);
    if (call->count == 0) {
        sbmt_command_list(width, text);
        return true;
    }
    if (sbmt_command_list_below(call->count, call->arguments, width, text))
        return true;
    int words;
    const struct sbmt_command *command = sbmt_command_find(call->count, call->arguments, &words,
                                                           err);
    if (command == NULL)
        return false;
    sbmt_command_help(command, width, text);
    return true;
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_str text = {0};
    if (options->man)
        sbmt_manual(&text);
    else if (options->completion != SBMT_SHELL_NONE)
        sbmt_completion_script((enum sbmt_shell)options->completion, &text);
    else if (options->complete)
        sbmt_completion_words(call->count, call->arguments, &text);
    else if (!describe(call, &text, err))
        return false;
    return (options->complete && text.length == 0) || sbmt_terminal_print(&text, err);
}

extern const struct sbmt_command sbmt_command_help_list;
const struct sbmt_command sbmt_command_help_list = {
    .group = "Program",
    .name = "help",
    .arguments = "[COMMAND]",
    .doc = "lists the commands, all or those of a group, or describes one",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
