/* Single values of options as text. */
#include "bench/config_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number.h"

static bool fail_type(const struct sbmt_field *field, const char *text, bool quoted,
                      struct sbmt_error *err)
{
    struct sbmt_str wanted = {0};
    sbmt_value_describe(field, &wanted);
    const char *what = wanted.failed ? "another value" : wanted.text;
    if (text[0] == '\0' && !quoted)
        sbmt_fail(err, SBMT_ERROR_CONFIG, "expected %s, got nothing", what);
    else
        sbmt_fail(err, SBMT_ERROR_CONFIG, "expected %s, got %s'%.80s'", what,
                  quoted ? "the text " : "", text);
    sbmt_str_finish(&wanted);
    return false;
}

static bool fail_bounds(const struct sbmt_field *field, const char *text, struct sbmt_error *err)
{
    struct sbmt_str bounds = {0};
    sbmt_value_bounds(field, &bounds);
    sbmt_fail(err, SBMT_ERROR_CONFIG, "%.80s is not within %s", text,
              bounds.failed ? "its bounds" : bounds.text);
    sbmt_str_finish(&bounds);
    return false;
}

static bool parse_int(const struct sbmt_field *field, int *member, const char *text, bool quoted,
                      struct sbmt_error *err)
{
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    if (quoted || *digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return fail_type(field, text, quoted, err);
    errno = 0;
    const long long value = strtoll(text, NULL, 10);
    if (errno != 0 || (double)value < field->min || (double)value > field->max)
        return fail_bounds(field, text, err);
    *member = (int)value;
    return true;
}

static bool parse_number(const struct sbmt_field *field, double *member, const char *text,
                         bool quoted, struct sbmt_error *err)
{
    char *end = NULL;
    /* strtod would also take hexadecimal, "nan" and "infinity". */
    const bool decimal = text[0] != '\0' && text[strspn(text, "+-.0123456789eE")] == '\0';
    const double value = decimal ? strtod(text, &end) : 0;
    if (quoted || !decimal || *end != '\0')
        return fail_type(field, text, quoted, err);
    if (!isfinite(value) || value < field->min || value > field->max)
        return fail_bounds(field, text, err);
    *member = value;
    return true;
}

static bool parse_bool(const struct sbmt_field *field, bool *member, const char *text, bool quoted,
                       struct sbmt_error *err)
{
    const bool yes = strcmp(text, "true") == 0;
    if (quoted || (!yes && strcmp(text, "false") != 0))
        return fail_type(field, text, quoted, err);
    *member = yes;
    return true;
}

static bool parse_choice(const struct sbmt_field *field, int *member, const char *text,
                         struct sbmt_error *err)
{
    const char *nearest = NULL;
    int distance = 0;
    for (int i = 0; field->choices[i] != NULL; i++) {
        if (strcmp(text, field->choices[i]) == 0) {
            *member = i;
            return true;
        }
        sbmt_str_nearest(text, field->choices[i], &nearest, &distance);
    }
    fail_type(field, text, false, err);
    if (nearest != NULL && err != NULL) {
        const struct sbmt_error plain = *err;
        sbmt_fail(err, plain.kind, "%.900s; did you mean '%s'?", plain.message, nearest);
    }
    return false;
}

static bool parse_string(const char **member, const char *text, bool quoted,
                         struct sbmt_arena *arena, struct sbmt_error *err)
{
    const bool null = !quoted &&
                      (text[0] == '\0' || strcmp(text, "null") == 0 || strcmp(text, "~") == 0);
    *member = null ? NULL : sbmt_arena_strdup(arena, text);
    return sbmt_arena_check(arena, "configuration", err);
}

bool sbmt_value_parse(const struct sbmt_field *field, void *member, const char *text, bool quoted,
                      struct sbmt_arena *arena, struct sbmt_error *err)
{
    switch (field->type) {
    case SBMT_FIELD_INT:
        return parse_int(field, member, text, quoted, err);
    case SBMT_FIELD_NUMBER:
        return parse_number(field, member, text, quoted, err);
    case SBMT_FIELD_BOOL:
        return parse_bool(field, member, text, quoted, err);
    case SBMT_FIELD_CHOICE:
        return parse_choice(field, member, text, err);
    case SBMT_FIELD_STRING:
        return parse_string(member, text, quoted, arena, err);
    default:
        return fail_type(field, text, quoted, err);
    }
}

/* YAML 1.1 readers take 1e-6 for a text: they want a point and a sign. */
static void write_number(double value, struct sbmt_str *out)
{
    char text[SBMT_NUMBER_TEXT];
    sbmt_number_text(value, text);
    char *exponent = strchr(text, 'e');
    if (exponent == NULL) {
        sbmt_str_printf(out, "%s", text);
        return;
    }
    *exponent++ = '\0';
    sbmt_str_printf(out, "%s%se%s%s", text, strchr(text, '.') == NULL ? ".0" : "",
                    *exponent == '-' ? "" : "+", exponent);
}

/* Plain where it is surely read back as it is, else in double quotes. */
static void write_string(const char *text, struct sbmt_str *out)
{
    if (text == NULL) {
        sbmt_str_printf(out, "null");
        return;
    }
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.-";
    const bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    bool word = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        word = word || strcasecmp(text, words[i]) == 0;
    if (letter && !word && text[strspn(text, plain)] == '\0') {
        sbmt_str_printf(out, "%s", text);
        return;
    }
    sbmt_str_printf(out, "\"");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            sbmt_str_printf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7F)
            sbmt_str_printf(out, "\\x%02X", (unsigned)*c);
        else
            sbmt_str_append(out, c, 1);
    }
    sbmt_str_printf(out, "\"");
}

void sbmt_value_write(const struct sbmt_field *field, const void *member, struct sbmt_str *out)
{
    switch (field->type) {
    case SBMT_FIELD_INT:
        sbmt_str_printf(out, "%d", *(const int *)member);
        break;
    case SBMT_FIELD_NUMBER:
        write_number(*(const double *)member, out);
        break;
    case SBMT_FIELD_BOOL:
        sbmt_str_printf(out, "%s", *(const bool *)member ? "true" : "false");
        break;
    case SBMT_FIELD_CHOICE:
        sbmt_str_printf(out, "%s", field->choices[*(const int *)member]);
        break;
    case SBMT_FIELD_STRING:
        write_string(*(const char *const *)member, out);
        break;
    default:
        break;
    }
}

void sbmt_value_write_default(const struct sbmt_field *field, struct sbmt_str *out)
{
    const int index = (int)field->fallback;
    const bool yes = field->fallback != 0;
    switch (field->type) {
    case SBMT_FIELD_INT:
        sbmt_value_write(field, &index, out);
        break;
    case SBMT_FIELD_NUMBER:
        sbmt_value_write(field, &field->fallback, out);
        break;
    case SBMT_FIELD_BOOL:
        sbmt_value_write(field, &yes, out);
        break;
    case SBMT_FIELD_CHOICE:
        sbmt_value_write(field, &index, out);
        break;
    case SBMT_FIELD_STRING:
        sbmt_value_write(field, &field->fallback_text, out);
        break;
    case SBMT_FIELD_VARIANT:
        sbmt_str_printf(out, "%s", field->variant_at(index)->name);
        break;
    default:
        break;
    }
}

void sbmt_value_describe(const struct sbmt_field *field, struct sbmt_str *out)
{
    switch (field->type) {
    case SBMT_FIELD_INT:
        sbmt_str_printf(out, "an integer");
        break;
    case SBMT_FIELD_NUMBER:
        sbmt_str_printf(out, "a number");
        break;
    case SBMT_FIELD_BOOL:
        sbmt_str_printf(out, "true or false");
        break;
    case SBMT_FIELD_CHOICE:
        sbmt_str_printf(out, "one of ");
        for (int i = 0; field->choices[i] != NULL; i++)
            sbmt_str_printf(out, "%s%s", i > 0 ? ", " : "", field->choices[i]);
        break;
    case SBMT_FIELD_STRING:
        sbmt_str_printf(out, "a text");
        break;
    case SBMT_FIELD_VARIANT:
        sbmt_str_printf(out, "a kind, or a mapping with 'kind' and its options");
        break;
    default:
        sbmt_str_printf(out, "a mapping of options");
        break;
    }
}

void sbmt_value_bounds(const struct sbmt_field *field, struct sbmt_str *out)
{
    if (field->type != SBMT_FIELD_INT && field->type != SBMT_FIELD_NUMBER)
        return;
    char min[SBMT_NUMBER_TEXT], max[SBMT_NUMBER_TEXT];
    sbmt_number_text(field->min, min);
    sbmt_number_text(field->max, max);
    sbmt_str_printf(out, "[%s, %s]", min, max);
}
