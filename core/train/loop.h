/* The training loop: batches in a reproducible order, steps, evaluations, checkpoints, resume. */
#ifndef SBMT_CORE_TRAIN_LOOP_H
#define SBMT_CORE_TRAIN_LOOP_H

#include "core/train/checkpoint.h"
#include "core/train/config.h"
#include "core/train/step.h"

/** What one optimiser step gave. */
struct sbmt_train_event {
    int64_t step;          /**< just done, counted from 1 */
    double loss, accuracy; /**< means over the examples, and over the labels, of the batch */
    double density;        /**< mean over the graphs of the batch; −1: the attention has none */
    double lr, gradient_norm;
    int64_t tokens; /**< real tokens of the batch */
    double seconds; /**< time of this step, its batch loading included */
};

/** What an evaluation gave. */
struct sbmt_eval_result {
    int64_t step;          /**< optimiser steps done before it */
    int64_t count;         /**< examples */
    int64_t labels;        /**< that were predicted: one an example, or one a token */
    double loss, accuracy; /**< means over the examples, and over the labels */
    double density;        /**< as above */
    double seconds;
    int draws;             /**< of graphs for each example, whose logits are averaged; 0: unknown */
    double draw_accuracy;  /**< of one draw: mean over the draws */
    double draw_deviation; /**< its standard deviation over the draws (divisor draws − 1) */
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

/** What a training run needs; all borrowed. */
struct sbmt_training {
    const struct sbmt_train_config *config;
    struct sbmt_params *params;
    struct sbmt_stepper *stepper;
    const struct sbmt_source *train, *dev; /**< dev may be NULL */
    uint64_t seed;
    const char *last_path, *best_path; /**< checkpoints; NULL: none are written */
    const char *fingerprint;           /**< of the configuration */
    struct sbmt_train_observer observer;
};

/** Trains from `state` (zeroed, or read from last_path) to config->steps. *state is updated as it
 * goes. Evaluates every eval_every steps and at the end; the weights of the best dev accuracy (the
 * earliest among equals) are in best_path. Asked to stop, it writes last_path and returns false
 * with SBMT_ERROR_INTERRUPTED; an evaluation that was cut short is done anew on resuming. However
 * often a run is stopped or killed, its final files have the same bytes. A loss or gradient that is
 * not finite ends it with SBMT_ERROR_DATA, the last checkpoint left as it is. */
SBMT_MUST_CHECK bool sbmt_train(const struct sbmt_training *training, struct sbmt_checkpoint *state,
                                struct sbmt_error *err);

/** Evaluates `limit` examples (0: all) of a source in batches of `batch_size`, in their order. With
 *  `predictions` not NULL it receives a class per label. Of `observer`, which may be NULL, only
 * eval_progress and should_stop are called and densities written; asked to stop, it returns false
 * with SBMT_ERROR_INTERRUPTED. result->step is 0. */
SBMT_MUST_CHECK bool sbmt_evaluate(struct sbmt_stepper *stepper, const struct sbmt_source *source,
                                   int batch_size, int64_t limit, uint64_t seed, int *predictions,
                                   const struct sbmt_train_observer *observer,
                                   struct sbmt_eval_result *result, struct sbmt_error *err);

#endif
