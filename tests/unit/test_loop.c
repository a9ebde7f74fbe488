/* The training loop: what it reports, when it evaluates and saves, how it ends. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "core/io/safetensors.h"
#include "core/train/schedule.h"
#include "tests/temporary.h"
#include "tests/unit/loop_world.h"

START_TEST(steps_report_what_they_did)
{
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, NULL, NULL);
    world.config.clip_norm = 0.5;
    ck_assert_msg(sbmt_train(&world.training, &world.state, &err), "%s", err.message);
    ck_assert_int_eq(world.event_count, STEPS);
    for (int i = 0; i < STEPS; i++) {
        const struct sbmt_train_event *event = &world.events[i];
        ck_assert_int_eq(event->step, i + 1);
        ck_assert_double_eq(event->lr, sbmt_schedule_rate(&world.config, i + 1));
        ck_assert_int_eq(event->tokens, 10 * BATCH);
        ck_assert_double_eq(event->density, 0.75);
        ck_assert_double_ge(event->seconds, 0);
        ck_assert(isfinite(event->loss) && event->loss > 0);
    }
    ck_assert_double_gt(world.events[0].gradient_norm, 0.5);
    ck_assert_double_lt(world.events[STEPS - 1].loss, world.events[0].loss);
    ck_assert_int_eq(world.state.step, STEPS);
    ck_assert_int_eq(world.save_count, 0);
    /* 20 steps of 4 over 11 examples: seven whole epochs, then three examples. */
    ck_assert_int_eq(world.train_memory.asked_count, STEPS * BATCH);
    int seen[TRAIN] = {0};
    for (int i = 0; i < 7 * TRAIN; i++)
        seen[world.train_memory.asked[i]]++;
    for (int i = 0; i < STEPS * BATCH; i++)
        ck_assert_int_eq(world.train_memory.epoch[i], i / TRAIN);
    for (int i = 0; i < TRAIN; i++)
        ck_assert_int_eq(seen[i], 7);
    finish(&world);
}
END_TEST

START_TEST(evaluations_and_checkpoints_come_when_due)
{
    struct temporary temporary = temporary_make();
    const char *last = temporary_path(&temporary, "last");
    const char *best = temporary_path(&temporary, "best");
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, last, best);
    world.config.steps = 18;
    ck_assert_msg(resume(&world, &err), "%s", err.message);
    static const int64_t evals[] = {4, 8, 12, 16, 18}, saves[] = {6, 12, 18};
    ck_assert_int_eq(world.eval_count, 5);
    double highest = -1;
    int64_t highest_step = 0;
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(world.evals[i].step, evals[i]);
        ck_assert_int_eq(world.evals[i].count, DEV);
        ck_assert_double_eq(world.evals[i].density, -1);
        ck_assert_int_eq(world.best[i], world.evals[i].accuracy > highest);
        if (world.best[i]) {
            highest = world.evals[i].accuracy;
            highest_step = world.evals[i].step;
        }
    }
    ck_assert_int_eq(world.progress_count, 5 * 3);
    ck_assert_int_eq(world.save_count, 3);
    ck_assert_mem_eq(world.saves, saves, sizeof saves);
    ck_assert_double_eq(world.state.best_metric, highest);
    ck_assert_int_eq(world.state.best_step, highest_step);
    struct sbmt_checkpoint state = {0};
    ck_assert(sbmt_checkpoint_read(best, &world.params, false, &state, "f", &err));
    ck_assert_int_eq(state.step, highest_step);
    ck_assert_double_eq(state.best_metric, highest);
    struct sbmt_safetensors file;
    ck_assert(sbmt_safetensors_open(&file, best, &err));
    ck_assert_int_eq(file.count, 1);
    sbmt_safetensors_close(&file);
    finish(&world);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(zero_means_only_at_the_end)
{
    struct temporary temporary = temporary_make();
    const char *last = temporary_path(&temporary, "last");
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, last, NULL);
    world.config.eval_every = world.config.checkpoint_every = 0;
    ck_assert(sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(world.eval_count, 1);
    ck_assert_int_eq(world.evals[0].step, STEPS);
    ck_assert_int_eq(world.save_count, 1);
    ck_assert_int_eq(world.saves[0], STEPS);
    /* A run that is complete does nothing more. */
    ck_assert(sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(world.event_count, STEPS);
    ck_assert_int_eq(world.eval_count, 1);
    ck_assert_int_eq(world.save_count, 1);
    finish(&world);
    begin(&world, last, NULL);
    world.training.dev = NULL;
    ck_assert(sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(world.eval_count, 0);
    ck_assert_double_eq(world.state.best_metric, -1);
    finish(&world);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(what_is_not_finite_ends_the_run)
{
    struct temporary temporary = temporary_make();
    const char *last = temporary_path(&temporary, "last");
    for (int i = 0; i < 2; i++) {
        struct world world;
        struct sbmt_error err = {0};
        begin(&world, last, NULL);
        world.stepper.bad_loss_at = i == 0 ? 12 : 0;
        world.stepper.bad_grad_at = i == 1 ? 12 : 0;
        ck_assert(!sbmt_train(&world.training, &world.state, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_str_eq(err.message,
                         i == 0 ? "step 12: the loss is not finite; lower train.lr or set "
                                  "train.clip_norm"
                                : "step 12: the gradient is not finite; lower train.lr or set "
                                  "train.clip_norm");
        ck_assert_int_eq(world.event_count, 11);
        for (int j = 0; j < SIZE; j++)
            ck_assert(isfinite((double)world.params.value[j]));
        ck_assert(sbmt_checkpoint_read(last, &world.params, true, &world.state, "f", &err));
        ck_assert_int_eq(world.state.step, 6);
        finish(&world);
    }
    temporary_remove(&temporary);
}
END_TEST

START_TEST(failures_end_the_run_with_their_message)
{
    struct temporary temporary = temporary_make();
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, NULL, NULL);
    world.fail_at = 3;
    ck_assert(!sbmt_train(&world.training, &world.state, &err));
    ck_assert_str_eq(err.message, "metrics: full");
    ck_assert_int_eq(world.event_count, 3);
    finish(&world);
    begin(&world, temporary_path(&temporary, "missing/last"), NULL);
    ck_assert(!sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    ck_assert_int_eq(world.event_count, 6);
    finish(&world);
    begin(&world, temporary_path(&temporary, "missing/last"), NULL);
    world.stop_at = 2;
    ck_assert(!sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_IO);
    finish(&world);
    begin(&world, NULL, NULL);
    world.stop_at = 2;
    ck_assert(!sbmt_train(&world.training, &world.state, &err));
    ck_assert_str_eq(err.message, "step 1: stopped; nothing is saved");
    finish(&world);
    temporary_remove(&temporary);
}
END_TEST

static struct sbmt_eval_job job_of(const struct world *world, int64_t limit,
                                   const struct sbmt_train_observer *observer)
{
    return (struct sbmt_eval_job){.stepper = world->training.stepper,
                                  .source = &world->dev,
                                  .batch_size = BATCH,
                                  .limit = limit,
                                  .seed = 5,
                                  .observer = observer};
}

/* Over batches, of which the last is shorter. */
START_TEST(draws_have_a_mean_and_a_deviation)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_eval_result result;
    begin(&world, NULL, NULL);
    const struct sbmt_eval_job job = job_of(&world, 0, NULL);
    world.stepper.draws = 3; /* 3, 2 and 2 of the 10 examples */
    ck_assert(sbmt_evaluate(&job, NULL, &result, NULL, &err));
    ck_assert_int_eq(result.draws, 3);
    ck_assert_double_eq_tol(result.draw_accuracy, 0.7 / 3, 1e-12);
    ck_assert_double_eq_tol(result.draw_deviation, 0.1 / sqrt(3), 1e-12);
    world.stepper.draws = 1;
    ck_assert(sbmt_evaluate(&job, NULL, &result, NULL, &err));
    ck_assert_double_eq_tol(result.draw_accuracy, 0.3, 1e-12);
    ck_assert(result.draw_deviation == 0);
    finish(&world);
}
END_TEST

START_TEST(evaluation_spaces_its_examples_evenly)
{
    struct world world;
    struct sbmt_error err = {0};
    begin(&world, NULL, NULL);
    for (int limit = 0; limit <= DEV + 2; limit++) {
        const int count = limit == 0 || limit > DEV ? DEV : limit;
        int correct = 0;
        struct sbmt_answer_list list = {0};
        struct sbmt_eval_result result;
        world.dev_memory.asked_count = world.progress_count = 0;
        const struct sbmt_eval_job job = job_of(&world, limit, &world.training.observer);
        ck_assert(sbmt_evaluate(&job, &list, &result, NULL, &err));
        ck_assert_int_eq(list.answers.count, count);
        ck_assert_ptr_null(list.answers.score);
        ck_assert_int_eq(result.count, count);
        ck_assert_int_eq(result.available, DEV);
        ck_assert_int_eq(result.labels, count);
        ck_assert_int_eq(world.dev_memory.asked_count, count);
        ck_assert_int_eq(world.progress_count, (count + BATCH - 1) / BATCH);
        double loss = 0;
        for (int i = 0; i < count; i++) {
            const int e = i * DEV / count;
            ck_assert_int_eq(world.dev_memory.asked[i], e);
            ck_assert_int_eq(world.dev_memory.epoch[i], -1);
            ck_assert_int_eq(list.answers.example[i], e);
            ck_assert_int_eq(list.answers.label[i], e % 3);
            ck_assert_int_eq(list.answers.prediction[i], predict(&world.params, (uint64_t)e));
            correct += list.answers.prediction[i] == e % 3;
            for (int j = 0; j < SIZE; j++)
                loss += pow((double)world.params.value[j] - target((uint64_t)e, j), 2) / 2;
        }
        ck_assert_double_eq_tol(result.accuracy, (double)correct / count, 1e-15);
        ck_assert_str_eq(result.primary.name, "accuracy");
        ck_assert_double_eq(result.primary.value, result.accuracy);
        ck_assert_double_eq_tol(result.loss, loss / count, 1e-12);
        sbmt_answers_finish(&list);
    }
    finish(&world);
}
END_TEST

START_TEST(evaluation_can_be_stopped)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_eval_result result;
    begin(&world, NULL, NULL);
    world.stop_at = 3;
    bool stopped = false;
    const struct sbmt_eval_job watched = job_of(&world, 0, &world.training.observer);
    const struct sbmt_eval_job job = job_of(&world, 0, NULL);
    ck_assert(!sbmt_evaluate(&watched, NULL, &result, &stopped, &err));
    ck_assert(stopped);
    ck_assert_int_eq(err.kind, SBMT_ERROR_INTERRUPTED);
    ck_assert_str_eq(err.message, "evaluation: stopped after 8 of 10 examples");
    ck_assert(sbmt_evaluate(&job, NULL, &result, NULL, &err));
    finish(&world);
}
END_TEST

START_TEST(endless_data_is_read_once)
{
    struct world world;
    struct sbmt_error err = {0};
    struct sbmt_eval_result result;
    begin(&world, NULL, NULL);
    world.train.count = world.dev.count = 0;
    world.config.eval_examples = 6;
    ck_assert_msg(sbmt_train(&world.training, &world.state, &err), "%s", err.message);
    for (int i = 0; i < STEPS * BATCH; i++)
        ck_assert_int_eq(world.train_memory.asked[i], i);
    ck_assert_int_eq(world.evals[0].count, 6);
    const struct sbmt_eval_job job = job_of(&world, 0, NULL);
    ck_assert(!sbmt_evaluate(&job, NULL, &result, NULL, &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "train.eval_examples"));
    finish(&world);
}
END_TEST

/* What the scorer of the next tests has seen. */
struct seen {
    int calls;
    double value; /* of the first score */
    double step;  /* added to it after each call */
};

/* One score that does not depend on the answers, and their number. */
static bool score(void *context, const struct sbmt_answers *answers,
                  struct sbmt_eval_result *result, struct sbmt_error *err)
{
    (void)err;
    struct seen *seen = context;
    seen->calls++;
    result->scores = 2;
    result->score[0] = (struct sbmt_score){.name = "first", .value = seen->value, .defined = true};
    result->score[1] = (struct sbmt_score){.name = "count", .value = (double)answers->count};
    seen->value += seen->step;
    return true;
}

/* Scores −0.5, −0.5, … never get better after the first, though that is below zero. */
START_TEST(the_first_score_chooses)
{
    struct world world;
    struct sbmt_error err = {0};
    struct seen seen = {.value = -0.5};
    const struct sbmt_scorer scorer = {SBMT_CHOICE_SCORE, &seen, score};
    begin(&world, NULL, NULL);
    world.training.scorer = &scorer;
    ck_assert(sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(world.eval_count, 5);
    ck_assert_int_eq(seen.calls, 5);
    ck_assert_int_eq(world.state.best_step, 4);
    ck_assert_double_eq(world.state.best_metric, -0.5);
    ck_assert(world.best[0] && !world.best[1] && !world.best[4]);
    ck_assert_str_eq(world.evals[0].primary.name, "first");
    ck_assert_double_eq(world.evals[0].score[1].value, DEV);
    finish(&world);
}
END_TEST

/* The quadratic's loss falls all the way. */
START_TEST(the_least_loss_is_the_best)
{
    struct world world;
    struct sbmt_error err = {0};
    const struct sbmt_scorer scorer = {.choice = SBMT_CHOICE_LOSS};
    double least = INFINITY;
    begin(&world, NULL, NULL);
    world.training.scorer = &scorer;
    ck_assert(sbmt_train(&world.training, &world.state, &err));
    for (int i = 0; i < world.eval_count; i++) {
        ck_assert_int_eq(world.best[i], world.evals[i].loss < least);
        least = fmin(least, world.evals[i].loss);
        ck_assert_str_eq(world.evals[i].primary.name, "loss");
    }
    ck_assert_double_eq(world.state.best_metric, least);
    finish(&world);
}
END_TEST

START_TEST(patience_ends_the_run)
{
    struct temporary temporary = temporary_make();
    struct world world;
    struct sbmt_error err = {0};
    struct seen seen = {.value = 3, .step = -1};
    const struct sbmt_scorer scorer = {SBMT_CHOICE_SCORE, &seen, score};
    begin(&world, temporary_path(&temporary, "last"), NULL);
    world.training.scorer = &scorer;
    world.config.patience = 2;
    ck_assert(resume(&world, &err));
    ck_assert_int_eq(world.state.step, 12);
    ck_assert_int_eq(world.eval_count, 3);
    ck_assert_int_eq(world.state.best_step, 4);
    /* Saved where it ended, and over for good. */
    ck_assert_int_eq(world.saves[world.save_count - 1], 12);
    finish(&world);
    begin(&world, temporary_path(&temporary, "last"), NULL);
    world.training.scorer = &scorer;
    world.config.patience = 2;
    ck_assert(resume(&world, &err));
    ck_assert_int_eq(world.state.step, 12);
    ck_assert_int_eq(world.event_count, 0);
    finish(&world);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(patience_is_renewed_by_what_is_better)
{
    struct world world;
    struct sbmt_error err = {0};
    struct seen seen = {.value = 0, .step = 1};
    const struct sbmt_scorer scorer = {SBMT_CHOICE_SCORE, &seen, score};
    begin(&world, NULL, NULL);
    world.training.scorer = &scorer;
    world.config.patience = 1;
    ck_assert(sbmt_train(&world.training, &world.state, &err));
    ck_assert_int_eq(world.state.step, STEPS);
    ck_assert_int_eq(world.state.best_step, STEPS);
    finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("loop", steps_report_what_they_did, evaluations_and_checkpoints_come_when_due,
                zero_means_only_at_the_end, what_is_not_finite_ends_the_run,
                failures_end_the_run_with_their_message, evaluation_spaces_its_examples_evenly,
                draws_have_a_mean_and_a_deviation, evaluation_can_be_stopped,
                endless_data_is_read_once, the_first_score_chooses, the_least_loss_is_the_best,
                patience_ends_the_run, patience_is_renewed_by_what_is_better)
