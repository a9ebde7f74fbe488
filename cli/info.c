/* sbmt info: the program and the machine, and what the program knows. */
#include "bench/info.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_write.h"
#include "bench/protocol_rows.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "core/attention/attention.h"
#include "data/task.h"

struct options {
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_BOOL(struct options, json, false, "print one JSON object"),
    SBMT_FIELDS_END,
};

static void list_attention(struct sbmt_str *out)
{
    const int width = sbmt_terminal_width(stdout);
    for (int i = 0; sbmt_attention_at(i) != NULL; i++) {
        const struct sbmt_attention_ops *ops = sbmt_attention_at(i);
        struct sbmt_str line = {0};
        sbmt_str_printf(&line, "%s; %s", ops->variant.doc, ops->complexity);
        sbmt_str_printf(out, "%-18s ", ops->variant.name);
        if (!line.failed)
            sbmt_config_wrap(line.text, 19, 19, width, out);
        out->failed |= line.failed;
        sbmt_str_finish(&line);
    }
}

static void json_attention(struct sbmt_str *out)
{
    struct sbmt_json json = sbmt_json_make();
    for (int i = 0; sbmt_attention_at(i) != NULL; i++) {
        const struct sbmt_attention_ops *ops = sbmt_attention_at(i);
        sbmt_json_begin(&json, ops->variant.name);
        sbmt_json_text(&json, "doc", ops->variant.doc);
        sbmt_json_text(&json, "complexity", ops->complexity);
        sbmt_json_end(&json);
    }
    sbmt_json_line(&json, out);
}

/* A setting of the same key is among those of the row itself. */
static bool is_set_again(const char *common, const struct sbmt_protocol_row *row)
{
    const size_t length = strcspn(common, "=") + 1;
    for (int i = 0; row->settings[i] != NULL; i++)
        if (strncmp(row->settings[i], common, length) == 0)
            return true;
    return false;
}

static void list_form(const struct sbmt_task *task, enum sbmt_protocol protocol, int width,
                      struct sbmt_str *out)
{
    const struct sbmt_form *form = task->forms[protocol];
    const struct sbmt_protocol_row *row = sbmt_protocol_row_find(task->name, protocol);
    struct sbmt_str line = {0};
    if (form->max_length > 0)
        sbmt_str_printf(&line, "%s: at most %d %ss", form->name, form->max_length, form->unit);
    else
        sbmt_str_printf(&line, "%s of the section tokenizer:", form->name);
    if (form->vocab > 0)
        sbmt_str_printf(&line, ", vocabulary %d", form->vocab);
    if (row != NULL)
        sbmt_str_printf(&line, ";");
    for (int i = 0; row != NULL && row->common != NULL && row->common[i] != NULL; i++)
        if (!is_set_again(row->common[i], row))
            sbmt_str_printf(&line, " %s", row->common[i]);
    for (int i = 0; row != NULL && row->settings[i] != NULL; i++)
        sbmt_str_printf(&line, " %s", row->settings[i]);
    if (row != NULL)
        sbmt_str_printf(&line, " (%s)", row->source);
    sbmt_str_printf(out, "  %-14s ", sbmt_protocol_words[protocol]);
    if (!line.failed)
        sbmt_config_wrap(line.text, 17, 17, width, out);
    out->failed |= line.failed;
    sbmt_str_finish(&line);
}

static void list_protocols(struct sbmt_str *out)
{
    const int width = sbmt_terminal_width(stdout);
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        sbmt_str_printf(out, "%s\n", task->name);
        for (int p = 0; p < SBMT_PROTOCOL_COUNT; p++)
            if (task->forms[p] != NULL)
                list_form(task, (enum sbmt_protocol)p, width, out);
    }
}

/* What a row sets, as text. */
static void json_settings(const char *const *settings, const struct sbmt_protocol_row *row,
                          struct sbmt_json *json)
{
    for (int i = 0; settings != NULL && settings[i] != NULL; i++) {
        const char *value = strchr(settings[i], '=');
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)(value - settings[i]), settings[i]);
        if (settings == row->settings || !is_set_again(settings[i], row))
            sbmt_json_text(json, key, value + 1);
    }
}

static void json_row(const struct sbmt_protocol_row *row, struct sbmt_json *json)
{
    if (row == NULL)
        return;
    sbmt_json_begin(json, "settings");
    json_settings(row->common, row, json);
    json_settings(row->settings, row, json);
    sbmt_json_end(json);
    sbmt_json_text(json, "source", row->source);
}

static void json_protocols(struct sbmt_str *out)
{
    struct sbmt_json json = sbmt_json_make();
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        sbmt_json_begin(&json, task->name);
        for (int p = 0; p < SBMT_PROTOCOL_COUNT; p++) {
            const struct sbmt_form *form = task->forms[p];
            if (form == NULL)
                continue;
            sbmt_json_begin(&json, sbmt_protocol_words[p]);
            sbmt_json_text(&json, "form", form->name);
            sbmt_json_text(&json, "unit", form->unit);
            if (form->max_length > 0)
                sbmt_json_number(&json, "max_length", form->max_length);
            if (form->vocab > 0)
                sbmt_json_number(&json, "vocab", form->vocab);
            json_row(sbmt_protocol_row_find(task->name, p), &json);
            sbmt_json_end(&json);
        }
        sbmt_json_end(&json);
    }
    sbmt_json_line(&json, out);
}

static void list_facts(const struct sbmt_info *info, struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    "sbmt        %s\n"
                    "compiler    %s\n"
                    "flags       %s\n"
                    "processor   %s\n"
                    "processors  %d\n"
                    "kernels     %s\n"
                    "BLAS        %s\n"
                    "libraries  ",
                    info->version, info->compiler, info->flags, info->cpu, info->processors,
                    info->kernels, info->blas);
    for (const struct sbmt_library *library = info->libraries; library->name != NULL; library++)
        sbmt_str_printf(out, "%s %s %s", library == info->libraries ? "" : ",", library->name,
                        library->version);
    sbmt_str_printf(out, "\n");
}

/* What can be asked for. */
static const struct {
    const char *name;
    void (*list)(struct sbmt_str *out);
    void (*json)(struct sbmt_str *out);
} subjects[] = {
    {"attention", list_attention, json_attention},
    {"protocols", list_protocols, json_protocols},
};

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_str text = {0};
    for (size_t i = 0; call->count > 0 && i < sizeof subjects / sizeof subjects[0]; i++)
        if (strcmp(call->arguments[0], subjects[i].name) == 0) {
            (options->json ? subjects[i].json : subjects[i].list)(&text);
            return sbmt_terminal_print(&text, err);
        }
    if (call->count > 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "'%.80s': info knows 'attention' and 'protocols' only",
                         call->arguments[0]);
    if (options->json) {
        struct sbmt_json json = sbmt_info_json(NULL);
        return sbmt_terminal_json(&json, err);
    }
    const struct sbmt_info info = sbmt_info_get();
    list_facts(&info, &text);
    return sbmt_terminal_print(&text, err);
}

extern const struct sbmt_command sbmt_command_info;
const struct sbmt_command sbmt_command_info = {
    .group = "Program",
    .name = "info",
    .arguments = "[attention|protocols]",
    .doc = "prints version, build and machine, or the kinds of attention, or the "
           "protocols and what each sets",
    .most_arguments = 1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
