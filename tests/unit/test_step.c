/* The step: what is counted and averaged, and limits of memory. */
#include "core/attention/sbm_config.h"
#include "core/kernels/kernels.h"
#include "tests/suite.h"
#include "tests/unit/step_outcome.h"

START_TEST(order_in_a_batch_does_not_matter_to_a_sequence)
{
    struct step_world world;
    struct step_outcome forward, backward;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    uint64_t id[STEP_COUNT];
    step_fill(&world, STEP_COUNT, 0);
    step_run(&world, 3, 1, NULL, 5, 3, &forward);
    for (int e = 0; e < STEP_COUNT; e++)
        id[e] = (uint64_t)(STEP_COUNT - 1 - e);
    step_world_fill(&world, STEP_COUNT, id, step_lengths);
    step_run(&world, 3, 1, NULL, 5, 3, &backward);
    for (int e = 0; e < STEP_COUNT; e++)
        ck_assert_mem_eq(forward.logits + e * STEP_CLASSES,
                         backward.logits + (STEP_COUNT - 1 - e) * STEP_CLASSES,
                         STEP_CLASSES * sizeof(real));
    free(forward.grad);
    free(backward.grad);
    step_world_finish(&world);
}
END_TEST

START_TEST(counts_are_those_of_the_batch)
{
    struct step_world world;
    struct step_outcome outcome;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    step_fill(&world, STEP_COUNT, 0);
    step_run(&world, 4, 2, NULL, 5, 3, &outcome);
    int tokens = 0, correct = 0;
    double most = 0;
    for (int e = 0; e < STEP_COUNT; e++) {
        tokens += step_lengths[e];
        most += 2.0 * 2.0 * step_lengths[e] * step_lengths[e];
        int best = 0;
        for (int c = 1; c < STEP_CLASSES; c++)
            if (outcome.logits[e * STEP_CLASSES + c] > outcome.logits[e * STEP_CLASSES + best])
                best = c;
        ck_assert_int_eq(outcome.predictions[e], best);
        correct += best == world.label[e];
    }
    ck_assert_int_eq(outcome.eval.correct, correct);
    ck_assert_int_eq(outcome.eval.count, STEP_COUNT);
    ck_assert_int_eq(outcome.eval.labels, STEP_COUNT);
    ck_assert_int_eq(outcome.eval.tokens, tokens);
    ck_assert_int_eq(outcome.train.tokens, tokens);
    ck_assert(outcome.eval.stats.density_count == STEP_COUNT * 2 * 2);
    ck_assert(outcome.eval.stats.edges > 0 && outcome.eval.stats.edges < most);
    /* At the start memberships are about ½, probabilities about ¼ plus the exploration. */
    ck_assert_double_eq_tol(outcome.eval.stats.edges / most, 0.26, 0.1);
    free(outcome.grad);
    step_world_finish(&world);
}
END_TEST

/* All densities are over the same pairs, whatever the sequences' step_lengths. */
START_TEST(padding_can_be_counted)
{
    struct step_world world;
    struct step_outcome plain, padded;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    step_fill(&world, STEP_COUNT, 0);
    step_run(&world, 4, 2, NULL, 5, 3, &plain);
    struct sbmt_sbm_config *options = world.config.attention.config;
    options->count_padding = true;
    world.config.padded_length = STEP_POSITIONS;
    step_run(&world, 4, 2, NULL, 5, 3, &padded);
    const struct sbmt_stats *stats = &padded.eval.stats;
    ck_assert(stats->edges == plain.eval.stats.edges);
    ck_assert(stats->density_count == plain.eval.stats.density_count);
    ck_assert_double_eq_tol(stats->density,
                            stats->edges / ((double)STEP_POSITIONS * STEP_POSITIONS), 1e-12);
    free(plain.grad);
    free(padded.grad);
    step_world_finish(&world);
}
END_TEST

enum { DRAWS = 3 };

/* What the draws of one example give, one by one. */
struct drawn {
    real mean[STEP_CLASSES];
    int correct[DRAWS];
    bool differ; /* the logits of its draws */
};

/* Draw d is the example at step d. */
static void draw_alone(const struct step_world *world, int example, struct sbmt_pass *pass,
                       struct drawn *drawn)
{
    real first[STEP_CLASSES], logits[STEP_CLASSES];
    *drawn = (struct drawn){0};
    for (int d = 0; d < DRAWS; d++) {
        struct sbmt_error err = {0};
        struct sbmt_outcome outcome;
        int prediction;
        pass->step = (uint32_t)d;
        ck_assert(sbmt_model_example(world->model, &world->batch, example, pass, logits,
                                     &prediction, &outcome, &err));
        ck_assert_int_eq(outcome.labels, 1);
        ck_assert_int_eq(outcome.correct, prediction == world->label[example]);
        ck_assert_int_eq(outcome.draw_correct[0], outcome.correct);
        drawn->correct[d] = outcome.correct;
        if (d == 0)
            memcpy(first, logits, sizeof first);
        drawn->differ |= memcmp(first, logits, sizeof first) != 0;
        for (int c = 0; c < STEP_CLASSES; c++)
            drawn->mean[c] += logits[c] / DRAWS;
    }
}

static void expect_mean_of_draws(struct step_world *world, const struct step_outcome *averaged)
{
    struct sbmt_arena saved = {0}, scratch = {0};
    struct sbmt_stats stats = {0};
    struct sbmt_pass pass = {.kernels = sbmt_kernels_get(NULL, NULL),
                             .value = world->params.value,
                             .saved = &saved,
                             .scratch = &scratch,
                             .stats = &stats,
                             .seed = 5,
                             .batch_count = STEP_COUNT};
    int correct[DRAWS] = {0};
    bool differ = false;
    for (int e = 0; e < STEP_COUNT; e++) {
        struct drawn drawn;
        draw_alone(world, e, &pass, &drawn);
        ck_assert_mem_eq(averaged->logits + e * STEP_CLASSES, drawn.mean, sizeof drawn.mean);
        differ |= drawn.differ;
        for (int d = 0; d < DRAWS; d++)
            correct[d] += drawn.correct[d];
    }
    ck_assert(differ);
    for (int d = 0; d < DRAWS; d++)
        ck_assert_int_eq(averaged->eval.draw_correct[d], correct[d]);
    ck_assert_uint_eq(saved.used, 0);
    sbmt_arena_finish(&saved);
    sbmt_arena_finish(&scratch);
}

/* Draw d of an evaluation has the graphs of step d: the mean of three draws is that of the three
 * steps computed one by one; the same bytes for any number of threads and shards. */
START_TEST(draws_are_averaged)
{
    struct step_world world;
    static struct step_outcome one, two;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    step_fill(&world, STEP_COUNT, 0);
    step_option(&world, "mask_samples", DRAWS);
    step_run(&world, 4, 1, NULL, 5, 3, &one);
    step_run(&world, 4, 3, NULL, 5, 3, &two);
    step_expect_same("threads", &one, &two);
    ck_assert_int_eq(one.eval.draws, DRAWS);
    ck_assert_int_eq(one.train.draws, 1);
    ck_assert(one.eval.stats.density_count == STEP_COUNT * 2 * 2 * DRAWS);
    ck_assert_mem_eq(one.eval.draw_correct, two.eval.draw_correct, sizeof one.eval.draw_correct);
    step_option(&world, "mask_samples", 1);
    expect_mean_of_draws(&world, &one);
    free(one.grad);
    free(two.grad);
    step_world_finish(&world);
}
END_TEST

/* Too long a sequence is an error with a message; what comes after it is not affected. */
static void check_limit(int kind, int threads)
{
    static const int long_lengths[16] = {1000, 1000, 1000, 1000}, short_lengths[16] = {5, 4, 3, 2};
    static const uint64_t id[4] = {0, 1, 2, 3};
    struct step_world world;
    struct sbmt_error err = {0};
    struct sbmt_step_result limited, free_result;
    step_world_init(&world, kind);
    struct sbmt_stepper *tight = sbmt_stepper_create(world.model, &world.params, 2, threads, NULL,
                                                     (size_t)1 << 19, &err);
    ck_assert_ptr_nonnull(tight);
    for (int round = 0; round < 2; round++) {
        step_world_fill(&world, 4, id, long_lengths);
        err = (struct sbmt_error){0};
        ck_assert(!sbmt_stepper_train(tight, &world.batch, 1, 1, &limited, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
        ck_assert_msg(strstr(err.message, "limit of 0.5 MiB") != NULL, "%s", err.message);
        err = (struct sbmt_error){0};
        ck_assert(!sbmt_stepper_evaluate(tight, &world.batch, 1, NULL, NULL, &limited, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
        step_world_fill(&world, 4, id, short_lengths);
        ck_assert_msg(sbmt_stepper_train(tight, &world.batch, 1, 1, &limited, &err), "%s",
                      err.message);
    }
    ck_assert_uint_le(sbmt_stepper_peak_bytes(tight), (size_t)1 << 20);
    struct sbmt_stepper *roomy = step_world_stepper(&world, 2, threads, NULL);
    ck_assert(sbmt_stepper_train(roomy, &world.batch, 1, 1, &free_result, &err));
    step_expect_same_result("after a failure", &limited, &free_result);
    ck_assert_mem_eq(sbmt_stepper_gradient(tight), sbmt_stepper_gradient(roomy),
                     world.params.size * sizeof(real));
    sbmt_stepper_destroy(tight);
    sbmt_stepper_destroy(roomy);
    step_world_finish(&world);
}

START_TEST(a_limit_of_memory_is_a_clean_error)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        check_limit(kind, 1);
        check_limit(kind, 2);
    }
}
END_TEST

START_TEST(an_unknown_instruction_set_is_a_wrong_command)
{
    struct step_world world;
    struct sbmt_error err = {0};
    step_world_init(&world, 0);
    ck_assert_ptr_null(sbmt_stepper_create(world.model, &world.params, 1, 1, "mmx", 0, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    ck_assert_msg(strstr(err.message, "mmx") != NULL, "%s", err.message);
    sbmt_stepper_destroy(NULL);
    step_world_finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("step", order_in_a_batch_does_not_matter_to_a_sequence,
                counts_are_those_of_the_batch, padding_can_be_counted, draws_are_averaged,
                a_limit_of_memory_is_a_clean_error, an_unknown_instruction_set_is_a_wrong_command)
