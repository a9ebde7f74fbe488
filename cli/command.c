/* The table of commands: finding one, listing all, help for each. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_write.h"
#include "bench/info.h"
#include "cli/options.h"

#define SBMT_COMMAND(name) extern const struct sbmt_command sbmt_command_##name;
#include "cli/list.h"
#undef SBMT_COMMAND

#define SBMT_COMMAND(name) &sbmt_command_##name,
static const struct sbmt_command *const commands[] = {
#include "cli/list.h"
};
#undef SBMT_COMMAND

enum { NAME_WIDTH = 24 };

const struct sbmt_command *sbmt_command_at(int index)
{
    const int count = (int)(sizeof commands / sizeof commands[0]);
    return index >= 0 && index < count ? commands[index] : NULL;
}

static int word_count(const char *name)
{
    int count = 1;
    for (; *name != '\0'; name++)
        count += *name == ' ';
    return count;
}

/* The first words of the arguments, as many as there are up to `count`. */
static void join(char *out, size_t size, int available, const char *const *arguments, int count)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < count && i < available && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? " " : "", arguments[i]);
}

/* The command begins with these words and has more. */
static bool is_below(const struct sbmt_command *command, const char *words)
{
    const size_t length = strlen(words);
    return strncmp(command->name, words, length) == 0 && command->name[length] == ' ';
}

/* Lists the commands that begin with these words and have more; returns how many there are. */
static int list_below(const char *words, struct sbmt_str *out)
{
    int count = 0;
    for (int i = 0; sbmt_command_at(i) != NULL; i++) {
        if (!is_below(sbmt_command_at(i), words))
            continue;
        sbmt_str_printf(out, "%s'%s'", count > 0 ? ", " : "", sbmt_command_at(i)->name);
        count++;
    }
    return count;
}

/* The command nearest to the first words of the arguments, as many as it has itself; or NULL. */
static const char *find_nearest(int available, const char *const *arguments)
{
    const char *nearest = NULL;
    int distance = 0;
    for (int i = 0; sbmt_command_at(i) != NULL; i++) {
        const char *name = sbmt_command_at(i)->name;
        char words[256];
        join(words, sizeof words, available, arguments, word_count(name));
        sbmt_str_nearest(words, name, &nearest, &distance);
    }
    return nearest;
}

/* Fails for arguments that name no command: with the nearest, else with those that begin with the
 * same words. */
static void fail_unknown(int count, const char *const *arguments, struct sbmt_error *err)
{
    char words[256];
    struct sbmt_str below = {0};
    int available = 1, begun = 0, below_count = 0;
    while (available < count && arguments[available][0] != '-')
        available++;
    /* The most words that commands begin with. */
    for (int i = 1; i <= available; i++) {
        struct sbmt_str longer = {0};
        join(words, sizeof words, available, arguments, i);
        const int found = list_below(words, &longer);
        if (found > 0) {
            sbmt_str_finish(&below);
            below = longer;
            below_count = found;
            begun = i;
        }
    }
    const char *verb = below_count == 1 ? "is" : "are";
    const char *nearest = find_nearest(available, arguments);
    join(words, sizeof words, available, arguments, begun + 1);
    if (begun > 0 && begun == available)
        sbmt_fail(err, SBMT_ERROR_USAGE, "'%.80s' is not a whole command; there %s %s", words, verb,
                  below.text);
    else if (nearest != NULL)
        sbmt_fail(err, SBMT_ERROR_USAGE, "unknown command '%.160s'; did you mean '%s'?", words,
                  nearest);
    else if (begun > 0)
        sbmt_fail(err, SBMT_ERROR_USAGE, "unknown command '%.160s'; there %s %s", words, verb,
                  below.text);
    else
        sbmt_fail(err, SBMT_ERROR_USAGE, "unknown command '%.80s'; 'sbmt help' lists the commands",
                  words);
    sbmt_str_finish(&below);
}

const struct sbmt_command *sbmt_command_find(int count, const char *const *arguments, int *words,
                                             struct sbmt_error *err)
{
    const struct sbmt_command *found = NULL;
    *words = 0;
    for (int i = 0; sbmt_command_at(i) != NULL; i++) {
        const struct sbmt_command *command = sbmt_command_at(i);
        const int length = word_count(command->name);
        char given[256];
        join(given, sizeof given, count, arguments, length);
        if (length > *words && strcmp(given, command->name) == 0) {
            found = command;
            *words = length;
        }
    }
    if (found == NULL)
        fail_unknown(count, arguments, err);
    return found;
}

static void list_command(const struct sbmt_command *command, int width, struct sbmt_str *out)
{
    if (strlen(command->name) > NAME_WIDTH - 3)
        sbmt_str_printf(out, "  %s\n%*s", command->name, NAME_WIDTH, "");
    else
        sbmt_str_printf(out, "  %-*s ", NAME_WIDTH - 3, command->name);
    sbmt_config_wrap(command->doc, NAME_WIDTH, NAME_WIDTH, width, out);
}

void sbmt_command_list(int width, struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    "sbmt %s: trains and measures data-adaptive sparse attention on CPUs\n\n"
                    "usage: sbmt COMMAND [OPTION ...]\n",
                    sbmt_version());
    const char *group = "";
    for (int i = 0; sbmt_command_at(i) != NULL; i++) {
        const struct sbmt_command *command = sbmt_command_at(i);
        if (strcmp(group, command->group) != 0)
            sbmt_str_printf(out, "\n%s:\n", command->group);
        group = command->group;
        list_command(command, width, out);
    }
    sbmt_str_printf(out, "\n'sbmt COMMAND --help' describes a command.\n");
}

bool sbmt_command_list_below(int count, const char *const *words, int width, struct sbmt_str *out)
{
    char joined[256];
    bool any = false;
    join(joined, sizeof joined, count, words, count);
    for (int i = 0; sbmt_command_at(i) != NULL; i++)
        if (strcmp(sbmt_command_at(i)->name, joined) == 0)
            return false;
    for (int i = 0; sbmt_command_at(i) != NULL; i++) {
        if (!is_below(sbmt_command_at(i), joined))
            continue;
        if (!any)
            sbmt_str_printf(out, "usage: sbmt %s COMMAND [OPTION ...]\n\n", joined);
        any = true;
        list_command(sbmt_command_at(i), width, out);
    }
    if (any)
        sbmt_str_printf(out, "\n'sbmt COMMAND --help' describes a command.\n");
    return any;
}

const char *sbmt_command_remark(const char **remarks, struct sbmt_str *room)
{
    const char *words = *remarks;
    if (words == NULL || words[0] == '\0')
        return NULL;
    const size_t length = strcspn(words, "\n");
    sbmt_str_clear(room);
    sbmt_str_append(room, words, length);
    *remarks = words + length + (words[length] == '\n');
    return room->text != NULL ? room->text : "";
}

static void remarks_help(const char *remarks, int width, struct sbmt_str *out)
{
    struct sbmt_str room = {0};
    const char *paragraph;
    sbmt_str_printf(out, "\n");
    while ((paragraph = sbmt_command_remark(&remarks, &room)) != NULL)
        sbmt_config_wrap(paragraph, 0, 0, width, out);
    out->failed |= room.failed;
    sbmt_str_finish(&room);
}

void sbmt_command_help(const struct sbmt_command *command, int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "usage: sbmt %s%s%s [OPTION ...]\n\n", command->name,
                    command->arguments[0] != '\0' ? " " : "", command->arguments);
    struct sbmt_str text = {0};
    sbmt_config_sentence(command->doc, &text);
    if (text.failed)
        out->failed = true;
    else
        sbmt_config_wrap(text.text, 0, 0, width, out);
    sbmt_str_finish(&text);
    sbmt_str_printf(out, "\noptions:\n");
    sbmt_options_help(command->options, width, out);
    if (command->remarks != NULL)
        remarks_help(command->remarks, width, out);
    if (command->more_help != NULL)
        command->more_help(width, out);
}
