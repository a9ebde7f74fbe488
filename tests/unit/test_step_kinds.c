/* The step with every kind of attention: the same bytes for any number of threads and in any batch,
 * gradients that are the mean over the batch, random numbers that follow seed and step. */
#include <stdio.h>

#include "core/kernels/kernels.h"
#include "tests/suite.h"
#include "tests/unit/step_outcome.h"

static void check_threads(int kind, const char *cpu)
{
    static const int threads[] = {3, 2, 8};
    struct step_world world;
    struct step_outcome one, other;
    char what[64];
    step_world_init(&world, kind);
    step_fill(&world, STEP_COUNT, 0);
    step_run(&world, 4, 1, cpu, 5, 3, &one);
    step_expect_sound(&one);
    for (int t = 0; t < (SBMT_SUITE_SANITIZED ? 1 : 3); t++) {
        snprintf(what, sizeof what, "%s, %s, %d threads", sbmt_attention_at(kind)->variant.name,
                 cpu, threads[t]);
        step_run(&world, 4, threads[t], cpu, 5, 3, &other);
        step_expect_same(what, &one, &other);
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
        if (sbmt_kernels_get(sets[s], &err) != NULL)
            check_threads(_i, sets[s]);
    }
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

/* What the examples of a batch give one by one. */
struct alone {
    real logits[STEP_COUNT][STEP_CLASSES];
    double loss;  /* sum */
    double *mean; /* gradient */
};

static void run_alone(struct step_world *world, struct alone *alone)
{
    struct step_outcome outcome;
    alone->loss = 0;
    alone->mean = calloc(world->params.size, sizeof *alone->mean);
    for (int e = 0; e < STEP_COUNT; e++) {
        step_fill(world, 1, (uint64_t)e);
        step_run(world, 1, 1, NULL, 5, 3, &outcome);
        memcpy(alone->logits[e], outcome.logits, sizeof alone->logits[e]);
        alone->loss += outcome.train.loss_sum;
        for (size_t i = 0; i < outcome.size; i++)
            alone->mean[i] += (double)outcome.grad[i] / STEP_COUNT;
        free(outcome.grad);
    }
    ck_assert_mem_ne(alone->logits[0], alone->logits[3], sizeof alone->logits[0]);
}

/* An example's random numbers depend on its identity, not on its batch: so its logits are the same
 * bytes in any, and the gradient of a batch is the mean of its examples' own, the density's share
 * included. */
START_TEST(a_batch_is_its_examples)
{
    static const int shards[] = {5, 20, 1, 3, 8};
    struct step_world world;
    struct alone alone;
    struct step_outcome outcome;
    step_world_init(&world, _i);
    run_alone(&world, &alone);
    for (int s = 0; s < (SBMT_SUITE_SANITIZED ? 2 : 5); s++) {
        step_fill(&world, STEP_COUNT, 0);
        step_run(&world, shards[s], 2, NULL, 5, 3, &outcome);
        ck_assert_msg(memcmp(outcome.logits, alone.logits, sizeof alone.logits) == 0,
                      "%s: %d shards change a sequence's logits",
                      sbmt_attention_at(_i)->variant.name, shards[s]);
        ck_assert_double_eq_tol(outcome.train.loss_sum, alone.loss, 1e-9);
        /* Roundings of sums over some hundred tokens: 1e-6 of the norm. */
        const double error = relative_error(outcome.size, alone.mean, outcome.grad);
        ck_assert_msg(error < 1e-11, "%s, %d shards: %g", sbmt_attention_at(_i)->variant.name,
                      shards[s], error);
        free(outcome.grad);
    }
    free(alone.mean);
    step_world_finish(&world);
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
    struct step_world world;
    struct step_outcome first, again, later, seeded;
    step_world_init(&world, _i);
    step_fill(&world, STEP_COUNT, 0);
    step_run(&world, 4, 2, NULL, 5, 3, &first);
    step_run(&world, 4, 2, NULL, 5, 3, &again);
    step_run(&world, 4, 2, NULL, 5, 4, &later);
    step_run(&world, 4, 2, NULL, 6, 3, &seeded);
    step_expect_same("again", &first, &again);
    ck_assert_mem_ne(first.grad, later.grad, first.size * sizeof *first.grad);
    ck_assert_mem_ne(first.grad, seeded.grad, first.size * sizeof *first.grad);
    ck_assert(first.train.loss_sum != later.train.loss_sum);
    ck_assert(first.train.loss_sum != seeded.train.loss_sum);
    /* An evaluation does not depend on the step; on the seed only where something is
     * drawn. */
    step_expect_same_result("evaluation", &first.eval, &later.eval);
    ck_assert((first.eval.loss_sum != seeded.eval.loss_sum) == draws_in_evaluation(_i));
    free(first.grad);
    free(again.grad);
    free(later.grad);
    free(seeded.grad);
    step_world_finish(&world);
}
END_TEST

int main(void)
{
    int kinds = 0;
    while (sbmt_attention_at(kinds) != NULL)
        kinds++;
    const struct sbmt_suite_loop tests[] = {
        {threads_do_not_change_a_byte, kinds},
        {a_batch_is_its_examples, kinds},
        {random_numbers_follow_seed_and_step, kinds},
    };
    return sbmt_suite_run_loops("step_kinds", tests, 3);
}
