/* The training loop. */
#include "core/train/loop.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

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

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double mean_density(const struct sbmt_stats *stats)
{
    return stats->density_count > 0 ? stats->density / stats->density_count : -1;
}

static bool stop_asked(const struct sbmt_train_observer *observer)
{
    return observer != NULL && observer->should_stop != NULL &&
           observer->should_stop(observer->context);
}

/* Sums over the batches of an evaluation. */
struct totals {
    double loss;
    int64_t count, labels, correct;
    int draws;
    int64_t draw_correct[SBMT_MOST_DRAWS];
    struct sbmt_stats stats;
};

static void add_heads(bool first, const struct sbmt_stats *batch, struct sbmt_densities *heads)
{
    for (int h = 0; h < batch->head_count && heads != NULL; h++) {
        if (first)
            heads[h] = (struct sbmt_densities){0};
        sbmt_densities_add(&heads[h], &batch->heads[h]);
    }
}

static void add(struct totals *totals, const struct sbmt_step_result *batch)
{
    totals->loss += batch->loss_sum;
    totals->count += batch->count;
    totals->labels += batch->labels;
    totals->correct += batch->correct;
    totals->draws = batch->draws;
    for (int d = 0; d < batch->draws; d++)
        totals->draw_correct[d] += batch->draw_correct[d];
    totals->stats.density += batch->stats.density;
    totals->stats.density_count += batch->stats.density_count;
}

/* How the accuracy varies from draw to draw. */
static void spread(const struct totals *totals, struct sbmt_eval_result *result)
{
    const int draws = totals->draws;
    double mean = 0, square = 0;
    for (int d = 0; d < draws; d++)
        mean += (double)totals->draw_correct[d] / (double)totals->labels / draws;
    for (int d = 0; d < draws; d++) {
        const double far = (double)totals->draw_correct[d] / (double)totals->labels - mean;
        square += far * far;
    }
    result->draws = draws;
    result->draw_accuracy = mean;
    result->draw_deviation = draws > 1 ? sqrt(square / (draws - 1)) : 0;
}

/* Evaluates examples 0 … count−1. False with *stopped, and no error, when asked to stop. */
static bool evaluate_batches(struct sbmt_stepper *stepper, const struct sbmt_source *source,
                             int64_t *indices, int batch_size, int64_t count, uint64_t seed,
                             int *predictions, const struct sbmt_train_observer *observer,
                             struct totals *totals, bool *stopped, struct sbmt_error *err)
{
    while (totals->count < count) {
        *stopped = stop_asked(observer);
        if (*stopped)
            return false;
        const int64_t done = totals->count;
        const int size = (int)(count - done < batch_size ? count - done : batch_size);
        for (int i = 0; i < size; i++)
            indices[i] = done + i;
        struct sbmt_batch batch;
        struct sbmt_step_result result;
        if (!source->load(source->context, indices, NULL, size, &batch, err) ||
            !sbmt_stepper_evaluate(stepper, &batch, seed, NULL,
                                   predictions == NULL ? NULL : predictions + totals->labels,
                                   &result, err))
            return false;
        if (observer != NULL)
            add_heads(done == 0, &result.stats, observer->densities);
        add(totals, &result);
        if (observer != NULL && observer->eval_progress != NULL)
            observer->eval_progress(observer->context, totals->count, count);
    }
    return true;
}

/* sbmt_evaluate; *stopped tells an interruption from a failure. */
static bool evaluate(struct sbmt_stepper *stepper, const struct sbmt_source *source, int batch_size,
                     int64_t limit, uint64_t seed, int *predictions,
                     const struct sbmt_train_observer *observer, struct sbmt_eval_result *result,
                     bool *stopped, struct sbmt_error *err)
{
    *stopped = false;
    const double begin = now();
    if (source->count == 0 && limit == 0)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG,
            "train.eval_examples: 0 means all, but the data is endless; give a number");
    const bool all = limit == 0 || (source->count != 0 && source->count < limit);
    const int64_t count = all ? source->count : limit;
    int64_t *indices = malloc((size_t)batch_size * sizeof *indices);
    if (indices == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "evaluation: out of memory");
    struct totals totals = {0};
    const bool done = evaluate_batches(stepper, source, indices, batch_size, count, seed,
                                       predictions, observer, &totals, stopped, err);
    free(indices);
    if (*stopped)
        return sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
                         "evaluation: stopped after %lld of %lld examples", (long long)totals.count,
                         (long long)count);
    if (!done)
        return false;
    *result = (struct sbmt_eval_result){
        .count = count,
        .labels = totals.labels,
        .loss = totals.loss / (double)count,
        .accuracy = (double)totals.correct / (double)totals.labels,
        .density = mean_density(&totals.stats),
        .seconds = now() - begin,
    };
    spread(&totals, result);
    return true;
}

bool sbmt_evaluate(struct sbmt_stepper *stepper, const struct sbmt_source *source, int batch_size,
                   int64_t limit, uint64_t seed, int *predictions,
                   const struct sbmt_train_observer *observer, struct sbmt_eval_result *result,
                   struct sbmt_error *err)
{
    bool stopped;
    return evaluate(stepper, source, batch_size, limit, seed, predictions, observer, result,
                    &stopped, err);
}

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

/* The evaluation due at the current step. */
static bool evaluate_step(struct run *run, struct sbmt_error *err)
{
    const struct sbmt_training *training = run->training;
    const struct sbmt_train_config *config = training->config;
    struct sbmt_checkpoint *state = run->state;
    struct sbmt_eval_result result;
    bool stopped;
    /* One cut short leaves no trace: the state saved is that before it. */
    if (!evaluate(training->stepper, training->dev, config->batch_size, config->eval_examples,
                  training->seed, NULL, &training->observer, &result, &stopped, err))
        return stopped ? stop(run, err) : false;
    result.step = state->step;
    state->eval_pending = false;
    const bool best = result.accuracy > state->best_metric;
    if (best) {
        state->best_metric = result.accuracy;
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
    const double begin = now();
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
    const double seconds = now() - begin;
    state->seconds += seconds;
    const struct sbmt_train_event event = {
        .step = step,
        .loss = result.loss_sum / result.count,
        .accuracy = (double)result.correct / (double)result.labels,
        .density = mean_density(&result.stats),
        .lr = rate,
        .gradient_norm = norm,
        .tokens = result.tokens,
        .seconds = seconds,
    };
    const struct sbmt_train_observer *observer = &training->observer;
    return observer->step == NULL || observer->step(observer->context, &event, err);
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
        if (state->step > 0 && run->saved_step != state->step &&
            due(state->step, config->checkpoint_every, config->steps) && !save(run, err))
            return false;
        if (state->step >= config->steps)
            return true;
        if (stop_asked(&training->observer))
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
