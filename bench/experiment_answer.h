/* One evaluation of a split by the weights of an open experiment, and the table of its answers. */
#ifndef SBMT_BENCH_EXPERIMENT_ANSWER_H
#define SBMT_BENCH_EXPERIMENT_ANSWER_H

#include "bench/experiment.h"

/** What is to be evaluated; all borrowed. */
struct sbmt_examination {
    struct sbmt_experiment *experiment;
    /** A table of predictions as in struct sbmt_eval_files, written whole or not at all; NULL:
     * none. */
    const char *predictions;
    const struct sbmt_train_observer *observer;
    const struct sbmt_log *log; /**< for what is suspicious about the answers */
    bool told; /**< metrics that are not defined have been told of by evaluations before */
};

/** Evaluates result->split, of test the train.test_examples that are wanted, into result->eval, if
 * result->unlabelled without measuring anything, and tells in the log what is suspicious.
 * `answers`, empty, receives the answers, but those of masked words, and is the caller's to finish,
 * whatever is returned. */
SBMT_MUST_CHECK bool sbmt_experiment_answer(const struct sbmt_examination *examination,
                                            struct sbmt_answer_list *answers,
                                            struct sbmt_result *result, struct sbmt_error *err);

#endif
