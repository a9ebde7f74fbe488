/* sbmt export: the model of a run for transformers. */
#include "bench/export.h"
#include "bench/config_write.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"

struct options {
    const char *out, *vocabulary;
    int checkpoint;
    bool force;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, out, NULL, "the folder to write", .argument = "DIR"),
    SBMT_CHECKPOINT_ROW(struct options),
    SBMT_STRING(
        struct options, vocabulary, NULL,
        "copy the vocabulary in this folder: vocab.txt, or vocab.json and merges.txt; default: "
        "the run's tokenizer.folder",
        .argument = "DIR"),
    SBMT_BOOL(struct options, force, false,
              "export attention other than softmax, which transformers would take for softmax"),
    SBMT_FIELDS_END,
};

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "RUN is missing: sbmt export RUN --out FOLDER, the folder of a run");
    if (options->out == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out is missing: sbmt export RUN --out FOLDER, the folder to write");
    const struct sbmt_log log = sbmt_terminal_log();
    const struct sbmt_export export = {
        .run = call->arguments[0],
        .checkpoint = sbmt_checkpoint_words[options->checkpoint],
        .out = options->out,
        .vocabulary = options->vocabulary,
        .force = options->force,
        .log = &log,
    };
    if (!sbmt_export_run(&export, err))
        return false;
    struct sbmt_str text = {0};
    sbmt_str_printf(&text, "%s: config.json and model.safetensors written\n", options->out);
    return sbmt_terminal_print(&text, err);
}

static void more_help(int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "\n");
    sbmt_config_wrap("The run's model.architecture must be bert or roberta. The folder can be "
                     "loaded by transformers, and named by model.init of another run.",
                     0, 0, width, out);
}

extern const struct sbmt_command sbmt_command_export;
const struct sbmt_command sbmt_command_export = {
    .group = "Experiments",
    .name = "export",
    .arguments = "RUN --out FOLDER",
    .doc = "writes the model of a run as transformers loads it",
    .most_arguments = 1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .more_help = more_help,
};
