/* Options of training. */
#ifndef SBMT_CORE_TRAIN_CONFIG_H
#define SBMT_CORE_TRAIN_CONFIG_H

#include "core/base/error.h"
#include "core/base/field.h"

enum sbmt_schedule {
    SBMT_SCHEDULE_ONECYCLE,     /**< torch's OneCycleLR with linear annealing */
    SBMT_SCHEDULE_LINEAR,       /**< linear warm-up, then linear decay to 0 */
    SBMT_SCHEDULE_CONSTANT,     /**< linear warm-up, then constant */
    SBMT_SCHEDULE_INVERSE_ROOT, /**< linear warm-up, then as 1/sqrt(step); lr is that of step 1 */
    SBMT_SCHEDULE_COSINE,       /**< linear warm-up, then half a cosine to 0 */
};

/** The section `train:`. */
struct sbmt_train_config {
    int steps, batch_size, shards;
    double lr;
    int schedule; /**< enum sbmt_schedule */
    int warmup_steps;
    double beta1, beta2, eps, weight_decay, clip_norm;
    int eval_every, eval_examples, checkpoint_every, log_every;
};

/** The table of the section `train:`. */
extern const struct sbmt_field sbmt_train_fields[];

/** Rules between options: warm-up not longer than the run. */
SBMT_MUST_CHECK bool sbmt_train_config_check(const struct sbmt_train_config *config,
                                             struct sbmt_error *err);

#endif
