/* A training run for tests of the loop, on a stepper of its own: a quadratic whose gradient depends
 * on the examples, so that weights tell which examples were seen in which order. One program
 * includes it once. */
#ifndef SBMT_TESTS_UNIT_LOOP_WORLD_H
#define SBMT_TESTS_UNIT_LOOP_WORLD_H

#include <math.h>
#include <signal.h>
#include <string.h>

#include "core/io/file.h"
#include "core/train/loop.h"
#include "tests/temporary.h"

enum { SIZE = 8, BATCH = 4, TRAIN = 11, DEV = 10, STEPS = 20, LARGEST = 64 };

struct sbmt_stepper {
    const struct sbmt_params *params;
    real grad[16];
    int draws; /* draw d has example i right where i + d is a multiple of 4 */
    int64_t bad_loss_at, bad_grad_at; /* steps with something that is not finite */
};

/* The example with an identity wants every weight to be near a place of its own. */
static double target(uint64_t id, int place)
{
    return sin((double)id * 1.7 + place);
}

/* A prediction that changes with every change of the weights. */
static int predict(const struct sbmt_params *params, uint64_t id)
{
    return (int)(fabs((double)params->value[id % SIZE]) * 1e3 + (double)id) % 3;
}

static void run_batch(const struct sbmt_stepper *stepper, const struct sbmt_batch *batch,
                      int *predictions, struct sbmt_step_result *result)
{
    *result = (struct sbmt_step_result){.count = batch->count,
                                        .labels = batch->count,
                                        .tokens = 10 * batch->count,
                                        .draws = stepper->draws};
    for (int e = 0; e < batch->count; e++) {
        for (int i = 0; i < SIZE; i++) {
            const double far = (double)stepper->params->value[i] - target(batch->id[e], i);
            result->loss_sum += far * far / 2;
        }
        const int prediction = predict(stepper->params, batch->id[e]);
        result->correct += prediction == batch->label[e];
        for (int d = 0; d < stepper->draws; d++)
            result->draw_correct[d] += (batch->id[e] + (uint64_t)d) % 4 == 0;
        if (predictions != NULL)
            predictions[e] = prediction;
    }
}

bool sbmt_stepper_train(struct sbmt_stepper *stepper, const struct sbmt_batch *batch, uint64_t seed,
                        uint32_t step, struct sbmt_step_result *result, struct sbmt_error *err)
{
    (void)seed, (void)err;
    run_batch(stepper, batch, NULL, result);
    result->stats = (struct sbmt_stats){.density = 3, .density_count = 4};
    memset(stepper->grad, 0, sizeof stepper->grad);
    for (int e = 0; e < batch->count; e++)
        for (int i = 0; i < SIZE; i++)
            stepper->grad[i] += stepper->params->value[i] - SBMT_R(target(batch->id[e], i));
    if (step == stepper->bad_loss_at)
        result->loss_sum = NAN;
    if (step == stepper->bad_grad_at)
        stepper->grad[3] = SBMT_R(INFINITY);
    return true;
}

real *sbmt_stepper_gradient(struct sbmt_stepper *stepper)
{
    return stepper->grad;
}

bool sbmt_stepper_evaluate(struct sbmt_stepper *stepper, const struct sbmt_batch *batch,
                           uint64_t seed, real *logits, int *predictions,
                           struct sbmt_step_result *result, struct sbmt_error *err)
{
    (void)seed, (void)logits, (void)err;
    run_batch(stepper, batch, predictions, result);
    return true;
}

/* A source whose example's identity is its index, and which remembers what was asked for. */
struct memory {
    int64_t offset[LARGEST + 1], asked[512];
    int32_t label[LARGEST];
    uint64_t id[LARGEST];
    int epoch[512]; /* in which each was asked for; -1: in none */
    int asked_count;
};

static bool load(void *context, const int64_t *indices, const uint32_t *epochs, int count,
                 struct sbmt_batch *batch, struct sbmt_error *err)
{
    (void)err;
    struct memory *memory = context;
    ck_assert_int_le(count, LARGEST);
    for (int i = 0; i < count; i++) {
        memory->id[i] = (uint64_t)indices[i];
        memory->label[i] = (int32_t)(indices[i] % 3);
        if (memory->asked_count == 512)
            continue;
        memory->epoch[memory->asked_count] = epochs != NULL ? (int)epochs[i] : -1;
        memory->asked[memory->asked_count++] = indices[i];
    }
    *batch = (struct sbmt_batch){.count = count,
                                 .segments = 1,
                                 .offset = memory->offset,
                                 .label = memory->label,
                                 .id = memory->id};
    return true;
}

/* A run and what its observer saw. */
struct world {
    struct sbmt_train_config config;
    struct sbmt_params params;
    struct sbmt_stepper stepper;
    struct memory train_memory, dev_memory;
    struct sbmt_source train, dev;
    struct sbmt_training training;
    struct sbmt_checkpoint state;
    struct sbmt_train_event events[STEPS + 1];
    struct sbmt_eval_result evals[STEPS + 1];
    bool best[STEPS + 1];
    int64_t saves[2 * STEPS];
    int event_count, eval_count, save_count, progress_count;
    int calls, kill_at; /* calls of any observer function; the one to die in */
    int asked, stop_at; /* how often should_stop was asked; when it says yes */
    int64_t fail_at;    /* step at which the observer fails */
};

static void call(struct world *world)
{
    if (++world->calls == world->kill_at)
        kill(getpid(), SIGKILL);
}

static bool on_step(void *context, const struct sbmt_train_event *event, struct sbmt_error *err)
{
    struct world *world = context;
    world->events[world->event_count++] = *event;
    call(world);
    return event->step != world->fail_at || sbmt_fail(err, SBMT_ERROR_IO, "metrics: full");
}

static bool on_eval(void *context, const struct sbmt_eval_result *result, bool best,
                    struct sbmt_error *err)
{
    (void)err;
    struct world *world = context;
    world->best[world->eval_count] = best;
    world->evals[world->eval_count++] = *result;
    call(world);
    return true;
}

static void on_progress(void *context, int64_t done, int64_t count)
{
    struct world *world = context;
    world->progress_count++;
    if (done < 1 || done > count)
        world->progress_count = -1000;
    call(world);
}

static bool on_checkpoint(void *context, int64_t step, struct sbmt_error *err)
{
    (void)err;
    struct world *world = context;
    world->saves[world->save_count++] = step;
    call(world);
    return true;
}

static bool on_ask(void *context)
{
    struct world *world = context;
    return ++world->asked == world->stop_at;
}

static inline void begin(struct world *world, const char *last, const char *best)
{
    *world = (struct world){.config = {.steps = STEPS,
                                       .batch_size = BATCH,
                                       .lr = 0.1,
                                       .warmup_steps = 5,
                                       .beta1 = 0.9,
                                       .beta2 = 0.999,
                                       .eps = 1e-6,
                                       .eval_every = 4,
                                       .checkpoint_every = 6}};
    const int64_t shape[] = {SIZE};
    sbmt_params_add(&world->params, "weight", 1, shape, (struct sbmt_init){SBMT_INIT_NORMAL, 1});
    struct sbmt_error err = {0};
    ck_assert(sbmt_params_seal(&world->params, 1, &err));
    world->stepper.params = &world->params;
    world->train = (struct sbmt_source){&world->train_memory, TRAIN, load};
    world->dev = (struct sbmt_source){&world->dev_memory, DEV, load};
    world->training = (struct sbmt_training){.config = &world->config,
                                             .params = &world->params,
                                             .stepper = &world->stepper,
                                             .train = &world->train,
                                             .dev = &world->dev,
                                             .seed = 5,
                                             .last_path = last,
                                             .best_path = best,
                                             .fingerprint = "f",
                                             .observer = {.context = world,
                                                          .step = on_step,
                                                          .eval = on_eval,
                                                          .eval_progress = on_progress,
                                                          .checkpoint = on_checkpoint,
                                                          .should_stop = on_ask}};
}

/* Goes on from last_path if it is there, as `--resume` does. */
static inline bool resume(struct world *world, struct sbmt_error *err)
{
    if (sbmt_file_exists(world->training.last_path) &&
        !sbmt_checkpoint_read(world->training.last_path, &world->params, true, &world->state, "f",
                              err))
        return false;
    return sbmt_train(&world->training, &world->state, err);
}

static inline void finish(struct world *world)
{
    sbmt_params_finish(&world->params);
}

#endif
