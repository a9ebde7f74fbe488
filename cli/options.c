/* Options of commands. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_value.h"
#include "bench/config_write.h"

enum { NAME_SIZE = SBMT_OPTION_NAME, HELP_COLUMN = 27 };

void sbmt_option_name(const struct sbmt_field *field, char name[SBMT_OPTION_NAME])
{
    snprintf(name, NAME_SIZE, "--%s", field->key);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
}

void sbmt_option_argument(const struct sbmt_field *field, struct sbmt_str *out)
{
    if (field->type == SBMT_FIELD_BOOL)
        return;
    if (field->type == SBMT_FIELD_CHOICE) {
        for (int i = 0; field->choices[i] != NULL; i++)
            sbmt_str_printf(out, "%s%s", i > 0 ? "|" : "", field->choices[i]);
        return;
    }
    sbmt_str_printf(out, "%s",
                    field->type == SBMT_FIELD_INT      ? "N"
                    : field->type == SBMT_FIELD_NUMBER ? "X"
                    : field->argument != NULL          ? field->argument
                                                       : "TEXT");
}

static bool fail_unknown(const struct sbmt_field *fields, const char *command, const char *word,
                         struct sbmt_error *err)
{
    char given[NAME_SIZE], best[NAME_SIZE] = "";
    const char *nearest = NULL;
    int distance = 0;
    snprintf(given, sizeof given, "%.*s", (int)strcspn(word, "="), word);
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        char name[NAME_SIZE];
        const int before = distance;
        const char *had = nearest;
        sbmt_option_name(field, name);
        sbmt_str_nearest(given, name, &nearest, &distance);
        if (nearest != had || distance != before) {
            memcpy(best, name, sizeof best);
            nearest = best;
        }
    }
    const char *key = given + strspn(given, "-");
    if (strchr(key, '.') != NULL && strchr(word, '=') != NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "unknown option '%s'; an option of a configuration has no dashes: %s=…",
                         given, key);
    if (nearest != NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "unknown option '%s'; did you mean '%s'?", given,
                         nearest);
    return sbmt_fail(err, SBMT_ERROR_USAGE, "unknown option '%s'; 'sbmt %s --help' lists them",
                     given, command);
}

static const struct sbmt_field *find(const struct sbmt_field *fields, const char *word)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        char name[NAME_SIZE];
        sbmt_option_name(field, name);
        const size_t length = strlen(name);
        if (strncmp(word, name, length) == 0 && (word[length] == '\0' || word[length] == '='))
            return field;
    }
    return NULL;
}

/* Sets one option. `value` is NULL where none was given. */
static bool set(const struct sbmt_field *field, void *options, const char *value,
                struct sbmt_arena *arena, struct sbmt_error *err)
{
    char name[NAME_SIZE];
    sbmt_option_name(field, name);
    void *member = (char *)options + field->offset;
    if (field->type == SBMT_FIELD_BOOL) {
        *(bool *)member = true;
        return value == NULL || sbmt_fail(err, SBMT_ERROR_USAGE, "%s takes no value", name);
    }
    if (value == NULL) {
        struct sbmt_str what = {0};
        sbmt_option_argument(field, &what);
        sbmt_fail(err, SBMT_ERROR_USAGE, "%s needs a value: %s", name,
                  what.failed ? "a word" : what.text);
        sbmt_str_finish(&what);
        return false;
    }
    /* A word of the command line is a text as it is, even "null". */
    if (sbmt_value_parse(field, member, value, field->type == SBMT_FIELD_STRING, arena, err))
        return true;
    return sbmt_error_at(err, "%s", name);
}

bool sbmt_options_parse(const struct sbmt_field *fields, void *options, const char *command,
                        int count, const char *const *words, struct sbmt_arguments *arguments,
                        struct sbmt_arena *arena, struct sbmt_error *err)
{
    *arguments = (struct sbmt_arguments){0};
    arguments->argument = sbmt_arena_zalloc(arena, (size_t)count + 1, sizeof(const char *));
    if (!sbmt_arena_check(arena, "command line", err))
        return false;
    bool only_arguments = false;
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (only_arguments || word[0] != '-' || word[1] == '\0') {
            arguments->argument[arguments->count++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_arguments = true;
            continue;
        }
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            arguments->help = true;
            return true;
        }
        const struct sbmt_field *field = find(fields, word);
        if (field == NULL)
            return fail_unknown(fields, command, word, err);
        const char *equals = strchr(word, '=');
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (value == NULL && field->type != SBMT_FIELD_BOOL && i + 1 < count)
            value = words[++i];
        if (!set(field, options, value, arena, err))
            return false;
    }
    return true;
}

static void help_row(const char *left, const char *right, int width, struct sbmt_str *out)
{
    const int used = (int)strlen(left) + 2;
    sbmt_str_printf(out, "  %s", left);
    if (used + 1 > HELP_COLUMN)
        sbmt_str_printf(out, "\n%*s", HELP_COLUMN, "");
    else
        sbmt_str_printf(out, "%*s", HELP_COLUMN - used, "");
    sbmt_config_wrap(right, HELP_COLUMN, HELP_COLUMN, width, out);
}

void sbmt_option_meaning(const struct sbmt_field *field, struct sbmt_str *out)
{
    sbmt_str_printf(out, "%s", field->doc);
    if (field->type == SBMT_FIELD_BOOL || field->type == SBMT_FIELD_STRING)
        return;
    sbmt_str_printf(out, " (default ");
    sbmt_value_write_default(field, out);
    sbmt_str_printf(out, ")");
}

void sbmt_options_help(const struct sbmt_field *fields, int width, struct sbmt_str *out)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        struct sbmt_str left = {0}, right = {0};
        char name[NAME_SIZE];
        sbmt_option_name(field, name);
        sbmt_str_printf(&left, "%s", name);
        if (field->type != SBMT_FIELD_BOOL) {
            sbmt_str_printf(&left, " ");
            sbmt_option_argument(field, &left);
        }
        sbmt_option_meaning(field, &right);
        if (left.failed || right.failed)
            out->failed = true;
        else
            help_row(left.text, right.text, width, out);
        sbmt_str_finish(&left);
        sbmt_str_finish(&right);
    }
    help_row("--help", "this text", width, out);
}
