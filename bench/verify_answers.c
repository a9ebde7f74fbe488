/* A result against predictions.tsv. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/verify_parts.h"
#include "data/metric.h"

static const char where[] = "predictions.tsv";

/* Scores are written with six digits. */
static bool check_metrics(const struct sbmt_ledger_run *run, const struct sbmt_answers *answers,
                          struct sbmt_arena *scratch, struct sbmt_error *err)
{
    char object[64], key[128];
    snprintf(object, sizeof object, "%s.metrics", run->split);
    for (struct sbmt_json_member member = {0}; sbmt_json_next(&run->result, object, &member);) {
        const struct sbmt_metric *metric = sbmt_metric_find(member.key, NULL);
        const bool of_scores = answers->score != NULL;
        struct sbmt_metric_value value;
        if (metric == NULL || (metric->answer == SBMT_ANSWER_SCORE) != of_scores)
            continue;
        snprintf(key, sizeof key, "%s.%s", object, member.key);
        if (!metric->compute(answers, scratch, &value, err) ||
            !sbmt_verify_number(run, key, where, value.value, of_scores ? 1e-4 : 1e-9, err))
            return false;
    }
    return true;
}

/* Of a part of the examples the share is another than that of the whole split. */
static bool check_majority(const struct sbmt_ledger_run *run, const struct sbmt_answers *answers,
                           struct sbmt_arena *scratch, struct sbmt_error *err)
{
    char of[64];
    snprintf(of, sizeof of, "%s.of", run->split);
    if (answers->label == NULL || sbmt_json_has(&run->result, of) ||
        !sbmt_json_has(&run->result, "majority"))
        return true;
    int64_t *count = sbmt_arena_zalloc(scratch, (size_t)answers->classes, sizeof *count);
    int64_t most = 0;
    if (count == NULL)
        return sbmt_arena_check(scratch, where, err);
    for (int64_t i = 0; i < answers->count; i++)
        if (++count[answers->label[i]] > most)
            most = count[answers->label[i]];
    return sbmt_verify_number(run, "majority", where, (double)most / (double)answers->count, 1e-9,
                              err);
}

/* Whether a number of the split that is there is the one of the answers. */
static bool check_number(const struct sbmt_ledger_run *run, const char *name, double wanted,
                         struct sbmt_error *err)
{
    char key[64];
    snprintf(key, sizeof key, "%s.%s", run->split, name);
    return !sbmt_json_has(&run->result, key) ||
           sbmt_verify_number(run, key, where, wanted, 1e-12, err);
}

bool sbmt_verify_answers(const struct sbmt_ledger_run *run, struct sbmt_verification *verification,
                         struct sbmt_arena *scratch, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct sbmt_answers answers;
    if (run->answers.count == 0)
        return true;
    verification->score = NULL;
    const bool same = check_number(run, "count", (double)run->answers.count, err) &&
                      check_number(run, "labels", (double)run->answers.labels, err) &&
                      check_number(run, "accuracy", sbmt_ledger_answered(run), err) &&
                      sbmt_ledger_answers_load(run, scratch, &answers, err) &&
                      check_metrics(run, &answers, scratch, err) &&
                      check_majority(run, &answers, scratch, err);
    sbmt_arena_release(scratch, mark);
    return same;
}
