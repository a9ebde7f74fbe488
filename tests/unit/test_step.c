/* The step: the same bytes for any number of threads and in any batch, gradients that are the mean
 * over the batch, random numbers that follow seed and step, limits of memory. */
#include <math.h>
#include <stdio.h>

#include "core/attention/sbm_config.h"
#include "core/kernels/kernels.h"
#include "tests/suite.h"
#include "tests/unit/step_world.h"

enum { COUNT = 13 };

static const int lengths[16] = {64, 1, 2, 65, 17, 300, 128, 33, 7, 129, 90, 3, 257, 16, 200, 31};

static void fill(struct step_world *world, int count, uint64_t first)
{
    uint64_t id[STEP_MOST];
    for (int e = 0; e < count; e++)
        id[e] = first + (uint64_t)e;
    step_world_fill(world, count, id, lengths);
}

/* What a training step and an evaluation of a batch give. */
struct outcome {
    struct sbmt_step_result train, eval;
    real *grad;
    size_t size;
    real logits[COUNT * STEP_CLASSES];
    int predictions[COUNT];
};

static void run(struct step_world *world, int shards, int threads, const char *cpu, uint64_t seed,
                uint32_t step, struct outcome *outcome)
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

static void expect_same_result(const char *what, const struct sbmt_step_result *a,
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

static void expect_same(const char *what, const struct outcome *a, const struct outcome *b)
{
    expect_same_result(what, &a->train, &b->train);
    expect_same_result(what, &a->eval, &b->eval);
    ck_assert_msg(memcmp(a->grad, b->grad, a->size * sizeof *a->grad) == 0, "%s: gradients differ",
                  what);
    ck_assert_msg(memcmp(a->logits, b->logits, sizeof a->logits) == 0, "%s: logits differ", what);
    ck_assert_mem_eq(a->predictions, b->predictions, sizeof a->predictions);
}

/* A gradient that is all zeros, or losses that are not finite, would agree as well. */
static void expect_sound(const struct outcome *outcome)
{
    double norm = 0;
    for (size_t i = 0; i < outcome->size; i++)
        norm += (double)outcome->grad[i] * (double)outcome->grad[i];
    ck_assert(isfinite(norm) && norm > 1e-6);
    ck_assert(isfinite(outcome->train.loss_sum) && outcome->train.loss_sum > 0.1);
    ck_assert(outcome->train.loss_sum != outcome->eval.loss_sum); /* dropout is on in training */
}

static void check_threads(int kind, const char *cpu)
{
    static const int threads[] = {2, 3, 8};
    struct step_world world;
    struct outcome one, other;
    char what[64];
    step_world_init(&world, kind);
    fill(&world, COUNT, 0);
    run(&world, 4, 1, cpu, 5, 3, &one);
    expect_sound(&one);
    for (int t = 0; t < 3; t++) {
        snprintf(what, sizeof what, "%s, %s, %d threads", sbmt_attention_at(kind)->variant.name,
                 cpu, threads[t]);
        run(&world, 4, threads[t], cpu, 5, 3, &other);
        expect_same(what, &one, &other);
        free(other.grad);
    }
    free(one.grad);
    step_world_finish(&world);
}

START_TEST(threads_do_not_change_a_byte)
{
    static const char *const sets[] = {"c", "avx2", "avx512"};
    for (int s = 0; s < 3; s++) {
        struct sbmt_error err = {0};
        if (sbmt_kernels_get(sets[s], &err) == NULL)
            continue;
        for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++)
            check_threads(kind, sets[s]);
    }
}
END_TEST

START_TEST(a_sequence_is_the_same_alone_and_in_any_batch)
{
    static const int shards[] = {1, 3, 8, 20};
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        struct step_world world;
        struct outcome batch, alone;
        step_world_init(&world, kind);
        real logits[COUNT][STEP_CLASSES];
        for (int e = 0; e < COUNT; e++) {
            fill(&world, 1, (uint64_t)e);
            run(&world, 1, 1, NULL, 5, 3, &alone);
            memcpy(logits[e], alone.logits, sizeof logits[e]);
            free(alone.grad);
        }
        ck_assert_mem_ne(logits[0], logits[3], sizeof logits[0]);
        for (int s = 0; s < 4; s++) {
            fill(&world, COUNT, 0);
            run(&world, shards[s], 2, NULL, 5, 3, &batch);
            ck_assert_msg(memcmp(batch.logits, logits, sizeof logits) == 0,
                          "%s: %d shards change a sequence's logits",
                          sbmt_attention_at(kind)->variant.name, shards[s]);
            free(batch.grad);
        }
        step_world_finish(&world);
    }
}
END_TEST

START_TEST(order_in_a_batch_does_not_matter_to_a_sequence)
{
    struct step_world world;
    struct outcome forward, backward;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    uint64_t id[COUNT];
    fill(&world, COUNT, 0);
    run(&world, 3, 1, NULL, 5, 3, &forward);
    for (int e = 0; e < COUNT; e++)
        id[e] = (uint64_t)(COUNT - 1 - e);
    step_world_fill(&world, COUNT, id, lengths);
    run(&world, 3, 1, NULL, 5, 3, &backward);
    for (int e = 0; e < COUNT; e++)
        ck_assert_mem_eq(forward.logits + e * STEP_CLASSES,
                         backward.logits + (COUNT - 1 - e) * STEP_CLASSES,
                         STEP_CLASSES * sizeof(real));
    free(forward.grad);
    free(backward.grad);
    step_world_finish(&world);
}
END_TEST

/* ‖a − b‖²/‖b‖². */
static double relative_error(size_t size, const double *a, const real *b)
{
    double error = 0, power = 0;
    for (size_t i = 0; i < size; i++) {
        error += pow(a[i] - (double)b[i], 2);
        power += pow((double)b[i], 2);
    }
    return error / power;
}

/* An example's random numbers depend on its identity, not on its batch: so the gradient of a batch
 * is the mean of its examples' own, the density's share included. */
START_TEST(the_gradient_is_the_mean_over_the_batch)
{
    static const int shards[] = {1, 3, 5, 8, 20};
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        struct step_world world;
        struct outcome outcome;
        step_world_init(&world, kind);
        double *mean = calloc(world.params.size, sizeof *mean), loss = 0;
        for (int e = 0; e < COUNT; e++) {
            fill(&world, 1, (uint64_t)e);
            run(&world, 1, 1, NULL, 5, 3, &outcome);
            loss += outcome.train.loss_sum;
            for (size_t i = 0; i < outcome.size; i++)
                mean[i] += (double)outcome.grad[i] / COUNT;
            free(outcome.grad);
        }
        for (int s = 0; s < 5; s++) {
            fill(&world, COUNT, 0);
            run(&world, shards[s], 1, NULL, 5, 3, &outcome);
            ck_assert_double_eq_tol(outcome.train.loss_sum, loss, 1e-9);
            /* Roundings of sums over some hundred tokens: 1e-6 of the norm. */
            const double error = relative_error(outcome.size, mean, outcome.grad);
            ck_assert_msg(error < 1e-11, "%d shards: %g", shards[s], error);
            free(outcome.grad);
        }
        free(mean);
        step_world_finish(&world);
    }
}
END_TEST

/* The kinds that draw random numbers in evaluation too. */
static bool draws_in_evaluation(int kind)
{
    static const char *const names[] = {"sbm", "reformer", "bigbird", "skyformer"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(sbmt_attention_at(kind)->variant.name, names[i]) == 0)
            return true;
    return false;
}

START_TEST(random_numbers_follow_seed_and_step)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        struct step_world world;
        struct outcome first, again, later, seeded;
        step_world_init(&world, kind);
        fill(&world, COUNT, 0);
        run(&world, 4, 2, NULL, 5, 3, &first);
        run(&world, 4, 2, NULL, 5, 3, &again);
        run(&world, 4, 2, NULL, 5, 4, &later);
        run(&world, 4, 2, NULL, 6, 3, &seeded);
        expect_same("again", &first, &again);
        ck_assert_mem_ne(first.grad, later.grad, first.size * sizeof *first.grad);
        ck_assert_mem_ne(first.grad, seeded.grad, first.size * sizeof *first.grad);
        ck_assert(first.train.loss_sum != later.train.loss_sum);
        ck_assert(first.train.loss_sum != seeded.train.loss_sum);
        /* An evaluation does not depend on the step; on the seed only where something is
         * drawn. */
        expect_same_result("evaluation", &first.eval, &later.eval);
        ck_assert((first.eval.loss_sum != seeded.eval.loss_sum) == draws_in_evaluation(kind));
        free(first.grad);
        free(again.grad);
        free(later.grad);
        free(seeded.grad);
        step_world_finish(&world);
    }
}
END_TEST

START_TEST(counts_are_those_of_the_batch)
{
    struct step_world world;
    struct outcome outcome;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    fill(&world, COUNT, 0);
    run(&world, 4, 2, NULL, 5, 3, &outcome);
    int tokens = 0, correct = 0;
    double most = 0;
    for (int e = 0; e < COUNT; e++) {
        tokens += lengths[e];
        most += 2.0 * 2.0 * lengths[e] * lengths[e];
        int best = 0;
        for (int c = 1; c < STEP_CLASSES; c++)
            if (outcome.logits[e * STEP_CLASSES + c] > outcome.logits[e * STEP_CLASSES + best])
                best = c;
        ck_assert_int_eq(outcome.predictions[e], best);
        correct += best == world.label[e];
    }
    ck_assert_int_eq(outcome.eval.correct, correct);
    ck_assert_int_eq(outcome.eval.count, COUNT);
    ck_assert_int_eq(outcome.eval.labels, COUNT);
    ck_assert_int_eq(outcome.eval.tokens, tokens);
    ck_assert_int_eq(outcome.train.tokens, tokens);
    ck_assert(outcome.eval.stats.density_count == COUNT * 2 * 2);
    ck_assert(outcome.eval.stats.edges > 0 && outcome.eval.stats.edges < most);
    /* At the start memberships are about ½, probabilities about ¼ plus the exploration. */
    ck_assert_double_eq_tol(outcome.eval.stats.edges / most, 0.26, 0.1);
    free(outcome.grad);
    step_world_finish(&world);
}
END_TEST

/* All densities are over the same pairs, whatever the sequences' lengths. */
START_TEST(padding_can_be_counted)
{
    struct step_world world;
    struct outcome plain, padded;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    fill(&world, COUNT, 0);
    run(&world, 4, 2, NULL, 5, 3, &plain);
    struct sbmt_sbm_config *options = world.config.attention.config;
    options->count_padding = true;
    world.config.padded_length = STEP_POSITIONS;
    run(&world, 4, 2, NULL, 5, 3, &padded);
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

/* Draw d of an evaluation has the graphs of step d: the mean of three draws is that of the three
 * steps computed one by one; the same bytes for any number of threads and shards. */
START_TEST(draws_are_averaged)
{
    enum { DRAWS = 3 };
    struct step_world world;
    static struct outcome one, two;
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    fill(&world, COUNT, 0);
    step_option(&world, "mask_samples", DRAWS);
    run(&world, 4, 1, NULL, 5, 3, &one);
    run(&world, 4, 3, NULL, 5, 3, &two);
    expect_same("threads", &one, &two);
    ck_assert_int_eq(one.eval.draws, DRAWS);
    ck_assert_int_eq(one.train.draws, 1);
    ck_assert(one.eval.stats.density_count == COUNT * 2 * 2 * DRAWS);
    ck_assert_mem_eq(one.eval.draw_correct, two.eval.draw_correct, sizeof one.eval.draw_correct);
    step_option(&world, "mask_samples", 1);
    struct sbmt_arena saved = {0}, scratch = {0};
    struct sbmt_stats stats = {0};
    struct sbmt_pass pass = {.kernels = sbmt_kernels_get(NULL, NULL),
                             .value = world.params.value,
                             .saved = &saved,
                             .scratch = &scratch,
                             .stats = &stats,
                             .seed = 5,
                             .batch_count = COUNT};
    int correct[DRAWS] = {0};
    bool differ = false;
    for (int e = 0; e < COUNT; e++) {
        real mean[STEP_CLASSES] = {0}, first[STEP_CLASSES];
        for (int d = 0; d < DRAWS; d++) {
            struct sbmt_error err = {0};
            struct sbmt_outcome outcome;
            int prediction;
            real logits[STEP_CLASSES];
            pass.step = (uint32_t)d;
            ck_assert(sbmt_model_example(world.model, &world.batch, e, &pass, logits, &prediction,
                                         &outcome, &err));
            ck_assert_int_eq(outcome.labels, 1);
            ck_assert_int_eq(outcome.correct, prediction == world.label[e]);
            ck_assert_int_eq(outcome.draw_correct[0], outcome.correct);
            correct[d] += outcome.correct;
            if (d == 0)
                memcpy(first, logits, sizeof first);
            differ |= memcmp(first, logits, sizeof first) != 0;
            for (int c = 0; c < STEP_CLASSES; c++)
                mean[c] += logits[c] / DRAWS;
        }
        ck_assert_mem_eq(one.logits + e * STEP_CLASSES, mean, sizeof mean);
    }
    ck_assert(differ);
    for (int d = 0; d < DRAWS; d++)
        ck_assert_int_eq(one.eval.draw_correct[d], correct[d]);
    ck_assert_uint_eq(saved.used, 0);
    sbmt_arena_finish(&saved);
    sbmt_arena_finish(&scratch);
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
    expect_same_result("after a failure", &limited, &free_result);
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

SBMT_SUITE_MAIN("step", threads_do_not_change_a_byte, a_sequence_is_the_same_alone_and_in_any_batch,
                order_in_a_batch_does_not_matter_to_a_sequence,
                the_gradient_is_the_mean_over_the_batch, random_numbers_follow_seed_and_step,
                counts_are_those_of_the_batch, padding_can_be_counted, draws_are_averaged,
                a_limit_of_memory_is_a_clean_error, an_unknown_instruction_set_is_a_wrong_command)
