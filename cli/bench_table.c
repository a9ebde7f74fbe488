/* sbmt bench table: finished runs as a table. */
#include <string.h>

#include "bench/config_write.h"
#include "bench/table.h"
#include "cli/ledger_options.h"

struct options {
    struct sbmt_ledger_options table;
    int format;
    const char *out, *caption;
    bool standalone;
};

static const struct sbmt_field fields[] = {
    SBMT_CHOICE(struct options, format, sbmt_table_format_words, 0, "how the table is written"),
    SBMT_LEDGER_ROWS(struct options),
    SBMT_STRING(struct options, caption, NULL, "caption of the table"),
    SBMT_BOOL(struct options, standalone, false, "a whole LaTeX document or HTML page"),
    SBMT_LEDGER_MIXED_ROW(struct options),
    SBMT_STRING(struct options, out, NULL, "write to this file, not to standard output",
                .argument = "FILE"),
    SBMT_FIELDS_END,
};

/* Formats that are a part of a document, or a whole one. */
static bool check_standalone(const struct options *options, struct sbmt_error *err)
{
    const char *format = sbmt_table_format_words[options->format];
    return !options->standalone || strcmp(format, "latex") == 0 || strcmp(format, "html") == 0 ||
           sbmt_fail(err, SBMT_ERROR_USAGE,
                     "--standalone: %s has no such form; give --format latex or html", format);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_ledger ledger;
    struct sbmt_summary_plan plan;
    struct sbmt_table table;
    struct sbmt_str text = {0};
    if (!check_standalone(options, err) || !sbmt_ledger_options_open(call, &ledger, err))
        return false;
    const bool made = sbmt_ledger_options_plan(&options->table, &ledger, call->arena, &plan, err) &&
                      sbmt_summary_make(&ledger, &plan, call->arena, &table, err);
    if (made) {
        table.caption = options->caption;
        sbmt_table_write(&table, options->format, options->standalone, &text);
    }
    sbmt_ledger_finish(&ledger);
    return made && sbmt_ledger_options_write(options->out, &text, err);
}

static void more_help(int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "\n");
    sbmt_config_wrap(
        "DIR is a run, or has runs up to three folders below it. Runs that differ in "
        "their seeds alone make one cell. csv and json have every number with its runs "
        "and the digests of their configurations. docs/tables.md says what is tested "
        "and marked.",
        0, 0, width, out);
}

extern const struct sbmt_command sbmt_command_bench_table;
const struct sbmt_command sbmt_command_bench_table = {
    .group = "Experiments",
    .name = "bench table",
    .arguments = "DIR ...",
    .doc = "compares finished runs: means over seeds, significance, density, cost, published rows",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .more_help = more_help,
};
