/* Evaluation: what a model answers to the examples of a source, and what that is worth. */
#ifndef SBMT_CORE_TRAIN_EVALUATE_H
#define SBMT_CORE_TRAIN_EVALUATE_H

#include "core/train/answers.h"
#include "core/train/observer.h"
#include "core/train/step.h"

/** What the best weights are chosen by. */
enum sbmt_choice {
    SBMT_CHOICE_ACCURACY,
    SBMT_CHOICE_LOSS,  /**< the least */
    SBMT_CHOICE_SCORE, /**< the first that the scorer computes */
};

/** How answers are measured. The engine knows accuracy and loss; of anything else this function
 * does, which whoever evaluates brings along. */
struct sbmt_scorer {
    enum sbmt_choice choice;
    void *context;
    /** Fills in result->scores and result->score from all answers of an evaluation; NULL: there is
     * nothing more to compute. */
    bool (*compute)(void *context, const struct sbmt_answers *answers,
                    struct sbmt_eval_result *result, struct sbmt_error *err);
};

/** What an evaluation needs; all borrowed. */
struct sbmt_eval_job {
    struct sbmt_stepper *stepper;
    const struct sbmt_source *source;
    int batch_size;
    /** So many examples, evenly spaced over the source, of an endless one the first; 0: all. */
    int64_t limit;
    uint64_t seed;
    const struct sbmt_scorer *scorer;           /**< NULL: accuracy */
    const struct sbmt_train_observer *observer; /**< may be NULL; only eval_progress and should_stop
                                                   are called, and densities written */
};

/** The index of example i of `count` that are evenly spaced over the `available` ones of a source;
 * i where those are endless (0). */
int64_t sbmt_evaluate_index(int64_t i, int64_t count, int64_t available);

/** Evaluates examples of a source in their order. `answers`, empty or NULL, receives them all,
 * and is the caller's to finish, whatever is returned. result->step is 0. Asked to stop, it returns
 * false with SBMT_ERROR_INTERRUPTED and *stopped, if not NULL, true. */
SBMT_MUST_CHECK bool sbmt_evaluate(const struct sbmt_eval_job *job,
                                   struct sbmt_answer_list *answers,
                                   struct sbmt_eval_result *result, bool *stopped,
                                   struct sbmt_error *err);

#endif
