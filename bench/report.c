/* Reports. */
#include "bench/report.h"

#include <string.h>

#include "bench/escape.h"
#include "bench/grid.h"
#include "bench/info.h"
#include "bench/page.h"
#include "bench/report_run.h"
#include "bench/svg.h"

static int count_finished(const struct sbmt_ledger *ledger)
{
    int count = 0;
    for (int i = 0; i < ledger->count; i++)
        count += ledger->run[i].finished;
    return count;
}

static void add_list(const char *name, const char *(*word)(const struct sbmt_ledger_run *run),
                     const struct sbmt_ledger *ledger, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<li>%s: ", name);
    for (int i = 0, listed = 0; i < ledger->count; i++) {
        int before = 0;
        while (strcmp(word(&ledger->run[before]), word(&ledger->run[i])) != 0)
            before++;
        if (before < i)
            continue;
        sbmt_str_printf(out, "%s", listed++ > 0 ? ", " : "");
        sbmt_escape_html(word(&ledger->run[i]), out);
    }
    sbmt_str_printf(out, "</li>\n");
}

static const char *task_of(const struct sbmt_ledger_run *run)
{
    return run->config.task;
}

static const char *attention_of(const struct sbmt_ledger_run *run)
{
    return sbmt_attention_name(&run->config);
}

static const char *protocol_of(const struct sbmt_ledger_run *run)
{
    return sbmt_protocol_name(run->config.protocol);
}

static const char *version_of(const struct sbmt_ledger_run *run)
{
    const char *version = sbmt_json_get_text(&run->info, "version");
    return version != NULL ? version : "unknown";
}

static const char *cpu_of(const struct sbmt_ledger_run *run)
{
    const char *cpu = sbmt_json_get_text(&run->info, "cpu");
    return cpu != NULL ? cpu : "unknown";
}

static void add_summary(const struct sbmt_ledger *ledger, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<nav aria-label=\"parts of this page\"><ul>"
                         "<li><a href=\"#results\">Results</a></li>"
                         "<li><a href=\"#figures\">Figures</a></li>"
                         "<li><a href=\"#runs\">Runs</a></li></ul></nav>\n<ul>\n");
    sbmt_str_printf(out, "<li>runs: %d, of which %d finished</li>\n", ledger->count,
                    count_finished(ledger));
    add_list("tasks", task_of, ledger, out);
    add_list("attention", attention_of, ledger, out);
    add_list("protocols", protocol_of, ledger, out);
    add_list("trained by sbmt", version_of, ledger, out);
    add_list("processors", cpu_of, ledger, out);
    sbmt_str_printf(out, "</ul>\n");
}

static void add_warning(const char *text, size_t length, struct sbmt_str *out)
{
    struct sbmt_str line = {0};
    sbmt_str_append(&line, text, length);
    sbmt_page_element("p class=\"warning\"", line.failed ? "" : line.text, out);
    out->failed = out->failed || line.failed;
    sbmt_str_finish(&line);
}

static void add_warnings(const struct sbmt_ledger *ledger, struct sbmt_str *out)
{
    struct sbmt_str lines = {0};
    if (sbmt_ledger_mixed(ledger, &lines) > 0)
        sbmt_str_printf(&lines, "Numbers of such runs should not be compared.\n");
    for (int i = 0; i < ledger->missing; i++)
        sbmt_str_printf(&lines, "%s\n", ledger->missed[i]);
    for (int i = 0; i < ledger->count; i++) {
        const struct sbmt_ledger_run *run = &ledger->run[i];
        if (run->finished)
            continue;
        sbmt_str_printf(&lines, "%s is not finished: go on with it by ", run->folder);
        sbmt_ledger_go_on(run, &lines);
        sbmt_str_printf(&lines, "\n");
    }
    sbmt_ledger_chance(ledger, &lines);
    out->failed = out->failed || lines.failed;
    for (const char *line = lines.text; line != NULL && *line != '\0';
         line += strcspn(line, "\n") + 1)
        add_warning(line, strcspn(line, "\n"), out);
    sbmt_str_finish(&lines);
}

static int html_format(void)
{
    int format = 0;
    while (strcmp(sbmt_table_format_words[format], "html") != 0)
        format++;
    return format;
}

static bool add_table(const struct sbmt_report *report, struct sbmt_arena *arena,
                      struct sbmt_str *out, struct sbmt_error *err)
{
    struct sbmt_table table;
    sbmt_str_printf(out, "<h2 id=\"results\">Results</h2>\n");
    if (count_finished(report->ledger) == 0) {
        sbmt_page_element("p", "No run is finished yet.", out);
        return true;
    }
    const struct sbmt_summary_plan *plan = report->plan;
    struct sbmt_grid grid;
    struct sbmt_error why = {0};
    if (!sbmt_grid_make(&grid, report->ledger, plan->rows, plan->columns, arena, err))
        return false;
    if (!sbmt_grid_check(&grid, plan->mixed, &why)) {
        /* Runs that these rows do not tell apart have figures and parts of the page all the same.
         */
        sbmt_page_element("p class=\"warning\"", why.message, out);
        return true;
    }
    if (!sbmt_summary_make(report->ledger, plan, arena, &table, err))
        return false;
    sbmt_table_write(&table, html_format(), false, out);
    return true;
}

static bool add_figures(const struct sbmt_report *report, struct sbmt_arena *arena,
                        struct sbmt_str *out, struct sbmt_error *err)
{
    struct sbmt_figures *figures = sbmt_arena_zalloc(arena, 1, sizeof *figures);
    if (!sbmt_arena_check(arena, "report", err) ||
        !sbmt_figures_add_ledger(figures, report->ledger, report->plan->rows, report->plan->metric,
                                 arena, err))
        return false;
    for (int i = 0; i < report->speed_count; i++)
        if (!sbmt_figures_add_speed(figures, report->speed[i], arena, err))
            return false;
    sbmt_str_printf(out, "<h2 id=\"figures\">Figures</h2>\n<style>");
    sbmt_svg_style(out);
    sbmt_str_printf(out, "</style>\n");
    sbmt_report_figures(figures, out);
    return true;
}

bool sbmt_report_write(const struct sbmt_report *report, struct sbmt_arena *arena,
                       struct sbmt_str *out, struct sbmt_error *err)
{
    const struct sbmt_ledger *ledger = report->ledger;
    sbmt_page_begin(report->title, out);
    add_summary(ledger, out);
    add_warnings(ledger, out);
    if (!add_table(report, arena, out, err) || !add_figures(report, arena, out, err))
        return false;
    sbmt_str_printf(out, "<h2 id=\"runs\">Runs</h2>\n");
    for (int i = 0; i < ledger->count; i++)
        if (!sbmt_report_run(&ledger->run[i], i + 1, arena, out, err))
            return false;
    sbmt_str_printf(out, "<p class=\"notes\">Made by sbmt %s.</p>\n", sbmt_build());
    sbmt_page_end(out);
    return true;
}
