/* The part of a report about one run. */
#include "bench/report_run.h"

#include <math.h>
#include <stdio.h>

#include "bench/escape.h"
#include "bench/measure.h"
#include "bench/page.h"
#include "bench/run.h"
#include "core/io/file.h"

static void add_head(const struct sbmt_ledger_run *run, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<summary><strong>");
    sbmt_escape_html(run->folder, out);
    sbmt_str_printf(out, "</strong> · %s · ", sbmt_attention_name(&run->config));
    sbmt_escape_html(run->config.task, out);
    sbmt_str_printf(out, " · seed %d · ", run->config.seed);
    const char *metric = sbmt_ledger_metric(run, "task");
    const double score = sbmt_ledger_value(run, metric);
    if (run->finished && sbmt_measure_is_percent(metric))
        sbmt_str_printf(out, "%s %s %.2f %%", run->split, metric, 100 * score);
    else if (run->finished)
        sbmt_str_printf(out, "%s %s %.4f", run->split, metric, score);
    else
        sbmt_str_printf(out, "not finished");
    sbmt_str_printf(out, "</summary>\n");
}

/* A file of the run as it stands. */
static bool add_file(const struct sbmt_ledger_run *run, const char *name, struct sbmt_str *out,
                     struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_mapping file;
    struct sbmt_str text = {0};
    sbmt_run_path(run->folder, name, path);
    if (!sbmt_file_exists(path))
        return true;
    if (!sbmt_mapping_open(&file, path, err))
        return false;
    sbmt_str_append(&text, (const char *)file.bytes, file.size);
    sbmt_mapping_close(&file);
    sbmt_page_element("h3", name, out);
    sbmt_str_printf(out, "<pre tabindex=\"0\">");
    sbmt_escape_html(text.length > 0 ? text.text : "", out);
    sbmt_str_printf(out, "</pre>\n");
    out->failed = out->failed || text.failed;
    sbmt_str_finish(&text);
    return true;
}

void sbmt_report_figures(const struct sbmt_figures *figures, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<div class=\"figures\">\n");
    for (int i = 0; i < figures->count; i++) {
        sbmt_str_printf(out, "<figure>");
        sbmt_chart_write(&figures->figure[i].chart, figures->figure[i].name, false, out);
        sbmt_str_printf(out, "</figure>\n");
    }
    sbmt_str_printf(out, "</div>\n");
}

bool sbmt_report_run(const struct sbmt_ledger_run *run, int number, struct sbmt_arena *arena,
                     struct sbmt_str *out, struct sbmt_error *err)
{
    char name[32];
    struct sbmt_figures *figures = sbmt_arena_zalloc(arena, 1, sizeof *figures);
    snprintf(name, sizeof name, "run-%d", number);
    if (!sbmt_arena_check(arena, "report", err) ||
        !sbmt_figures_add_run(figures, run, name, arena, err))
        return false;
    sbmt_str_printf(out, "<details id=\"%s\">\n", name);
    add_head(run, out);
    sbmt_report_figures(figures, out);
    const bool added = add_file(run, "result.json", out, err) &&
                       add_file(run, "config.yaml", out, err) &&
                       add_file(run, "info.json", out, err);
    sbmt_str_printf(out, "</details>\n");
    return added;
}
