/* What a step and an evaluation of a batch give, to be compared byte by byte. */
#ifndef SBMT_TESTS_UNIT_STEP_OUTCOME_H
#define SBMT_TESTS_UNIT_STEP_OUTCOME_H

#include <math.h>

#include "tests/unit/step_world.h"

enum { STEP_COUNT = 13 };

static const int step_lengths[16] = {64, 1,   2,  65, 17,  300, 128, 33,
                                     7,  129, 90, 3,  257, 16,  200, 31};

static inline void step_fill(struct step_world *world, int count, uint64_t first)
{
    uint64_t id[STEP_MOST];
    for (int e = 0; e < count; e++)
        id[e] = first + (uint64_t)e;
    step_world_fill(world, count, id, step_lengths);
}

/* What a training step and an evaluation of a batch give. */
struct step_outcome {
    struct sbmt_step_result train, eval;
    real *grad;
    size_t size;
    real logits[STEP_COUNT * STEP_CLASSES];
    int predictions[STEP_COUNT];
};

static inline void step_run(struct step_world *world, int shards, int threads, const char *cpu,
                            uint64_t seed, uint32_t step, struct step_outcome *outcome)
{
    struct sbmt_error err = {0};
    struct sbmt_stepper *stepper = step_world_stepper(world, shards, threads, cpu);
    memset(outcome, 0, sizeof *outcome);
    ck_assert_msg(sbmt_stepper_train(stepper, &world->batch, seed, step, &outcome->train, &err) &&
                      sbmt_stepper_evaluate(stepper, &world->batch, seed, outcome->logits,
                                            outcome->predictions, &outcome->eval, &err),
                  "%s", err.message);
    outcome->eval.stats.heads = NULL; /* the stepper's, which ends here */
    outcome->size = world->params.size;
    outcome->grad = malloc(outcome->size * sizeof *outcome->grad);
    memcpy(outcome->grad, sbmt_stepper_gradient(stepper), outcome->size * sizeof *outcome->grad);
    if (cpu != NULL)
        ck_assert_str_eq(sbmt_stepper_cpu(stepper), cpu);
    ck_assert_uint_gt(sbmt_stepper_peak_bytes(stepper), 0);
    sbmt_stepper_destroy(stepper);
}

static inline void step_expect_same_result(const char *what, const struct sbmt_step_result *a,
                                           const struct sbmt_step_result *b)
{
    ck_assert_msg(memcmp(&a->loss_sum, &b->loss_sum, sizeof a->loss_sum) == 0 &&
                      memcmp(&a->stats, &b->stats, sizeof a->stats) == 0,
                  "%s: losses or counts differ", what);
    ck_assert_int_eq(a->correct, b->correct);
    ck_assert_int_eq(a->count, b->count);
    ck_assert_int_eq(a->labels, b->labels);
    ck_assert_int_eq(a->tokens, b->tokens);
}

static inline void step_expect_same(const char *what, const struct step_outcome *a,
                                    const struct step_outcome *b)
{
    step_expect_same_result(what, &a->train, &b->train);
    step_expect_same_result(what, &a->eval, &b->eval);
    ck_assert_msg(memcmp(a->grad, b->grad, a->size * sizeof *a->grad) == 0, "%s: gradients differ",
                  what);
    ck_assert_msg(memcmp(a->logits, b->logits, sizeof a->logits) == 0, "%s: logits differ", what);
    ck_assert_mem_eq(a->predictions, b->predictions, sizeof a->predictions);
}

/* A gradient that is all zeros, or losses that are not finite, would agree as well. */
static inline void step_expect_sound(const struct step_outcome *outcome)
{
    double norm = 0;
    for (size_t i = 0; i < outcome->size; i++)
        norm += (double)outcome->grad[i] * (double)outcome->grad[i];
    ck_assert(isfinite(norm) && norm > 1e-6);
    ck_assert(isfinite(outcome->train.loss_sum) && outcome->train.loss_sum > 0.1);
    ck_assert(outcome->train.loss_sum != outcome->eval.loss_sum); /* dropout is on in training */
}

#endif
