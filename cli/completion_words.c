/* What the last word of a command line can become. */
#include <string.h>

#include "bench/config_visit.h"
#include "bench/experiment_config.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/options.h"
#include "data/task.h"

/* The word being completed, and where its candidates go. */
struct search {
    const char *word;
    bool evaluation; /* only keys that matter in evaluation alone */
    struct sbmt_str *out;
};

/* Adds before + word + after if it begins as the word being completed does. */
static void add(const struct search *search, const char *before, const char *word,
                const char *after, const char *meaning)
{
    struct sbmt_str whole = {0};
    sbmt_str_printf(&whole, "%s%s%s", before, word, after);
    if (whole.failed)
        search->out->failed = true;
    else if (strncmp(whole.text, search->word, strlen(search->word)) == 0)
        sbmt_str_printf(search->out, "%s%s%s\n", whole.text, meaning[0] != '\0' ? "\t" : "",
                        meaning);
    sbmt_str_finish(&whole);
}

static void add_tasks(const struct search *search, const char *before)
{
    for (int i = 0; sbmt_task_at(i) != NULL; i++)
        add(search, before, sbmt_task_at(i)->name, "", sbmt_task_at(i)->doc);
}

/* The values of an option, behind `before`. */
static void add_values(const struct search *search, const char *before,
                       const struct sbmt_field *field)
{
    static const char *const truths[] = {"false", "true", NULL};
    const char *const *words = field->type == SBMT_FIELD_CHOICE ? field->choices
                               : field->type == SBMT_FIELD_BOOL ? truths
                                                                : NULL;
    for (; words != NULL && *words != NULL; words++)
        add(search, before, *words, "", "");
    for (int i = 0; field->type == SBMT_FIELD_VARIANT && field->variant_at(i) != NULL; i++)
        add(search, before, field->variant_at(i)->name, "", field->variant_at(i)->doc);
    if (field->type == SBMT_FIELD_STRING && strcmp(field->key, "task") == 0)
        add_tasks(search, before);
}

/* The key, or its values once it is there. A key that several kinds have comes once. */
static void add_key(void *context, const struct sbmt_config_place *place)
{
    const struct search *search = context;
    const size_t length = strlen(place->key);
    struct sbmt_str begun = {0};
    if (search->evaluation && !place->field->evaluation)
        return;
    sbmt_str_printf(&begun, "\n%s=\t", place->key);
    const bool there = search->out->text != NULL && begun.text != NULL &&
                       strstr(search->out->text, begun.text) != NULL;
    sbmt_str_clear(&begun);
    sbmt_str_printf(&begun, "%s=", place->key);
    if (begun.failed)
        search->out->failed = true;
    else if (strncmp(search->word, place->key, length) == 0 && search->word[length] == '=')
        add_values(search, begun.text, place->field);
    else if (!there)
        add(search, "", place->key, "=", place->field->doc);
    sbmt_str_finish(&begun);
}

/* ":file" or ":folder" for options whose values are names of those. */
static void add_names(const struct search *search, const char *placeholder)
{
    if (strcmp(placeholder, "FILE") == 0)
        sbmt_str_printf(search->out, ":file\n");
    else if (strcmp(placeholder, "DIR") == 0)
        sbmt_str_printf(search->out, ":folder\n");
}

static void add_option_values(const struct search *search, const char *before,
                              const struct sbmt_field *field)
{
    struct sbmt_str placeholder = {0};
    add_values(search, before, field);
    sbmt_option_placeholder(field, &placeholder);
    if (placeholder.text != NULL && before[0] == '\0')
        add_names(search, placeholder.text);
    sbmt_str_finish(&placeholder);
}

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

static void add_options(const struct search *search, const struct sbmt_command *command)
{
    const struct sbmt_field *named = find_option(command, search->word);
    const char *equals = strchr(search->word, '=');
    if (named != NULL && equals != NULL) {
        struct sbmt_str before = {0};
        sbmt_str_append(&before, search->word, (size_t)(equals - search->word) + 1);
        if (!before.failed)
            add_option_values(search, before.text, named);
        sbmt_str_finish(&before);
        return;
    }
    for (const struct sbmt_field *field = command->options; field->type != SBMT_FIELD_END;
         field++) {
        char name[SBMT_OPTION_NAME];
        sbmt_option_name(field, name);
        add(search, "", name, "", field->doc);
    }
    add(search, "", "--help", "", "describes the command");
}

/* The words of "[a|b]". */
static void add_alternatives(const struct search *search, const char *usage)
{
    while (*usage != '\0') {
        const size_t length = strspn(usage, "abcdefghijklmnopqrstuvwxyz-");
        struct sbmt_str word = {0};
        sbmt_str_append(&word, usage, length);
        if (length > 0 && !word.failed)
            add(search, "", word.text, "", "");
        sbmt_str_finish(&word);
        usage += length + (usage[length] != '\0');
    }
}

/* The next words of commands that begin with some words. */
static void add_commands(const struct search *search, int count, const char *const *words)
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
            add(search, "", word.text, "", next[length] == '\0' ? command->doc : "");
        sbmt_str_finish(&word);
        last = next;
        last_length = length;
    }
    sbmt_str_finish(&before);
}

/* What the usage of a command says that its arguments are. */
static void add_arguments(struct search *search, const struct sbmt_command *command, int given,
                          const char *const *words)
{
    const char *usage = command->arguments;
    const bool of_run = strncmp(usage, "RUN", 3) == 0, first = given == 0;
    if (of_run && first)
        sbmt_str_printf(search->out, ":folder\n");
    if ((strncmp(usage, "CONFIG", 6) == 0 && first) || strstr(usage, "FILE") != NULL)
        sbmt_str_printf(search->out, ":file\n");
    search->evaluation = of_run;
    if (strstr(usage, "KEY=VALUE") != NULL && (!first || usage[0] == '['))
        sbmt_config_visit(sbmt_experiment_fields, add_key, search);
    if (strstr(usage, "TASK") != NULL)
        add_tasks(search, "");
    if (strstr(usage, "COMMAND") != NULL)
        add_commands(search, given, words);
    if (first)
        add_alternatives(search, usage);
}

void sbmt_completion_words(int count, const char *const *words, struct sbmt_str *out)
{
    struct search search = {.word = count > 0 ? words[count - 1] : "", .out = out};
    const int before = count > 0 ? count - 1 : 0;
    int used = 0;
    const struct sbmt_command *command = sbmt_command_find(before, words, &used, NULL);
    add_commands(&search, before, words);
    if (command == NULL) {
        if (before == 0 && search.word[0] == '-') {
            add(&search, "", "--help", "", "lists the commands");
            add(&search, "", "--version", "", "prints the version");
        }
        return;
    }
    int arguments = 0, first = before;
    for (int i = used; i < before; i++) {
        const struct sbmt_field *option = find_option(command, words[i]);
        if (option != NULL && strchr(words[i], '=') == NULL && i + 1 == before) {
            add_option_values(&search, "", option);
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
