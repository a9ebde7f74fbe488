/* sbmt info: the program and the machine, and what the program knows. */
#include "bench/info.h"

#include <string.h>

#include "bench/config_write.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "core/attention/attention.h"

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

static void list_facts(const struct sbmt_info *info, struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    "sbmt        %s\n"
                    "compiler    %s\n"
                    "flags       %s\n"
                    "processor   %s\n"
                    "processors  %d\n"
                    "kernels     %s\n"
                    "BLAS        %s\n",
                    info->version, info->compiler, info->flags, info->cpu, info->processors,
                    info->kernels, info->blas);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_str text = {0};
    if (call->count > 0) {
        if (strcmp(call->arguments[0], "attention") != 0)
            return sbmt_fail(err, SBMT_ERROR_USAGE, "'%.80s': info knows 'attention' only",
                             call->arguments[0]);
        if (options->json)
            json_attention(&text);
        else
            list_attention(&text);
        return sbmt_terminal_print(&text, err);
    }
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
    .arguments = "[attention]",
    .doc = "prints version, build and machine, or the kinds of attention",
    .most_arguments = 1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
