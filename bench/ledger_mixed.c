/* What should not stand in one table. */
#include <string.h>

#include "bench/ledger.h"

/* A way in which two runs may differ: where they do, appends how. */
typedef bool difference(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b,
                        struct sbmt_str *line);

static const char *version_of(const struct sbmt_ledger_run *run)
{
    const char *version = sbmt_json_get_text(&run->info, "version");
    return version != NULL ? version : "unknown";
}

static bool same_task(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b)
{
    return strcmp(a->config.task, b->config.task) == 0;
}

static bool version_differs(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b,
                            struct sbmt_str *line)
{
    if (strcmp(version_of(a), version_of(b)) == 0)
        return false;
    sbmt_str_printf(line, "%s and %s are of two versions of sbmt, %s and %s", a->folder, b->folder,
                    version_of(a), version_of(b));
    return true;
}

static bool protocol_differs(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b,
                             struct sbmt_str *line)
{
    if (!same_task(a, b) || a->config.protocol == b->config.protocol)
        return false;
    sbmt_str_printf(line, "%s and %s are of two protocols of %s, %s and %s", a->folder, b->folder,
                    a->config.task, sbmt_protocol_name(a->config.protocol),
                    sbmt_protocol_name(b->config.protocol));
    return true;
}

static bool data_differs(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b,
                         struct sbmt_str *line)
{
    for (int split = 0; same_task(a, b) && split < SBMT_SPLIT_COUNT; split++) {
        const char *one = sbmt_ledger_origin(a, (enum sbmt_split)split);
        const char *other = sbmt_ledger_origin(b, (enum sbmt_split)split);
        if (one == NULL || other == NULL || strcmp(one, other) == 0)
            continue;
        sbmt_str_printf(line,
                        "%s and %s have other data of %s: %s is %.12s in one, %.12s in the "
                        "other",
                        a->folder, b->folder, a->config.task,
                        sbmt_split_name((enum sbmt_split)split), one, other);
        return true;
    }
    return false;
}

/* Of a part of test the score is another than of all of it. */
static bool part_differs(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b,
                         struct sbmt_str *line)
{
    if (!same_task(a, b) || strcmp(a->split, b->split) != 0)
        return false;
    const double one = sbmt_ledger_value(a, "count"), other = sbmt_ledger_value(b, "count");
    if (!(one < other || one > other))
        return false;
    sbmt_str_printf(line, "%s and %s were evaluated on %.0f and %.0f examples of %s", a->folder,
                    b->folder, one, other, a->config.task);
    return true;
}

/* The first pair of finished runs that differ; the later one is compared with all before it. */
static bool first_pair(const struct sbmt_ledger *ledger, difference *differs,
                       struct sbmt_str *lines)
{
    for (int b = 1; b < ledger->count; b++)
        for (int a = 0; a < b; a++)
            if (ledger->run[a].finished && ledger->run[b].finished &&
                differs(&ledger->run[a], &ledger->run[b], lines))
                return true;
    return false;
}

int sbmt_ledger_mixed(const struct sbmt_ledger *ledger, struct sbmt_str *lines)
{
    static difference *const differences[] = {version_differs, protocol_differs, data_differs,
                                              part_differs};
    int count = 0;
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++)
        if (first_pair(ledger, differences[i], lines)) {
            sbmt_str_printf(lines, "\n");
            count++;
        }
    return count;
}
