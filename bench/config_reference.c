/* The reference of all options, made from their tables: Markdown, and text for a terminal. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "bench/config_value.h"
#include "bench/config_write.h"

/* Type and bounds in a few words: "integer in [1, 256]", "one of a, b". */
static void short_type(const struct sbmt_field *field, struct sbmt_str *out)
{
    if (field->type != SBMT_FIELD_INT && field->type != SBMT_FIELD_NUMBER) {
        sbmt_value_describe(field, out);
        return;
    }
    sbmt_str_printf(out, "%s in ", field->type == SBMT_FIELD_INT ? "integer" : "number");
    sbmt_value_bounds(field, out);
}

static bool is_value(const struct sbmt_field *field)
{
    return field->type != SBMT_FIELD_SECTION && field->type != SBMT_FIELD_VARIANT;
}

static bool is_required(const struct sbmt_field *field)
{
    return field->type == SBMT_FIELD_STRING && field->fallback_text == NULL;
}

static void meaning(const struct sbmt_field *field, struct sbmt_str *out)
{
    sbmt_str_printf(out, "%s%s", field->doc, field->evaluation ? "; sbmt eval can change it" : "");
}

static void markdown_row(const struct sbmt_field *field, struct sbmt_str *out)
{
    sbmt_str_printf(out, "| `%s` | ", field->key);
    if (field->type == SBMT_FIELD_VARIANT)
        sbmt_str_printf(out, "a kind and its options, see below");
    else
        short_type(field, out);
    sbmt_str_printf(out, " | ");
    if (is_required(field)) {
        sbmt_str_printf(out, "none");
    } else {
        sbmt_str_printf(out, "`");
        sbmt_value_write_default(field, out);
        sbmt_str_printf(out, "`");
    }
    sbmt_str_printf(out, " | ");
    meaning(field, out);
    sbmt_str_printf(out, " |\n");
}

static void markdown_table(const struct sbmt_field *fields, struct sbmt_str *out)
{
    sbmt_str_printf(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++)
        if (field->type != SBMT_FIELD_SECTION)
            markdown_row(field, out);
}

void sbmt_config_sentence(const char *text, struct sbmt_str *out)
{
    sbmt_str_printf(out, "%c%s.", toupper((unsigned char)text[0]), text + (text[0] != '\0'));
}

static void markdown_kinds(const struct sbmt_field *field, const char *path, struct sbmt_str *out)
{
    for (int i = 0; field->variant_at(i) != NULL; i++) {
        const struct sbmt_variant *variant = field->variant_at(i);
        sbmt_str_printf(out, "\n### `%s%s: %s`\n\n", path, field->key, variant->name);
        sbmt_config_sentence(variant->doc, out);
        sbmt_str_printf(out, "\n");
        if (variant->fields != NULL) {
            sbmt_str_printf(out, "\n");
            markdown_table(variant->fields, out);
        } else {
            sbmt_str_printf(out, "\nNo options.\n");
        }
    }
}

static void markdown_below(const struct sbmt_field *fields, const char *path, struct sbmt_str *out)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        if (field->type == SBMT_FIELD_VARIANT)
            markdown_kinds(field, path, out);
        if (field->type != SBMT_FIELD_SECTION)
            continue;
        char below[256];
        snprintf(below, sizeof below, "%s%s.", path, field->key);
        sbmt_str_printf(out, "\n## `%s%s:`\n\n", path, field->key);
        sbmt_config_sentence(field->doc, out);
        sbmt_str_printf(out, "\n\n");
        markdown_table(field->fields, out);
        markdown_below(field->fields, below, out);
    }
}

void sbmt_config_markdown(const struct sbmt_field *fields, struct sbmt_str *out)
{
    sbmt_str_printf(
        out, "# Configuration\n\n"
             "Every key of a configuration file, made by `sbmt config docs` from the program's "
             "own tables.\nOn the command line a key is written with dots and an "
             "equals sign: `train.steps=200`,\n`model.attention.kind=softmax`.\n\n"
             "A file with `extends: base.yaml` (a path from its own folder, at most 8 files "
             "deep) begins with the\nvalues of that file, and its own keys override them, "
             "one by one also within a section. Another kind\nof attention begins with its "
             "own defaults; the same kind, or `attention: {…}` without one, keeps what\n"
             "the base says. `sbmt config FILE` shows what comes of it, and the "
             "`config.yaml` of a run holds it\nwhole.\n\n");
    markdown_table(fields, out);
    markdown_below(fields, "", out);
}

void sbmt_config_wrap(const char *text, int column, int indent, int width, struct sbmt_str *out)
{
    bool first = true;
    while (*text != '\0') {
        const int length = (int)strcspn(text, " ");
        if (!first && column + 1 + length > width) {
            sbmt_str_printf(out, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        sbmt_str_printf(out, "%s%.*s", first ? "" : " ", length, text);
        column += length + !first;
        first = false;
        text += length + (text[length] == ' ');
    }
    sbmt_str_printf(out, "\n");
}

enum { KEY_WIDTH = 20 };

static void help_row(const struct sbmt_field *field, int indent, int width, struct sbmt_str *out)
{
    struct sbmt_str text = {0};
    meaning(field, &text);
    sbmt_str_printf(&text, " (");
    if (field->type != SBMT_FIELD_VARIANT)
        short_type(field, &text);
    if (!is_required(field)) {
        sbmt_str_printf(&text, "%sdefault ", field->type != SBMT_FIELD_VARIANT ? "; " : "");
        sbmt_value_write_default(field, &text);
    }
    sbmt_str_printf(&text, ")");
    sbmt_str_printf(out, "%*s%-*s ", indent, "", KEY_WIDTH, field->key);
    if (text.failed)
        out->failed = true;
    else
        sbmt_config_wrap(text.text, indent + KEY_WIDTH + 1, indent + KEY_WIDTH + 1, width, out);
    sbmt_str_finish(&text);
}

static void help_fields(const struct sbmt_field *fields, int indent, int width,
                        struct sbmt_str *out);

static void help_kinds(const struct sbmt_field *field, int indent, int width, struct sbmt_str *out)
{
    for (int i = 0; field->variant_at(i) != NULL; i++) {
        const struct sbmt_variant *variant = field->variant_at(i);
        sbmt_str_printf(out, "%*skind: %-*s ", indent, "", KEY_WIDTH - 8, variant->name);
        sbmt_config_wrap(variant->doc, indent + KEY_WIDTH - 1, indent + KEY_WIDTH - 1, width, out);
        if (variant->fields != NULL)
            help_fields(variant->fields, indent + 2, width, out);
    }
}

static void help_fields(const struct sbmt_field *fields, int indent, int width,
                        struct sbmt_str *out)
{
    for (const struct sbmt_field *field = fields; field->type != SBMT_FIELD_END; field++) {
        if (is_value(field)) {
            help_row(field, indent, width, out);
        } else if (field->type == SBMT_FIELD_VARIANT) {
            help_row(field, indent, width, out);
            help_kinds(field, indent + 2, width, out);
        } else {
            sbmt_str_printf(out, "%*s%s:\n", indent, "", field->key);
            help_fields(field->fields, indent + 2, width, out);
        }
    }
}

void sbmt_config_help(const struct sbmt_field *fields, int width, struct sbmt_str *out)
{
    help_fields(fields, 2, width, out);
}
