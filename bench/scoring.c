/* Measures of tasks. */
#include "bench/scoring.h"

#include <assert.h>

#include "data/metric.h"

static void tell_undefined(struct sbmt_scoring *scoring, int index)
{
    if (scoring->told[index])
        return;
    scoring->told[index] = true;
    sbmt_log_write(scoring->log, SBMT_LOG_NOTE,
                   "%s is not defined for these answers, as where all are the same; it counts as 0",
                   scoring->task->metrics[index]->name);
}

static bool compute(void *context, const struct sbmt_answers *answers,
                    struct sbmt_eval_result *result, struct sbmt_error *err)
{
    struct sbmt_scoring *scoring = context;
    struct sbmt_answers all = *answers;
    all.classes = scoring->task->classes;
    struct sbmt_arena scratch = {0};
    bool done = true;
    for (int i = 0; scoring->task->metrics[i] != NULL && done; i++) {
        const struct sbmt_metric *metric = scoring->task->metrics[i];
        struct sbmt_metric_value value = {0};
        assert(i < SBMT_MOST_SCORES);
        done = metric->compute(&all, &scratch, &value, err);
        result->score[i] = (struct sbmt_score){.name = metric->name,
                                               .value = value.value,
                                               .defined = value.defined,
                                               .lower_is_better = !metric->higher_is_better};
        result->scores = i + 1;
        if (done && !value.defined)
            tell_undefined(scoring, i);
    }
    sbmt_arena_finish(&scratch);
    return done;
}

void sbmt_scoring_init(struct sbmt_scoring *scoring, const struct sbmt_task *task,
                       const struct sbmt_log *log)
{
    *scoring = (struct sbmt_scoring){.task = task, .log = log};
    scoring->scorer.context = scoring;
    if (task->target == SBMT_TARGET_MASKED) {
        scoring->scorer.choice = SBMT_CHOICE_LOSS;
    } else if (task->metrics != NULL) {
        scoring->scorer.choice = SBMT_CHOICE_SCORE;
        scoring->scorer.compute = compute;
    }
}

struct sbmt_score sbmt_scoring_primary(const struct sbmt_task *task, double value)
{
    struct sbmt_score primary = {.name = "accuracy", .value = value, .defined = true};
    if (task->target == SBMT_TARGET_MASKED) {
        primary.name = "loss";
        primary.lower_is_better = true;
    } else if (task->metrics != NULL) {
        primary.name = task->metrics[0]->name;
        primary.lower_is_better = !task->metrics[0]->higher_is_better;
    }
    return primary;
}
