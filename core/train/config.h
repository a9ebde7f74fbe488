/* Options of training. */
#ifndef SBMT_CORE_TRAIN_CONFIG_H
#define SBMT_CORE_TRAIN_CONFIG_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/base/field.h"

enum sbmt_schedule {
    SBMT_SCHEDULE_ONECYCLE,          /**< torch's OneCycleLR with linear annealing */
    SBMT_SCHEDULE_ONECYCLE_MOMENTUM, /**< the same with its cycle of beta1 */
    SBMT_SCHEDULE_LINEAR,            /**< linear warm-up, then linear decay to 0 */
    SBMT_SCHEDULE_CONSTANT,          /**< linear warm-up, then constant */
    SBMT_SCHEDULE_INVERSE_ROOT, /**< linear warm-up, then as 1/sqrt(step); lr is that of step 1 */
    SBMT_SCHEDULE_COSINE,       /**< linear warm-up, then half a cosine to 0 */
};

/** What weight decay applies to. */
enum sbmt_decay {
    SBMT_DECAY_MATRICES, /**< BERT's rule: neither biases nor the weights of norms */
    SBMT_DECAY_ALL,      /**< everything that is trained, as torch's AdamW by itself */
};

/** The section `train:`. How long a run is, and its warm-up, are said in one of two ways each; the
 * other is 0. */
struct sbmt_train_config {
    int steps;
    double epochs;
    int batch_size, shards;
    double lr;
    int schedule; /**< enum sbmt_schedule */
    int warmup_steps;
    double warmup_ratio; /**< of the steps */
    double beta1, beta2, eps, weight_decay;
    int decay; /**< enum sbmt_decay */
    double clip_norm;
    int eval_every, eval_examples, test_examples, patience, checkpoint_every, log_every;
};

/** The table of the section `train:`. */
extern const struct sbmt_field sbmt_train_fields[];

/** Rules between options: length and warm-up said in one way each, a warm-up not longer than the
 * run, patience only with evaluations to count. */
SBMT_MUST_CHECK bool sbmt_train_config_check(const struct sbmt_train_config *config,
                                             struct sbmt_error *err);

/** The same training with its length and warm-up in steps alone, for a training set of `count`
 * examples (0: endless): the steps that epochs · count / batch_size is rounded up to, likewise the
 * warm-up. SBMT_ERROR_CONFIG for epochs of what is endless, for too many steps, and for a warm-up
 * that turns out longer than the run. */
SBMT_MUST_CHECK bool sbmt_train_config_resolve(const struct sbmt_train_config *config,
                                               int64_t count, struct sbmt_train_config *resolved,
                                               struct sbmt_error *err);

#endif
