/* Options of training. */
#include "core/train/config.h"

#include <stddef.h>

static const char *const schedule_words[] = {"onecycle",     "linear", "constant",
                                             "inverse-root", "cosine", NULL};

#define ROW struct sbmt_train_config
const struct sbmt_field sbmt_train_fields[] = {
    SBMT_INT(ROW, steps, 5000, 1, 1e9, "optimiser steps of the run"),
    SBMT_INT(ROW, batch_size, 32, 1, 65536, "sequences per optimiser step"),
    SBMT_INT(
        ROW, shards, 8, 1, 1024,
        "parts a batch is cut into: the unit of threads; results depend on it, never on --threads"),
    SBMT_NUMBER(ROW, lr, 5e-4, 0, 10, "learning rate; the largest one of the schedule"),
    SBMT_CHOICE(
        ROW, schedule, schedule_words, SBMT_SCHEDULE_ONECYCLE,
        "learning rate over the run: onecycle as in torch with linear annealing, or linear, "
        "constant, inverse-root (lr/sqrt(step)) or cosine after the warm-up"),
    SBMT_INT(ROW, warmup_steps, 1000, 0, 1e9, "steps in which the learning rate rises"),
    SBMT_NUMBER(ROW, beta1, 0.9, 0, 0.999999, "AdamW: decay of the mean of gradients"),
    SBMT_NUMBER(ROW, beta2, 0.999, 0, 0.99999999, "AdamW: decay of the mean of squared gradients"),
    SBMT_NUMBER(ROW, eps, 1e-6, 1e-30, 1, "AdamW: added to the root of the mean square"),
    SBMT_NUMBER(ROW, weight_decay, 0, 0, 10, "AdamW: decoupled weight decay of matrices"),
    SBMT_NUMBER(ROW, clip_norm, 0, 0, 1e9, "largest norm of the whole gradient; 0: no clipping"),
    SBMT_INT(ROW, eval_every, 50, 0, 1e9, "steps between evaluations on dev; 0: only at the end"),
    SBMT_INT(ROW, eval_examples, 0, 0, 1e9,
             "examples of dev in an evaluation during training; 0: all"),
    SBMT_INT(ROW, checkpoint_every, 50, 0, 1e9, "steps between checkpoints; 0: only at the end"),
    SBMT_INT(ROW, log_every, 1, 1, 1e9, "steps between lines of metrics.jsonl"),
    SBMT_FIELDS_END,
};

bool sbmt_train_config_check(const struct sbmt_train_config *config, struct sbmt_error *err)
{
    /* The rate of inverse-root does not depend on where the run ends. */
    if (config->warmup_steps > config->steps && config->schedule != SBMT_SCHEDULE_INVERSE_ROOT)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "train.warmup_steps: %d is more than train.steps (%d); set train.warmup_steps=%d or so",
            config->warmup_steps, config->steps, config->steps / 10);
    return true;
}
