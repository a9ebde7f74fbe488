/* Learning rates over a run. */
#include "core/train/schedule.h"

#include <assert.h>
#include <math.h>

/* The defaults of torch's OneCycleLR. */
static const double initial_divisor = 25, final_divisor = 1e4;
static const double most_momentum = 0.95, least_momentum = 0.85;

static double between(double from, double to, double part)
{
    return (to - from) * part + from;
}

/* From `start` to `peak` in the warm-up, then to `end`. torch numbers steps from 0 and ends the
 * warm-up at pct_start·total_steps − 1, in floating point; the same expressions here give the same
 * bits. */
static double cycle(const struct sbmt_train_config *config, int64_t step, double start, double peak,
                    double end)
{
    const double steps = config->steps;
    const double number = (double)(step - 1);
    const double warm_end = config->warmup_steps / steps * steps - 1;
    if (number > warm_end)
        return between(peak, end, (number - warm_end) / (steps - 1 - warm_end));
    /* A warm-up of one step is its own peak; torch divides 0 by 0. */
    if (config->warmup_steps == 1)
        return peak;
    return between(start, peak, number / warm_end);
}

static double onecycle(const struct sbmt_train_config *config, int64_t step)
{
    const double initial = config->lr / initial_divisor;
    return cycle(config, step, initial, config->lr, initial / final_divisor);
}

static double linear(const struct sbmt_train_config *config, int64_t step)
{
    const double done = (double)(step - 1);
    if (done < config->warmup_steps)
        return config->lr * done / config->warmup_steps;
    if (config->schedule == SBMT_SCHEDULE_CONSTANT)
        return config->lr;
    return config->lr * (config->steps - done) / (config->steps - config->warmup_steps);
}

/* Linear warm-up to lr, and a decay by the square root of the steps: lr is what the rate would be
 * at step 1 without a warm-up. */
static double inverse_root(const struct sbmt_train_config *config, double done)
{
    const double warm = config->warmup_steps;
    const double rise = done < warm ? done / warm : 1;
    const double steps = done > warm ? done : warm;
    return config->lr * rise / sqrt(steps > 1 ? steps : 1);
}

static double cosine(const struct sbmt_train_config *config, double done)
{
    const double warm = config->warmup_steps;
    if (done < warm)
        return config->lr * done / warm;
    const double pi = 3.14159265358979323846;
    return config->lr * (1 + cos(pi * (done - warm) / (config->steps - warm))) / 2;
}

double sbmt_schedule_rate(const struct sbmt_train_config *config, int64_t step)
{
    assert(step >= 1 && step <= config->steps);
    switch (config->schedule) {
    case SBMT_SCHEDULE_ONECYCLE:
    case SBMT_SCHEDULE_ONECYCLE_MOMENTUM:
        return onecycle(config, step);
    case SBMT_SCHEDULE_INVERSE_ROOT:
        return inverse_root(config, (double)(step - 1));
    case SBMT_SCHEDULE_COSINE:
        return cosine(config, (double)(step - 1));
    default:
        return linear(config, step);
    }
}

double sbmt_schedule_beta1(const struct sbmt_train_config *config, int64_t step)
{
    if (config->schedule != SBMT_SCHEDULE_ONECYCLE_MOMENTUM)
        return config->beta1;
    assert(step >= 1 && step <= config->steps);
    return cycle(config, step, most_momentum, least_momentum, most_momentum);
}
