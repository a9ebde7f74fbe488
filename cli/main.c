/* The program: finds the command, parses its options, runs it, turns its outcome into an exit code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/info.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "core/kernels/gemm.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };

static bool print_help(const struct sbmt_command *command, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    const int width = sbmt_terminal_width(stdout);
    if (command == NULL)
        sbmt_command_list(width, &text);
    else
        sbmt_command_help(command, width, &text);
    return sbmt_terminal_print(&text, err);
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* "data --help": the commands that begin with these words. False where there are none. */
static bool list_group(int count, const char *const *words, struct sbmt_str *text)
{
    return count > 1 && asks_for_help(words[count - 1]) &&
           sbmt_command_list_below(count - 1, words, sbmt_terminal_width(stdout), text);
}

static bool run_command(int count, const char *const *words, struct sbmt_arena *arena,
                        struct sbmt_error *err)
{
    int used;
    const struct sbmt_command *command = sbmt_command_find(count, words, &used, err);
    if (command == NULL)
        return false;
    void *options = sbmt_arena_zalloc(arena, 1, command->options_size);
    if (!sbmt_arena_check(arena, "command line", err))
        return false;
    sbmt_fields_defaults(command->options, options, arena);
    struct sbmt_arguments arguments;
    if (!sbmt_options_parse(command->options, options, command->name, count - used, words + used,
                            &arguments, arena, err))
        return false;
    if (arguments.help)
        return print_help(command, err);
    if (command->most_arguments >= 0 && arguments.count > command->most_arguments)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "'%.80s' is one argument too many; 'sbmt %s --help' shows the usage",
                         arguments.argument[command->most_arguments], command->name);
    const struct sbmt_call call = {.command = command,
                                   .options = options,
                                   .count = arguments.count,
                                   .arguments = arguments.argument,
                                   .arena = arena};
    return command->run(&call, err);
}

/* Without a command the list of commands is the message. */
static bool fail_empty(struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_command_list(sbmt_terminal_width(stderr), &text);
    if (!text.failed)
        fprintf(stderr, "%s\n", text.text);
    sbmt_str_finish(&text);
    return sbmt_fail(err, SBMT_ERROR_USAGE, "no command given");
}

static bool run(int count, const char *const *words, struct sbmt_arena *arena,
                struct sbmt_error *err)
{
    if (count == 0)
        return fail_empty(err);
    if (asks_for_help(words[0]))
        return print_help(NULL, err);
    if (strcmp(words[0], "--version") == 0) {
        printf("sbmt %s\n", sbmt_build());
        return true;
    }
    if (words[0][0] == '-')
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "unknown option '%.80s'; before a command there are --help and --version",
                         words[0]);
    struct sbmt_str group = {0};
    if (list_group(count, words, &group))
        return sbmt_terminal_print(&group, err);
    return run_command(count, words, arena, err);
}

/* OpenBLAS chooses its kernels while it is loaded: only a program that begins again can tell it
 * which the processor has. Where that fails, this one goes on with the slow ones. */
static void begin_again_with_better_blas(char **argv)
{
    static const char variable[] = "OPENBLAS_CORETYPE";
    const char *core = getenv(variable) == NULL ? sbmt_gemm_missed_core() : NULL;
    if (core != NULL && setenv(variable, core, 1) == 0)
        execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
    begin_again_with_better_blas(argv);
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    bool done = run(argc > 0 ? argc - 1 : 0, (const char *const *)argv + 1, &arena, &err);
    sbmt_arena_finish(&arena);
    if (!sbmt_terminal_flush(done ? &err : NULL))
        done = false;
    if (done)
        return EXIT_DONE;
    sbmt_terminal_error(&err);
    return err.kind == SBMT_ERROR_USAGE || err.kind == SBMT_ERROR_CONFIG ? EXIT_WRONG_USE
                                                                         : EXIT_FAILED;
}
