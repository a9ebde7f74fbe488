/* The training loop. */
#include "core/train/loop.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/train/adamw.h"
#include "core/train/order.h"
#include "core/train/schedule.h"

/* A run under way. */
struct run {
    const struct sbmt_training *training;
    struct sbmt_checkpoint *state;
    struct sbmt_order order;
    int64_t *indices;   /* batch_size */
    uint32_t *epochs;   /* batch_size */
    int64_t saved_step; /* the step of what stands in last_path; −1: older than the state */
};

static bool due(int64_t step, int every, int steps)
{
    return step == steps || (every > 0 && step % every == 0);
}

static bool save(struct run *run, struct sbmt_error *err)
{
    const struct sbmt_training *training = run->training;
    const struct sbmt_train_observer *observer = &training->observer;
    if (training->last_path == NULL)
        return true;
    if (observer->checkpoint != NULL &&
        !observer->checkpoint(observer->context, run->state->step, err))
        return false;
    if (!sbmt_checkpoint_write(training->last_path, training->params, true, run->state,
                               training->fingerprint, err))
        return false;
    run->saved_step = run->state->step;
    return true;
}

static bool stop(struct run *run, struct sbmt_error *err)
{
    if (run->saved_step != run->state->step && !save(run, err))
        return false;
    const char *path = run->training->last_path;
    return sbmt_fail(
        err, SBMT_ERROR_INTERRUPTED, "step %lld: stopped; %s%s", (long long)run->state->step,
        path == NULL ? "nothing is saved" : "the state is saved in ", path == NULL ? "" : path);
}

static bool is_better(const struct sbmt_score *score, const struct sbmt_checkpoint *state)
{
    if (state->best_step == 0)
        return true;
    return score->lower_is_better ? score->value < state->best_metric
                                  : score->value > state->best_metric;
}

/* The evaluation due at the current step. */
static bool evaluate_step(struct run *run, struct sbmt_error *err)
{
    const struct sbmt_training *training = run->training;
    const struct sbmt_train_config *config = training->config;
    struct sbmt_checkpoint *state = run->state;
    const struct sbmt_eval_job job = {
        .stepper = training->stepper,
        .source = training->dev,
        .batch_size = config->batch_size,
        .limit = config->eval_examples,
        .seed = training->seed,
        .scorer = training->scorer,
        .observer = &training->observer,
    };
    struct sbmt_eval_result result;
    bool stopped;
    /* One cut short leaves no trace: the state saved is that before it. */
    if (!sbmt_evaluate(&job, NULL, &result, &stopped, err))
        return stopped ? stop(run, err) : false;
    result.step = state->step;
    state->eval_pending = false;
    const bool best = is_better(&result.primary, state);
    if (best) {
        state->best_metric = result.primary.value;
        state->best_step = state->step;
    }
    const struct sbmt_train_observer *observer = &training->observer;
    if (observer->eval != NULL && !observer->eval(observer->context, &result, best, err))
        return false;
    return !best || training->best_path == NULL ||
           sbmt_checkpoint_write(training->best_path, training->params, false, state,
                                 training->fingerprint, err);
}

static bool load_batch(struct run *run, int64_t step, struct sbmt_batch *batch,
                       struct sbmt_error *err)
{
    const struct sbmt_source *source = run->training->train;
    const int size = run->training->config->batch_size;
    const int64_t first = (step - 1) * size;
    sbmt_order_fill(&run->order, first, size, run->indices);
    for (int i = 0; i < size; i++)
        run->epochs[i] = sbmt_order_epoch(&run->order, first + i);
    return source->load(source->context, run->indices, run->epochs, size, batch, err);
}

static bool check_finite(int64_t step, const char *what, double value, struct sbmt_error *err)
{
    if (isfinite(value))
        return true;
    return sbmt_fail(err, SBMT_ERROR_DATA,
                     "step %lld: the %s is not finite; lower train.lr or set train.clip_norm",
                     (long long)step, what);
}

/* One optimiser step. */
static bool advance(struct run *run, struct sbmt_error *err)
{
    const struct sbmt_training *training = run->training;
    const struct sbmt_train_config *config = training->config;
    struct sbmt_checkpoint *state = run->state;
    const double begin = sbmt_clock_steady();
    const int64_t step = state->step + 1;
    struct sbmt_batch batch;
    struct sbmt_step_result result;
    if (!load_batch(run, step, &batch, err) ||
        !sbmt_stepper_train(training->stepper, &batch, training->seed, (uint32_t)step, &result,
                            err) ||
        !check_finite(step, "loss", result.loss_sum, err))
        return false;
    real *gradient = sbmt_stepper_gradient(training->stepper);
    const double norm = sbmt_gradient_clip(gradient, training->params->size, config->clip_norm);
    if (!check_finite(step, "gradient", norm, err))
        return false;
    const double rate = sbmt_schedule_rate(config, step);
    sbmt_adamw_update(training->params, gradient, rate, step, config);
    state->step = step;
    state->eval_pending = training->dev != NULL && due(step, config->eval_every, config->steps);
    run->saved_step = -1;
    const double seconds = sbmt_clock_steady() - begin;
    state->seconds += seconds;
    const struct sbmt_train_event event = {
        .step = step,
        .loss = result.loss_sum / result.count,
        .accuracy = sbmt_step_accuracy(&result),
        .density = sbmt_step_density(&result.stats),
        .lr = rate,
        .gradient_norm = norm,
        .tokens = result.tokens,
        .seconds = seconds,
    };
    const struct sbmt_train_observer *observer = &training->observer;
    return observer->step == NULL || observer->step(observer->context, &event, err);
}

/* The evaluations since the best follow from the steps, so that no checkpoint has to count them. */
static bool is_over(const struct run *run)
{
    const struct sbmt_train_config *config = run->training->config;
    const struct sbmt_checkpoint *state = run->state;
    if (state->step >= config->steps)
        return true;
    if (config->patience == 0 || config->eval_every == 0 || state->eval_pending)
        return false;
    return state->step / config->eval_every - state->best_step / config->eval_every >=
           config->patience;
}

/* Evaluation before checkpoint, so that a checkpoint knows the best of its own step. */
static bool run_steps(struct run *run, struct sbmt_error *err)
{
    const struct sbmt_training *training = run->training;
    const struct sbmt_train_config *config = training->config;
    struct sbmt_checkpoint *state = run->state;
    for (;;) {
        if (state->eval_pending && !evaluate_step(run, err))
            return false;
        const bool over = is_over(run);
        if (state->step > 0 && run->saved_step != state->step &&
            (over || due(state->step, config->checkpoint_every, config->steps)) && !save(run, err))
            return false;
        if (over)
            return true;
        if (sbmt_observer_stops(&training->observer))
            return stop(run, err);
        if (!advance(run, err))
            return false;
    }
}

bool sbmt_train(const struct sbmt_training *training, struct sbmt_checkpoint *state,
                struct sbmt_error *err)
{
    const bool resumed = state->step > 0 && !state->eval_pending;
    struct run run = {
        .training = training, .state = state, .saved_step = resumed ? state->step : -1};
    if (state->best_step == 0)
        state->best_metric = -1;
    if (!sbmt_order_init(&run.order, training->seed, training->train->count, err))
        return false;
    bool done = false;
    const size_t size = (size_t)training->config->batch_size;
    run.indices = malloc(size * sizeof *run.indices);
    run.epochs = malloc(size * sizeof *run.epochs);
    if (run.indices == NULL || run.epochs == NULL)
        sbmt_fail(err, SBMT_ERROR_MEMORY, "training: out of memory");
    else
        done = run_steps(&run, err);
    free(run.indices);
    free(run.epochs);
    sbmt_order_finish(&run.order);
    return done;
}
