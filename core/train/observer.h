/* What training and evaluation tell those who watch them. */
#ifndef SBMT_CORE_TRAIN_OBSERVER_H
#define SBMT_CORE_TRAIN_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

/** What one optimiser step gave. */
struct sbmt_train_event {
    int64_t step;          /**< just done, counted from 1 */
    double loss, accuracy; /**< means over the examples, and over the labels, of the batch; accuracy
                              −1: the examples have scores */
    double density;        /**< mean over the graphs of the batch; −1: the attention has none */
    double lr, gradient_norm;
    int64_t tokens; /**< real tokens of the batch */
    double seconds; /**< time of this step, its batch loading included */
};

struct sbmt_densities;

enum { SBMT_MOST_SCORES = 4 };

/** What the answers of an evaluation are worth by one measure. */
struct sbmt_score {
    const char *name; /**< "f1"; borrowed from whoever computed it */
    double value;
    bool defined; /**< false: the measure's formula does not cover these answers; value is 0 */
    bool lower_is_better;
};

/** What an evaluation gave. */
struct sbmt_eval_result {
    int64_t step;          /**< optimiser steps done before it */
    int64_t count;         /**< examples */
    int64_t available;     /**< that they were taken from; 0: endless */
    int64_t labels;        /**< that were predicted: one an example, or one a token */
    double loss, accuracy; /**< means over the examples, and over the labels; accuracy −1: the
                              examples have scores */
    double density;        /**< as above */
    double seconds;
    int draws;             /**< of graphs for each example, whose logits are averaged; 0: unknown */
    double draw_accuracy;  /**< of one draw: mean over the draws */
    double draw_deviation; /**< its standard deviation over the draws (divisor draws − 1) */
    int scores;            /**< how many measures there are beside loss and accuracy */
    struct sbmt_score score[SBMT_MOST_SCORES];
    struct sbmt_score primary; /**< what the best weights are chosen by */
};

/** Who watches. Any function may be NULL; one that returns false ends training with its *err. */
struct sbmt_train_observer {
    void *context;
    bool (*step)(void *context, const struct sbmt_train_event *event, struct sbmt_error *err);
    bool (*eval)(void *context, const struct sbmt_eval_result *result, bool best,
                 struct sbmt_error *err);
    /** Progress within an evaluation. */
    void (*eval_progress)(void *context, int64_t done, int64_t count);
    /** Just before a checkpoint of `step` steps is written: make your own files durable up to here.
     */
    bool (*checkpoint)(void *context, int64_t step, struct sbmt_error *err);
    /** Asked before every step and every evaluation batch: true saves and stops. */
    bool (*should_stop)(void *context);
    /** (layers, heads) What every evaluation writes its graphs' densities to, head by head, before
     * `eval` is called. NULL: not wanted. */
    struct sbmt_densities *densities;
};

/** The observer asks to stop; it may be NULL. */
static inline bool sbmt_observer_stops(const struct sbmt_train_observer *observer)
{
    return observer != NULL && observer->should_stop != NULL &&
           observer->should_stop(observer->context);
}

#endif
