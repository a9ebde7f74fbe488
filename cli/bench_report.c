/* sbmt bench report: runs as one HTML page. */
#include "bench/config_write.h"
#include "bench/list.h"
#include "bench/report.h"
#include "cli/ledger_options.h"
#include "cli/terminal.h"

struct options {
    struct sbmt_ledger_options table;
    const char *out, *title, *speed;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, out, "report.html", "the page (default report.html)",
                .argument = "FILE"),
    SBMT_STRING(struct options, title, "Runs of sbmt", "its title (default Runs of sbmt)"),
    SBMT_STRING(struct options, speed, NULL, "files that sbmt bench speed --json has printed",
                .argument = "LIST"),
    SBMT_LEDGER_ROWS(struct options),
    SBMT_FIELDS_END,
};

static bool write(const struct sbmt_call *call, struct sbmt_report *report, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_list speed = {0};
    struct sbmt_str text = {0};
    if (options->speed != NULL &&
        !sbmt_list_split("--speed", options->speed, call->arena, &speed, err))
        return false;
    report->title = options->title;
    report->speed = speed.word;
    report->speed_count = speed.count;
    if (!sbmt_report_write(report, call->arena, &text, err)) {
        sbmt_str_finish(&text);
        return false;
    }
    if (!sbmt_ledger_options_write(options->out, &text, err))
        return false;
    struct sbmt_str name = {0};
    sbmt_str_printf(&name, "%s\n", options->out);
    return sbmt_terminal_print(&name, err);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_ledger ledger;
    struct sbmt_summary_plan plan;
    if (!sbmt_ledger_options_open(call, &ledger, err))
        return false;
    struct sbmt_report report = {.ledger = &ledger, .plan = &plan};
    bool done = sbmt_ledger_options_plan(&options->table, &ledger, call->arena, &plan, err);
    plan.mixed = true;
    done = done && write(call, &report, err);
    sbmt_ledger_finish(&ledger);
    return done;
}

static void more_help(int width, struct sbmt_str *out)
{
    sbmt_str_printf(out, "\n");
    sbmt_config_wrap("The page needs no network and no other file: results, figures, and for each "
                     "run its curves, result, configuration and machine. What the table command "
                     "refuses as mixed is a warning in it.",
                     0, 0, width, out);
}

extern const struct sbmt_command sbmt_command_bench_report;
const struct sbmt_command sbmt_command_bench_report = {
    .group = "Experiments",
    .name = "bench report",
    .arguments = "DIR ...",
    .doc = "writes one HTML page about runs: table, figures, warnings, a part a run",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .more_help = more_help,
};
