/* The training loop: batches in a reproducible order, steps, evaluations, checkpoints, resume. */
#ifndef SBMT_CORE_TRAIN_LOOP_H
#define SBMT_CORE_TRAIN_LOOP_H

#include "core/train/checkpoint.h"
#include "core/train/config.h"
#include "core/train/evaluate.h"

/** What a training run needs; all borrowed. */
struct sbmt_training {
    const struct sbmt_train_config *config;
    struct sbmt_params *params;
    struct sbmt_stepper *stepper;
    const struct sbmt_source *train, *dev; /**< dev may be NULL */
    const struct sbmt_scorer *scorer;      /**< of evaluations; NULL: accuracy */
    uint64_t seed;
    const char *last_path, *best_path; /**< checkpoints; NULL: none are written */
    const char *fingerprint;           /**< of the configuration */
    struct sbmt_train_observer observer;
};

/** Trains from `state` (zeroed, or read from last_path) to config->steps, or until config->patience
 * evaluations in a row found nothing better: then state->step is less. The configuration has its
 * length and warm-up in steps (sbmt_train_config_resolve). *state is updated as it goes. Evaluates
 * every eval_every steps and at the end; the weights that are best on dev by the scorer's choice
 * (the earliest among equals) are in best_path. Asked to stop, it writes last_path and returns
 * false with SBMT_ERROR_INTERRUPTED; an evaluation that was cut short is done anew on resuming.
 * However often a run is stopped or killed, its final files have the same bytes. A loss or gradient
 * that is not finite ends it with SBMT_ERROR_DATA, the last checkpoint left as it is. */
SBMT_MUST_CHECK bool sbmt_train(const struct sbmt_training *training, struct sbmt_checkpoint *state,
                                struct sbmt_error *err);

#endif
