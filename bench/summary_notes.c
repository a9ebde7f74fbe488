/* What stands below a summary, and which of its columns are empty. */
#include <math.h>
#include <string.h>

#include "bench/summary_parts.h"

/* Scores on a part of the examples, once a task. */
static void explain_parts(struct sbmt_summary *summary)
{
    const struct sbmt_ledger *ledger = summary->ledger;
    const char *told = "";
    for (int i = 0; i < ledger->count; i++) {
        const struct sbmt_ledger_run *run = &ledger->run[i];
        const double of = run->finished ? sbmt_ledger_value(run, "of") : (double)NAN;
        if (isnan(of) || strcmp(told, run->config.task) == 0)
            continue;
        told = run->config.task; /* runs are in the order of their tasks */
        sbmt_summary_note(summary,
                          "Scores of %s are those of %.0f of its %.0f examples of %s, evenly "
                          "spaced.",
                          told, sbmt_ledger_value(run, "count"), of, run->split);
    }
}

/* A note for each line that `tell` appends. */
static void explain_lines(struct sbmt_summary *summary, const char *about,
                          int (*tell)(const struct sbmt_ledger *ledger, struct sbmt_str *lines))
{
    struct sbmt_str lines = {0};
    if (tell(summary->ledger, &lines) > 0 && !lines.failed)
        for (const char *line = lines.text; *line != '\0'; line += strcspn(line, "\n") + 1)
            sbmt_summary_note(summary, "%s%.*s.", about, (int)strcspn(line, "\n"), line);
    sbmt_str_finish(&lines);
}

static void explain_runs(struct sbmt_summary *summary)
{
    for (int i = 0; i < summary->ledger->missing; i++)
        sbmt_summary_note(summary, "%s.", summary->ledger->missed[i]);
    for (int i = 0; i < summary->ledger->count; i++) {
        const struct sbmt_ledger_run *run = &summary->ledger->run[i];
        if (!run->finished)
            sbmt_summary_note(summary, "%s is not finished, and left out.", run->folder);
    }
    explain_lines(summary, "", sbmt_ledger_chance);
    explain_lines(summary, "Mixed: ", sbmt_ledger_mixed);
}

static const char *splits_of(const struct sbmt_ledger *ledger)
{
    const char *split = NULL;
    for (int i = 0; i < ledger->count; i++) {
        if (!ledger->run[i].finished)
            continue;
        if (split != NULL && strcmp(split, ledger->run[i].split) != 0)
            return "test, or dev where test has no labels";
        split = ledger->run[i].split;
    }
    return split;
}

bool sbmt_summary_has_protocol(const struct sbmt_summary *summary, const char *name)
{
    for (int c = 0; c < summary->grid.columns; c++)
        if (strcmp(sbmt_protocol_name(summary->grid.column[c].protocol), name) == 0)
            return true;
    return false;
}

static void explain_tests(struct sbmt_summary *summary)
{
    const bool compared = summary->baseline >= 0;
    const char *against = compared ? "; p against " : "";
    const char *baseline = compared ? summary->grid.row[summary->baseline] : "";
    if (summary->tested[SBMT_PAIRING_BY_SEED])
        sbmt_summary_note(summary,
                          "Test over seeds: two-sided permutation test of differences paired by "
                          "seed, where there are %d pairs or more%s%s.",
                          SBMT_PAIRING_SEEDS, against, baseline);
    if (summary->tested[SBMT_PAIRING_BY_EXAMPLE])
        sbmt_summary_note(
            summary,
            "Test over examples, where there are fewer than %d pairs of seeds: "
            "permutation test of paired examples, exact for accuracy (of one seed and "
            "label it is McNemar's), else by %d draws%s%s. It says whether these trained "
            "models differ, not whether training again would give the same.",
            SBMT_PAIRING_SEEDS, SBMT_PAIRING_DRAWS, against, baseline);
    if (summary->marked)
        sbmt_summary_note(summary,
                          "Marked: the best of a column where it differs from the second "
                          "with p < 0.05, and then the second where it so differs from the "
                          "third. The p-values are not corrected for their number.");
    else if (summary->grid.rows > 1)
        sbmt_summary_note(summary,
                          "Nothing is marked as best: no difference between neighbours in rank has "
                          "p < 0.05, or there are fewer than %d common seeds and no predictions "
                          "to tell%s.",
                          SBMT_PAIRING_SEEDS,
                          summary->unlearnt ? ", or the best has learnt nothing" : "");
    if (summary->marked && summary->unlearnt)
        sbmt_summary_note(summary, "Rows that have learnt nothing are not marked.");
}

void sbmt_summary_explain(struct sbmt_summary *summary)
{
    sbmt_summary_note(summary, "Scores on %s: mean ± standard deviation (of a sample) over seeds.",
                      splits_of(summary->ledger));
    for (int i = 0; i < SBMT_PROTOCOL_COUNT; i++)
        if (sbmt_summary_has_protocol(summary, sbmt_protocol_name(i)))
            sbmt_summary_note(summary, "The runs follow protocol %s.", sbmt_protocol_name(i));
    explain_parts(summary);
    explain_tests(summary);
    for (int m = 0; m < summary->measures; m++)
        if (summary->measure[m]->doc != NULL)
            sbmt_summary_note(summary, "%s", summary->measure[m]->doc);
    explain_runs(summary);
}

static bool is_empty(const struct sbmt_summary *summary, int column)
{
    for (int s = 0; s < summary->sections; s++)
        for (int r = 0; r < summary->section[s].count; r++)
            if (!isnan(summary->section[s].row[r].cell[column].value))
                return false;
    return true;
}

void sbmt_summary_squeeze(struct sbmt_summary *summary)
{
    int kept = 0;
    for (int c = 0; c < summary->columns; c++) {
        if (is_empty(summary, c))
            continue;
        summary->column[kept] = summary->column[c];
        for (int s = 0; s < summary->sections; s++)
            for (int r = 0; r < summary->section[s].count; r++)
                summary->section[s].row[r].cell[kept] = summary->section[s].row[r].cell[c];
        kept++;
    }
    summary->columns = kept;
}
