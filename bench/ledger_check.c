/* Whether the numbers of a result can be what they are called. */
#include <math.h>
#include <string.h>

#include "bench/ledger_run.h"
#include "core/base/number.h"
#include "data/metric.h"

/* Where numbers may lie. */
struct bounds {
    double least, most;
};

/* False for what is no number that anybody reads. */
static bool bounds_of(const char *key, struct bounds *bounds)
{
    static const char *const shares[] = {"accuracy", "graph_accuracy", "density", "majority"};
    static const char *const amounts[] = {
        "loss", "seconds", "steps", "step", "ended_at_step", "parameters", "count", "of", "labels"};
    *bounds = (struct bounds){0, 1};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        if (strcmp(shares[i], key) == 0)
            return true;
    bounds->most = (double)INFINITY;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        if (strcmp(amounts[i], key) == 0)
            return true;
    *bounds = (struct bounds){-1, 1};
    return sbmt_metric_find(key, NULL) != NULL;
}

static bool fail(const char *folder, const char *object, const struct sbmt_json_member *member,
                 const struct bounds *bounds, struct sbmt_error *err)
{
    char number[SBMT_NUMBER_TEXT] = "no number";
    if (member->kind == SBMT_JSON_NUMBER)
        sbmt_number_text(member->number, number);
    const char *dot = object[0] != '\0' ? "." : "";
    if (isinf(bounds->most))
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s/result.json: %s%s%s is %s, where one not below 0 should be; run it "
                         "again",
                         folder, object, dot, member->key, number);
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "%s/result.json: %s%s%s is %s, where one from %g to %g should be; run it "
                     "again",
                     folder, object, dot, member->key, number, bounds->least, bounds->most);
}

/* A number that was not finite is null. */
static bool is_within(const struct sbmt_json_member *member, const struct bounds *bounds)
{
    const double slack = 1e-9;
    return member->kind == SBMT_JSON_NULL ||
           (member->kind == SBMT_JSON_NUMBER && member->number >= bounds->least - slack &&
            member->number <= bounds->most + slack);
}

bool sbmt_ledger_check_numbers(const struct sbmt_ledger_run *run, struct sbmt_error *err)
{
    static const char *const objects[] = {"",    "best_dev",     "test",
                                          "dev", "test.metrics", "dev.metrics"};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        for (struct sbmt_json_member member = {0};
             sbmt_json_next(&run->result, objects[i], &member);) {
            struct bounds bounds;
            if (bounds_of(member.key, &bounds) && !is_within(&member, &bounds))
                return fail(run->folder, objects[i], &member, &bounds, err);
        }
    return true;
}
