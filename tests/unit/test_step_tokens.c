/* Steps and evaluations where every token has a label: what is counted, and the same bytes however
 * the work is shared out. */
#include "tests/suite.h"

#include <math.h>

#include "core/kernels/kernels.h"
#include "core/nn/loss.h"
#include "tests/unit/step_world.h"

enum { COUNT = 12, MOST_TOKENS = 400, DRAWS = 3 };

static const int lengths[16] = {17, 1, 33, 5, 64, 2, 9, 40, 3, 21, 12, 50, 1, 1, 1, 1};

/* What an evaluation, or a step and one, give. */
struct outcome {
    struct sbmt_step_result train, eval;
    real logits[MOST_TOKENS * STEP_CLASSES];
    int predictions[MOST_TOKENS];
    real *grad;
};

static void fill(struct step_world *world, int count, uint64_t first)
{
    uint64_t id[COUNT];
    for (int e = 0; e < count; e++)
        id[e] = first + (uint64_t)e;
    step_world_fill(world, count, id, lengths);
    step_world_label_tokens(world);
    ck_assert_int_le(world->batch.offset[count], MOST_TOKENS);
}

static void run(struct step_world *world, int shards, int threads, struct outcome *outcome)
{
    struct sbmt_error err = {0};
    struct sbmt_stepper *stepper = step_world_stepper(world, shards, threads, NULL);
    memset(outcome, 0, sizeof *outcome);
    ck_assert_msg(sbmt_stepper_train(stepper, &world->batch, 5, 3, &outcome->train, &err) &&
                      sbmt_stepper_evaluate(stepper, &world->batch, 5, outcome->logits,
                                            outcome->predictions, &outcome->eval, &err),
                  "%s", err.message);
    outcome->grad = malloc(world->params.size * sizeof *outcome->grad);
    ck_assert_ptr_nonnull(outcome->grad);
    memcpy(outcome->grad, sbmt_stepper_gradient(stepper),
           world->params.size * sizeof *outcome->grad);
    sbmt_stepper_destroy(stepper);
}

START_TEST(tokens_are_counted)
{
    struct step_world world;
    static struct outcome outcome;
    step_world_init(&world, 0);
    fill(&world, COUNT, 0);
    run(&world, 4, 2, &outcome);
    double loss = 0;
    int correct = 0, tokens = 0;
    for (int e = 0; e < COUNT; e++) {
        double sum = 0;
        for (int i = 0; i < lengths[e]; i++, tokens++) {
            const real *logits = outcome.logits + tokens * STEP_CLASSES;
            const int32_t label = world.token_label[tokens];
            const int best = sbmt_argmax(STEP_CLASSES, logits);
            ck_assert_int_eq(outcome.predictions[tokens], best);
            correct += best == label;
            sum += sbmt_cross_entropy(STEP_CLASSES, logits, label, 1, NULL);
        }
        loss += sum / lengths[e];
    }
    ck_assert_int_eq(outcome.eval.count, COUNT);
    ck_assert_int_eq(outcome.eval.labels, tokens);
    ck_assert_int_eq(outcome.train.labels, tokens);
    ck_assert_int_eq(outcome.eval.tokens, tokens);
    ck_assert_int_eq(outcome.eval.correct, correct);
    ck_assert_int_eq(outcome.eval.draw_correct[0], correct);
    ck_assert(correct > 0 && correct < tokens);
    ck_assert_double_eq_tol(outcome.eval.loss_sum, loss, 1e-9);
    free(outcome.grad);
    step_world_finish(&world);
}
END_TEST

static void expect_same_result(const struct sbmt_step_result *a, const struct sbmt_step_result *b)
{
    ck_assert_mem_eq(&a->loss_sum, &b->loss_sum, sizeof a->loss_sum);
    ck_assert_int_eq(a->labels, b->labels);
    ck_assert_int_eq(a->correct, b->correct);
    /* Where the densities of heads lie differs, and they are gone with the stepper. */
    ck_assert(a->stats.edges == b->stats.edges && a->stats.density == b->stats.density);
    ck_assert(a->stats.density_count == b->stats.density_count);
    ck_assert_int_eq(a->stats.head_count, b->stats.head_count);
}

START_TEST(threads_do_not_change_a_byte)
{
    static const int threads[] = {2, 3, 8};
    static struct outcome one, other;
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        struct step_world world;
        step_world_init(&world, kind);
        fill(&world, COUNT, 0);
        run(&world, 4, 1, &one);
        for (int t = 0; t < 3; t++) {
            run(&world, 4, threads[t], &other);
            expect_same_result(&one.train, &other.train);
            expect_same_result(&one.eval, &other.eval);
            ck_assert_mem_eq(one.logits, other.logits, sizeof one.logits);
            ck_assert_mem_eq(one.predictions, other.predictions, sizeof one.predictions);
            ck_assert_mem_eq(one.grad, other.grad, world.params.size * sizeof *one.grad);
            free(other.grad);
        }
        free(one.grad);
        step_world_finish(&world);
    }
}
END_TEST

START_TEST(a_sequence_is_the_same_alone_and_in_any_batch)
{
    static struct outcome batch, alone;
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++) {
        struct step_world world;
        step_world_init(&world, kind);
        fill(&world, COUNT, 0);
        run(&world, 3, 2, &batch);
        int64_t first = 0;
        for (int e = 0; e < COUNT; e++) {
            fill(&world, 1, (uint64_t)e);
            run(&world, 1, 1, &alone);
            ck_assert_mem_eq(batch.logits + first * STEP_CLASSES, alone.logits,
                             (size_t)(lengths[e] * STEP_CLASSES) * sizeof(real));
            first += lengths[e];
            free(alone.grad);
        }
        free(batch.grad);
        step_world_finish(&world);
    }
}
END_TEST

/* Draw d of an evaluation has the graphs of step d, and counts the tokens that it has right. */
START_TEST(draws_are_averaged_and_counted)
{
    struct step_world world;
    static struct outcome outcome;
    static real logits[MOST_TOKENS * STEP_CLASSES];
    struct sbmt_arena saved = {0}, scratch = {0};
    struct sbmt_stats stats = {0};
    step_world_init(&world, sbmt_variant_find(sbmt_attention_variant, "sbm"));
    step_option(&world, "mask_samples", DRAWS);
    fill(&world, COUNT, 0);
    run(&world, 4, 2, &outcome);
    ck_assert_int_eq(outcome.eval.draws, DRAWS);
    step_option(&world, "mask_samples", 1);
    struct sbmt_pass pass = {.kernels = sbmt_kernels_get(NULL, NULL),
                             .value = world.params.value,
                             .saved = &saved,
                             .scratch = &scratch,
                             .stats = &stats,
                             .seed = 5,
                             .batch_count = COUNT};
    for (int d = 0; d < DRAWS; d++) {
        int64_t correct = 0;
        pass.step = (uint32_t)d;
        for (int e = 0; e < COUNT; e++) {
            const struct sbmt_labels labels = sbmt_batch_labels(&world.batch, e);
            struct sbmt_outcome one;
            struct sbmt_error err = {0};
            int predictions[MOST_TOKENS];
            real own[MOST_TOKENS * STEP_CLASSES];
            ck_assert(sbmt_model_example(world.model, &world.batch, e, &pass, own, predictions,
                                         &one, &err));
            ck_assert_int_eq(one.labels, lengths[e]);
            for (int i = 0; i < labels.count; i++)
                correct += predictions[i] == world.token_label[labels.first + i];
            for (int i = 0; i < labels.count * STEP_CLASSES; i++)
                logits[labels.first * STEP_CLASSES + i] += own[i] / DRAWS;
        }
        ck_assert_int_eq(outcome.eval.draw_correct[d], correct);
    }
    ck_assert_mem_eq(outcome.logits, logits, sizeof logits);
    free(outcome.grad);
    sbmt_arena_finish(&saved);
    sbmt_arena_finish(&scratch);
    step_world_finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("step_tokens", tokens_are_counted, threads_do_not_change_a_byte,
                a_sequence_is_the_same_alone_and_in_any_batch, draws_are_averaged_and_counted)
