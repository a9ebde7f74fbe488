/* What watches the training of a run. */
#include "bench/experiment_watch.h"

static bool on_step(void *context, const struct sbmt_train_event *event, struct sbmt_error *err)
{
    struct sbmt_watch *watch = context;
    const struct sbmt_train_config *train = watch->train;
    sbmt_energy_sample(&watch->energy, false);
    const bool written = event->step % train->log_every == 0 || event->step == train->steps;
    return sbmt_metrics_step(&watch->run->metrics, event, written, err) &&
           (watch->outer->step == NULL || watch->outer->step(watch->outer->context, event, err));
}

static bool on_eval(void *context, const struct sbmt_eval_result *result, bool best,
                    struct sbmt_error *err)
{
    struct sbmt_watch *watch = context;
    return sbmt_metrics_eval(&watch->run->metrics, result, &watch->densities, best, err) &&
           (watch->outer->eval == NULL ||
            watch->outer->eval(watch->outer->context, result, best, err));
}

static void on_eval_progress(void *context, int64_t done, int64_t count)
{
    struct sbmt_watch *watch = context;
    sbmt_energy_sample(&watch->energy, false);
    if (watch->outer->eval_progress != NULL)
        watch->outer->eval_progress(watch->outer->context, done, count);
}

static bool on_checkpoint(void *context, int64_t step, struct sbmt_error *err)
{
    struct sbmt_watch *watch = context;
    return sbmt_metrics_sync(&watch->run->metrics, err) &&
           (watch->outer->checkpoint == NULL ||
            watch->outer->checkpoint(watch->outer->context, step, err));
}

static bool on_should_stop(void *context)
{
    const struct sbmt_watch *watch = context;
    return watch->outer->should_stop != NULL && watch->outer->should_stop(watch->outer->context);
}

struct sbmt_train_observer sbmt_watch_observer(struct sbmt_watch *watch)
{
    return (struct sbmt_train_observer){.context = watch,
                                        .step = on_step,
                                        .eval = on_eval,
                                        .eval_progress = on_eval_progress,
                                        .checkpoint = on_checkpoint,
                                        .should_stop = on_should_stop,
                                        .densities = watch->densities.of};
}
