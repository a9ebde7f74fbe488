/* A model under measurement: one kind of attention at one length and density. */
#ifndef SBMT_BENCH_SPEED_SUBJECT_H
#define SBMT_BENCH_SPEED_SUBJECT_H

#include "bench/experiment_config.h"
#include "bench/speed.h"
#include "core/train/step.h"

/** Random sequences of one length, for a task of the sizes of ListOps. */
struct sbmt_speed_batch {
    struct sbmt_batch batch;
    int n;
};

SBMT_MUST_CHECK bool sbmt_speed_batch_init(struct sbmt_speed_batch *batch, int count, int n,
                                           struct sbmt_arena *arena, struct sbmt_error *err);

/** Not to be moved once begun: the model borrows the configuration. */
struct sbmt_speed_subject {
    struct sbmt_experiment_config config;
    struct sbmt_params params;
    struct sbmt_model *model;
    struct sbmt_stepper *stepper;
    struct sbmt_step_result trained; /**< of the last training step */
    double *step, *inference;        /**< seconds of each repeat */
    int64_t steps;                   /**< optimiser steps so far */
};

/** The configuration of a kind: defaults, then the plan's changes as far as they concern it. */
SBMT_MUST_CHECK bool sbmt_speed_config(const struct sbmt_speed_plan *plan, const char *kind,
                                       struct sbmt_experiment_config *config,
                                       struct sbmt_arena *arena, struct sbmt_error *err);

/** The graphs of a kind can be given a density. */
SBMT_MUST_CHECK bool sbmt_speed_has_density(const struct sbmt_speed_plan *plan, const char *kind,
                                            bool *has_density, struct sbmt_arena *arena,
                                            struct sbmt_error *err);

/** Builds the model that row->attention, n and target name, and sets its density. */
SBMT_MUST_CHECK bool sbmt_speed_subject_init(struct sbmt_speed_subject *subject,
                                             const struct sbmt_speed_plan *plan,
                                             const struct sbmt_speed_row *row, int threads,
                                             struct sbmt_arena *arena, struct sbmt_error *err);

/** Accepts a zeroed subject. */
void sbmt_speed_subject_finish(struct sbmt_speed_subject *subject);

/** Operations of a batch by formula: the linear layers and ops->cost at the row's density. A
 * backward pass counts twice the forward one, and 4·m·k more for m edges between k clusters,
 * for the two sums along edges that the memberships' gradients take. */
void sbmt_speed_subject_flops(const struct sbmt_speed_subject *subject, int batch,
                              struct sbmt_speed_row *row);

#endif
