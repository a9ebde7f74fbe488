/* The metrics of results. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/ledger.h"
#include "data/metric.h"

double sbmt_ledger_value(const struct sbmt_ledger_run *run, const char *metric)
{
    static const char *const middles[] = {".", ".metrics.", "."}; /* the last of best_dev */
    double value = (double)NAN;
    for (size_t i = 0; isnan(value) && i < sizeof middles / sizeof middles[0]; i++) {
        char key[128];
        snprintf(key, sizeof key, "%s%s%s%s", i == 2 ? "best_" : "", run->split, middles[i],
                 metric);
        value = sbmt_json_get_number(&run->result, key, (double)NAN);
    }
    return value;
}

const char *sbmt_ledger_metric(const struct sbmt_ledger_run *run, const char *word)
{
    if (strcmp(word, "task") != 0)
        return word;
    for (struct sbmt_json_member member = {0}; sbmt_json_next(&run->result, "best_dev", &member);)
        if (strcmp(member.key, "step") != 0)
            return member.key;
    return "accuracy";
}

bool sbmt_ledger_higher_is_better(const char *name)
{
    const struct sbmt_metric *metric = sbmt_metric_find(name, NULL);
    return metric != NULL ? metric->higher_is_better : strcmp(name, "loss") != 0;
}

static bool some_run_has(const struct sbmt_ledger *ledger, const char *word)
{
    for (int i = 0; i < ledger->count; i++)
        if (!isnan(sbmt_ledger_value(&ledger->run[i], sbmt_ledger_metric(&ledger->run[i], word))))
            return true;
    return false;
}

static bool some_run_is_finished(const struct sbmt_ledger *ledger)
{
    for (int i = 0; i < ledger->count; i++)
        if (ledger->run[i].finished)
            return true;
    return false;
}

bool sbmt_ledger_check_metric(const struct sbmt_ledger *ledger, const char *word,
                              struct sbmt_error *err)
{
    struct sbmt_str names = {0};
    if (!some_run_is_finished(ledger) || some_run_has(ledger, word))
        return true;
    sbmt_str_printf(&names, "task");
    for (int i = 0; sbmt_metric_at(i) != NULL; i++)
        if (some_run_has(ledger, sbmt_metric_at(i)->name))
            sbmt_str_printf(&names, ", %s", sbmt_metric_at(i)->name);
    if (some_run_has(ledger, "loss"))
        sbmt_str_printf(&names, ", loss");
    sbmt_fail(err, SBMT_ERROR_USAGE, "--metric: no result has '%.40s'; there are: %s", word,
              names.failed ? "" : names.text);
    sbmt_str_finish(&names);
    return false;
}
