/* What the last word of a command line can become. */
#include <string.h>

#include "cli/command.h"
#include "cli/completion.h"
#include "cli/completion_values.h"
#include "cli/options.h"

/* The option that a word names, if it takes a value. */
static const struct sbmt_field *find_option(const struct sbmt_command *command, const char *word)
{
    for (const struct sbmt_field *field = command->options; field->type != SBMT_FIELD_END;
         field++) {
        char name[SBMT_OPTION_NAME];
        sbmt_option_name(field, name);
        const size_t length = strlen(name);
        if (field->type != SBMT_FIELD_BOOL && strncmp(word, name, length) == 0 &&
            (word[length] == '\0' || word[length] == '='))
            return field;
    }
    return NULL;
}

static void add_options(const struct sbmt_search *search, const struct sbmt_command *command)
{
    const struct sbmt_field *named = find_option(command, search->word);
    const char *equals = strchr(search->word, '=');
    if (named != NULL && equals != NULL) {
        struct sbmt_str before = {0};
        sbmt_str_append(&before, search->word, (size_t)(equals - search->word) + 1);
        if (!before.failed)
            sbmt_search_add_option(search, before.text, named);
        sbmt_str_finish(&before);
        return;
    }
    for (const struct sbmt_field *field = command->options; field->type != SBMT_FIELD_END;
         field++) {
        char name[SBMT_OPTION_NAME];
        sbmt_option_name(field, name);
        sbmt_search_add(search, "", name, "", field->doc);
    }
    sbmt_search_add(search, "", "--help", "", "describes the command");
}

/* The words of "[a|b]". */
static void add_alternatives(const struct sbmt_search *search, const char *usage)
{
    while (*usage != '\0') {
        const size_t length = strspn(usage, "abcdefghijklmnopqrstuvwxyz-");
        struct sbmt_str word = {0};
        sbmt_str_append(&word, usage, length);
        if (length > 0 && !word.failed)
            sbmt_search_add(search, "", word.text, "", "");
        sbmt_str_finish(&word);
        usage += length + (usage[length] != '\0');
    }
}

/* The next words of commands that begin with some words. */
static void add_commands(const struct sbmt_search *search, int count, const char *const *words)
{
    struct sbmt_str before = {0};
    const char *last = "";
    size_t last_length = 0;
    for (int i = 0; i < count; i++)
        sbmt_str_printf(&before, "%s ", words[i]);
    const char *begun = before.text != NULL ? before.text : "";
    for (int i = 0; sbmt_command_at(i) != NULL && !before.failed; i++) {
        const struct sbmt_command *command = sbmt_command_at(i);
        if (strncmp(command->name, begun, strlen(begun)) != 0)
            continue;
        const char *next = command->name + strlen(begun);
        const size_t length = strcspn(next, " ");
        if (length == 0 || (length == last_length && strncmp(next, last, length) == 0))
            continue;
        struct sbmt_str word = {0};
        sbmt_str_append(&word, next, length);
        if (!word.failed)
            sbmt_search_add(search, "", word.text, "", next[length] == '\0' ? command->doc : "");
        sbmt_str_finish(&word);
        last = next;
        last_length = length;
    }
    sbmt_str_finish(&before);
}

/* Files and folders that the usage of a command names. */
static void add_named(const struct sbmt_search *search, const char *usage, bool first)
{
    static const struct {
        const char *word;
        bool folders, first; /* the first argument alone */
    } names[] = {{"RUN", true, true},
                 {"CONFIG", false, true},
                 {"SUITE", false, true},
                 {"DIR ...", true, false},
                 {"FILE", false, false}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strstr(usage, names[i].word) != NULL && (first || !names[i].first))
            sbmt_search_add_names(search, "", names[i].folders);
}

/* What the usage of a command says that its arguments are. */
static void add_arguments(const struct sbmt_search *search, const struct sbmt_command *command,
                          int given, const char *const *words)
{
    const char *usage = command->arguments;
    const bool first = given == 0;
    if (command->most_arguments >= 0 && given >= command->most_arguments)
        return;
    add_named(search, usage, first);
    if (strstr(usage, "KEY=VALUE") != NULL && (!first || usage[0] == '['))
        sbmt_search_add_keys(search, command->takes_key);
    if (strstr(usage, "TASK") != NULL)
        sbmt_search_add_choices(search);
    if (strstr(usage, "COMMAND") != NULL)
        add_commands(search, given, words);
    if (first)
        add_alternatives(search, usage);
}

void sbmt_completion_words(int count, const char *const *words, struct sbmt_str *out)
{
    const struct sbmt_search search = {.word = count > 0 ? words[count - 1] : "", .out = out};
    const int before = count > 0 ? count - 1 : 0;
    int used = 0;
    const struct sbmt_command *command = sbmt_command_find(before, words, &used, NULL);
    add_commands(&search, before, words);
    if (command == NULL) {
        if (before == 0 && search.word[0] == '-') {
            sbmt_search_add(&search, "", "--help", "", "lists the commands");
            sbmt_search_add(&search, "", "--version", "", "prints the version");
        }
        return;
    }
    int arguments = 0, first = before;
    for (int i = used; i < before; i++) {
        const struct sbmt_field *option = find_option(command, words[i]);
        if (option != NULL && strchr(words[i], '=') == NULL && i + 1 == before) {
            sbmt_search_add_option(&search, "", option);
            return;
        }
        if (option != NULL && strchr(words[i], '=') == NULL)
            i++;
        else if (words[i][0] != '-') {
            first = arguments == 0 ? i : first;
            arguments++;
        }
    }
    if (search.word[0] == '-')
        add_options(&search, command);
    else
        add_arguments(&search, command, arguments, words + first);
}
