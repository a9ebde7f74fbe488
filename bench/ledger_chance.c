/* Runs that have learnt nothing. */
#include <math.h>
#include <string.h>

#include "bench/ledger.h"

enum { MOST_NAMES = 20 };

static double majority_of(const struct sbmt_ledger_run *run)
{
    return sbmt_json_get_number(&run->result, "majority", (double)NAN);
}

bool sbmt_ledger_is_chance(const struct sbmt_ledger_run *run)
{
    return run->finished && sbmt_ledger_value(run, "accuracy") <= majority_of(run) + 0.01;
}

/* Both belong into one line: the same task, evaluated on the same examples. */
static bool same_line(const struct sbmt_ledger_run *first, const struct sbmt_ledger_run *run)
{
    const double one = majority_of(first), other = majority_of(run);
    return sbmt_ledger_is_chance(first) && sbmt_ledger_is_chance(run) &&
           strcmp(first->config.task, run->config.task) == 0 && !(one < other || one > other);
}

static bool begins_line(const struct sbmt_ledger *ledger, int i)
{
    for (int before = 0; before < i; before++)
        if (same_line(&ledger->run[before], &ledger->run[i]))
            return false;
    return sbmt_ledger_is_chance(&ledger->run[i]);
}

static const char *name_of(const struct sbmt_ledger_run *run)
{
    const char *slash = strrchr(run->folder, '/');
    return slash == NULL || slash[1] == '\0' ? run->folder : slash + 1;
}

static void add_line(const struct sbmt_ledger *ledger, int first, struct sbmt_str *lines)
{
    const struct sbmt_ledger_run *run = &ledger->run[first];
    int count = 0;
    struct sbmt_str names = {0};
    for (int i = first; i < ledger->count; i++) {
        if (!same_line(run, &ledger->run[i]))
            continue;
        if (count < MOST_NAMES)
            sbmt_str_printf(&names, "%s%s (%.2f %%)", count == 0 ? "" : ", ",
                            name_of(&ledger->run[i]),
                            100 * sbmt_ledger_value(&ledger->run[i], "accuracy"));
        count++;
    }
    if (count > MOST_NAMES)
        sbmt_str_printf(&names, " and %d more", count - MOST_NAMES);
    sbmt_str_printf(
        lines, "%s: nothing learnt, no better than naming the most frequent class (%.2f %%): %s\n",
        run->config.task, 100 * majority_of(run), names.failed ? "" : names.text);
    lines->failed = lines->failed || names.failed;
    sbmt_str_finish(&names);
}

int sbmt_ledger_chance(const struct sbmt_ledger *ledger, struct sbmt_str *lines)
{
    int count = 0;
    for (int i = 0; i < ledger->count; i++)
        if (begins_line(ledger, i)) {
            add_line(ledger, i, lines);
            count++;
        }
    return count;
}
