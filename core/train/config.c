/* Options of training. */
#include "core/train/config.h"

#include <math.h>
#include <stddef.h>

static const char *const schedule_words[] = {
    "onecycle", "onecycle-momentum", "linear", "constant", "inverse-root", "cosine", NULL};

static const char *const decay_words[] = {"matrices", "all", NULL};

#define ROW struct sbmt_train_config
const struct sbmt_field sbmt_train_fields[] = {
    SBMT_INT(ROW, steps, 5000, 0, 1e9, "optimiser steps of the run; 0: epochs tells them"),
    SBMT_NUMBER(ROW, epochs, 0, 0, 1e6,
                "passes over the training set, in place of steps; 0: steps tells the length"),
    SBMT_INT(ROW, batch_size, 32, 1, 65536, "sequences per optimiser step"),
    SBMT_INT(
        ROW, shards, 8, 1, 1024,
        "parts a batch is cut into: the unit of threads; results depend on it, never on --threads"),
    SBMT_NUMBER(ROW, lr, 5e-4, 0, 10, "learning rate; the largest one of the schedule"),
    SBMT_CHOICE(
        ROW, schedule, schedule_words, SBMT_SCHEDULE_ONECYCLE,
        "learning rate over the run: onecycle as in torch with linear annealing, "
        "onecycle-momentum, where beta1 goes from 0.95 to 0.85 and back meanwhile, which torch "
        "does unless told not to, or linear, constant, inverse-root (lr/sqrt(step)) or cosine "
        "after the warm-up"),
    SBMT_INT(ROW, warmup_steps, 1000, 0, 1e9, "steps in which the learning rate rises"),
    SBMT_NUMBER(ROW, warmup_ratio, 0, 0, 1,
                "the same as a share of all steps, in place of warmup_steps"),
    SBMT_NUMBER(ROW, beta1, 0.9, 0, 0.999999,
                "AdamW: decay of the mean of gradients; not used by onecycle-momentum"),
    SBMT_NUMBER(ROW, beta2, 0.999, 0, 0.99999999, "AdamW: decay of the mean of squared gradients"),
    SBMT_NUMBER(ROW, eps, 1e-6, 1e-30, 1, "AdamW: added to the root of the mean square"),
    SBMT_NUMBER(ROW, weight_decay, 0, 0, 10, "AdamW: decoupled weight decay"),
    SBMT_CHOICE(ROW, decay, decay_words, SBMT_DECAY_MATRICES,
                "what decays: matrices (as BERT: no biases, no weights of norms), or all"),
    SBMT_NUMBER(ROW, clip_norm, 0, 0, 1e9, "largest norm of the whole gradient; 0: no clipping"),
    SBMT_INT(ROW, eval_every, 50, 0, 1e9, "steps between evaluations on dev; 0: only at the end"),
    SBMT_INT(ROW, eval_examples, 0, 0, 1e9,
             "examples of dev, evenly spaced, in an evaluation during training; 0: all"),
    SBMT_INT(ROW, test_examples, 0, 0, 1e9,
             "examples of test, evenly spaced, in the evaluation at the end; 0: all",
             .evaluation = true),
    SBMT_INT(ROW, patience, 0, 0, 1e9,
             "evaluations in a row without a better one that end the run; 0: it never ends early"),
    SBMT_INT(ROW, checkpoint_every, 50, 0, 1e9, "steps between checkpoints; 0: only at the end"),
    SBMT_INT(
        ROW, log_every, 1, 1, 1e9,
        "steps in a line of metrics.jsonl, which has their means; a checkpoint ends a line, too"),
    SBMT_FIELDS_END,
};

/* Of an option and the one that says the same in another way. */
static bool check_length(const struct sbmt_train_config *config, struct sbmt_error *err)
{
    if (config->steps == 0 && config->epochs == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "train.steps: 0, and so is train.epochs; one of the two says how long the "
                         "run is");
    if (config->steps > 0 && config->epochs > 0)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "train.epochs: %g, but train.steps is %d; set one of the two, or the other "
            "to 0",
            config->epochs, config->steps);
    return true;
}

static bool check_warmup(const struct sbmt_train_config *config, struct sbmt_error *err)
{
    if (config->warmup_ratio > 0 && config->warmup_steps > 0)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "train.warmup_ratio: %g, but train.warmup_steps is %d; set one of the two, "
            "or the other to 0",
            config->warmup_ratio, config->warmup_steps);
    /* The rate of inverse-root does not depend on where the run ends. */
    if (config->epochs > 0 || config->warmup_steps <= config->steps ||
        config->schedule == SBMT_SCHEDULE_INVERSE_ROOT)
        return true;
    return sbmt_fail(
        err, SBMT_ERROR_CONFIG,
        "train.warmup_steps: %d is more than train.steps (%d); set train.warmup_steps=%d or so",
        config->warmup_steps, config->steps, config->steps / 10);
}

bool sbmt_train_config_check(const struct sbmt_train_config *config, struct sbmt_error *err)
{
    if (!check_length(config, err) || !check_warmup(config, err))
        return false;
    return config->patience == 0 || config->eval_every > 0 ||
           sbmt_fail(
               err, SBMT_ERROR_CONFIG,
               "train.patience: %d evaluations, but train.eval_every is 0: there is one only, "
               "at the end; set train.eval_every",
               config->patience);
}

bool sbmt_train_config_resolve(const struct sbmt_train_config *config, int64_t count,
                               struct sbmt_train_config *resolved, struct sbmt_error *err)
{
    *resolved = *config;
    if (config->epochs > 0 && count == 0)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "train.epochs: the training set is endless; set train.steps");
    if (config->epochs > 0) {
        const double steps = ceil(config->epochs * (double)count / config->batch_size);
        if (steps > 1e9)
            return sbmt_fail(err, SBMT_ERROR_CONFIG,
                             "train.epochs: %g of %lld examples are more steps than a run can have",
                             config->epochs, (long long)count);
        resolved->steps = (int)steps;
    }
    if (config->warmup_ratio > 0)
        resolved->warmup_steps = (int)ceil(config->warmup_ratio * resolved->steps);
    resolved->epochs = resolved->warmup_ratio = 0;
    if (resolved->warmup_steps <= resolved->steps || config->epochs == 0 ||
        config->schedule == SBMT_SCHEDULE_INVERSE_ROOT)
        return true;
    return sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "train.warmup_steps: %d is more than the %d steps of %g epochs; set "
                     "train.warmup_ratio=0.1 or so",
                     config->warmup_steps, resolved->steps, config->epochs);
}
