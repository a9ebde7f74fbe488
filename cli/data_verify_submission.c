/* sbmt data verify-submission: what the leaderboard of GLUE would say to a file. */
#include <inttypes.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "data/glue/submission_check.h"

struct options {
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_BOOL(struct options, json, false, "print the report as one JSON object"),
    SBMT_FIELDS_END,
};

static const char *state_of(const struct sbmt_submission_report *report, int file)
{
    if (!report->present[file])
        return "missing";
    return report->problems[file] > 0 ? "wrong" : "good";
}

/* The tasks that the leaderboard would have no score for. */
static void list_missing(const struct sbmt_submission_report *report, struct sbmt_str *out)
{
    struct sbmt_str names = {0};
    const struct sbmt_submission_file *file;
    for (int i = 0; (file = sbmt_submission_file_at(i)) != NULL; i++)
        if (!report->present[i] && !file->optional)
            sbmt_str_printf(&names, "%s%s", names.length > 0 ? ", " : "", file->name);
    if (names.length > 0)
        sbmt_str_printf(
            out,
            "without %s: the leaderboard shows the tasks that are there, but no score of "
            "all\n",
            names.text);
    sbmt_str_finish(&names);
}

static void list_report(const char *path, const struct sbmt_submission_report *report,
                        struct sbmt_str *out)
{
    const struct sbmt_submission_file *file;
    sbmt_str_printf(out, "%s\n", path);
    for (int i = 0; (file = sbmt_submission_file_at(i)) != NULL; i++) {
        sbmt_str_printf(out, "  %-12s%s", file->name, state_of(report, i));
        if (report->present[i])
            sbmt_str_printf(out, ", %" PRId64 " rows", report->rows[i]);
        sbmt_str_printf(out, "\n");
    }
    if (report->text.length > 0)
        sbmt_str_printf(out, "%s", report->text.text);
    if (report->notes.length > 0)
        sbmt_str_printf(out, "%s", report->notes.text);
    list_missing(report, out);
}

static void json_report(const char *path, const struct sbmt_submission_report *report,
                        struct sbmt_str *out)
{
    struct sbmt_json json = sbmt_json_make();
    const struct sbmt_submission_file *file;
    sbmt_json_text(&json, "file", path);
    sbmt_json_number(&json, "problems", report->count);
    sbmt_json_begin(&json, "files");
    for (int i = 0; (file = sbmt_submission_file_at(i)) != NULL; i++) {
        sbmt_json_begin(&json, file->name);
        sbmt_json_text(&json, "state", state_of(report, i));
        sbmt_json_number(&json, "rows", (double)report->rows[i]);
        sbmt_json_end(&json);
    }
    sbmt_json_end(&json);
    sbmt_json_text(&json, "text", report->text.length > 0 ? report->text.text : "");
    sbmt_json_text(&json, "notes", report->notes.length > 0 ? report->notes.text : "");
    sbmt_json_line(&json, out);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "FILE is missing: sbmt data verify-submission FILE.zip");
    const char *path = call->arguments[0];
    struct sbmt_submission_report report = {0};
    struct sbmt_str text = {0};
    bool done = sbmt_submission_verify(path, &report, err);
    if (done) {
        (options->json ? json_report : list_report)(path, &report, &text);
        done = sbmt_terminal_print(&text, err);
    }
    if (done && report.count > 0)
        done = sbmt_fail(err, SBMT_ERROR_DATA, "%s: %d problem%s: see above", path, report.count,
                         report.count > 1 ? "s" : "");
    sbmt_submission_report_finish(&report);
    return done;
}

extern const struct sbmt_command sbmt_command_data_verify_submission;
const struct sbmt_command sbmt_command_data_verify_submission = {
    .group = "Data",
    .name = "data verify-submission",
    .arguments = "FILE",
    .doc =
        "checks a zip archive for the GLUE leaderboard: names, rows, header, order and answers of "
        "its files",
    .most_arguments = 1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
