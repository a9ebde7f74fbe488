/* The measures of a task, as training and evaluation ask for them. */
#ifndef SBMT_BENCH_SCORING_H
#define SBMT_BENCH_SCORING_H

#include "core/base/log.h"
#include "core/train/evaluate.h"
#include "data/task.h"

/** The scorer of a task. It must not move while it is in use. */
struct sbmt_scoring {
    const struct sbmt_task *task;
    const struct sbmt_log *log; /**< where a metric that is not defined is told of, once */
    bool told[SBMT_MOST_SCORES];
    struct sbmt_scorer scorer;
};

/** Prepares the scorer: by the task's metrics, of which the first chooses the best weights; where
 * it names none by accuracy or, where words are guessed, by loss. Both are borrowed; `log` may be
 * NULL. */
void sbmt_scoring_init(struct sbmt_scoring *scoring, const struct sbmt_task *task,
                       const struct sbmt_log *log);

/** What chooses the best weights, with a value from elsewhere. */
struct sbmt_score sbmt_scoring_primary(const struct sbmt_task *task, double value);

#endif
