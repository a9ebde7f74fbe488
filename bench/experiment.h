/* An experiment: data, model and training put together, in a run folder. */
#ifndef SBMT_BENCH_EXPERIMENT_H
#define SBMT_BENCH_EXPERIMENT_H

#include "bench/experiment_config.h"
#include "bench/result.h"
#include "core/train/loop.h"
#include "data/dataset.h"

/** What an experiment is about to do. */
struct sbmt_experiment_start {
    const struct sbmt_experiment_config *config;
    const struct sbmt_train_config *train; /**< resolved: its length and warm-up in steps */
    const char *folder;
    int64_t step; /**< optimiser steps done already */
    int64_t parameters;
    int64_t count[SBMT_SPLIT_COUNT]; /**< examples; 0: endless */
    int threads;
    const char *cpu; /**< instruction set of the kernels */
};

/** How an experiment is run. Nothing of it changes its results, but for `cpu`: sums of another
 * instruction set differ in their last bits. All borrowed. */
struct sbmt_experiment_options {
    const char *data; /**< root of the data files */
    int threads;      /**< 0: all processors */
    const char *cpu;  /**< instruction set; NULL: the best */
    bool resume;      /**< go on with the run in the folder */
    bool shared;      /**< other runs use this machine: its energy is not this run's */
    const struct sbmt_log *log;
    struct sbmt_train_observer observer; /**< watches beside the run's own records */
    /** Called with the observer's context when everything is open, before the first step. */
    void (*started)(void *context, const struct sbmt_experiment_start *start);
};

/** The parts of an experiment. All zero is a valid closed one; must not move while open. */
struct sbmt_experiment {
    const struct sbmt_experiment_config *config;
    struct sbmt_train_config train; /**< resolved, where the training set is open */
    const struct sbmt_task *task;
    const struct sbmt_form *form;
    struct sbmt_dataset set[SBMT_SPLIT_COUNT]; /**< those asked for; the others zeroed */
    struct sbmt_params params;
    struct sbmt_model *model;
    struct sbmt_stepper *stepper;
    int threads;
    char fingerprint[SBMT_SHA256_HEX]; /**< of the configuration */
    char *classes;                     /**< their names, as checkpoints have them; NULL: none */
    char init_digest[SBMT_SHA256_HEX]; /**< of the weights it began with; "": none, or unknown */
};

/** Opens data, model and buffers. `splits` is a set of bits 1 << enum sbmt_split. The configuration
 * is borrowed. On failure everything is closed again. */
SBMT_MUST_CHECK bool sbmt_experiment_open(struct sbmt_experiment *experiment,
                                          const struct sbmt_experiment_config *config,
                                          unsigned splits,
                                          const struct sbmt_experiment_options *options,
                                          struct sbmt_error *err);

/** Accepts a zeroed experiment. */
void sbmt_experiment_close(struct sbmt_experiment *experiment);

/** The examples of an open split that an evaluation counts: all, or with emulate.drop_last those
 * that fill batches of train.batch_size, if there are so many. */
struct sbmt_source sbmt_experiment_evaluated(struct sbmt_experiment *experiment,
                                             enum sbmt_split split);

/** The number of trained values of the model. */
int64_t sbmt_experiment_parameters(const struct sbmt_experiment *experiment);

/** Trains in a run folder from the beginning, with the weights of model.init where that names some,
 * or, with options->resume, from its checkpoint; then evaluates the weights that were best on dev
 * on test, or on dev again where test has no labels, and writes result.json. A configuration or
 * data that differ from those of the run being resumed are SBMT_ERROR_CONFIG. Asked to stop by the
 * observer, returns false with SBMT_ERROR_INTERRUPTED and everything saved. */
SBMT_MUST_CHECK bool sbmt_experiment_train(const struct sbmt_experiment_config *config,
                                           const char *folder,
                                           const struct sbmt_experiment_options *options,
                                           struct sbmt_result *result, struct sbmt_error *err);

/** Loads the configuration that a run folder was made with, into `arena`. */
SBMT_MUST_CHECK bool sbmt_experiment_stored(const char *folder,
                                            struct sbmt_experiment_config *config,
                                            struct sbmt_arena *arena, struct sbmt_error *err);

/** A run as it is evaluated. */
struct sbmt_evaluation {
    const char *folder;                   /**< borrowed */
    struct sbmt_experiment_config config; /**< that of the run, changed */
    char fingerprint[SBMT_SHA256_HEX];    /**< of the run's own */
    const char *const *changes;           /**< "key=value"; borrowed */
    int change_count;
};

/** Loads the configuration of a run, into `arena`, with changes to options that matter in
 * evaluation alone; others are SBMT_ERROR_USAGE. */
SBMT_MUST_CHECK bool sbmt_evaluation_load(struct sbmt_evaluation *evaluation, const char *folder,
                                          const char *const *changes, int count,
                                          struct sbmt_arena *arena, struct sbmt_error *err);

/** Files that an evaluation writes; NULL: it does not. */
struct sbmt_eval_files {
    /** A table with a line for each label: index of the example, position of the token where tokens
     * have labels, label (where the split has any) and prediction, classes by their names. */
    const char *predictions;
    /** A zip archive that the answers to the official test set go to, as the leaderboard wants them
     * (data/submission.h). */
    const char *submission;
};

/** Evaluates a run's checkpoint ("best" or "last") on a split. A split without labels is
 * SBMT_ERROR_USAGE where no file is asked for. */
SBMT_MUST_CHECK bool sbmt_experiment_eval(const struct sbmt_evaluation *evaluation,
                                          const char *checkpoint, enum sbmt_split split,
                                          const struct sbmt_eval_files *files,
                                          const struct sbmt_experiment_options *options,
                                          struct sbmt_result *result, struct sbmt_error *err);

#endif
