/* Learning rates over a run. */
#include "core/train/schedule.h"

#include <assert.h>

/* The defaults of torch's OneCycleLR. */
static const double initial_divisor = 25, final_divisor = 1e4;

static double between(double from, double to, double part)
{
    return (to - from) * part + from;
}

/* torch numbers steps from 0 and ends the warm-up at pct_start·total_steps − 1, in floating point;
 * the same expressions here give the same bits. */
static double onecycle(const struct sbmt_train_config *config, int64_t step)
{
    const double steps = config->steps;
    const double initial = config->lr / initial_divisor;
    const double final = initial / final_divisor;
    const double number = (double)(step - 1);
    const double warm_end = config->warmup_steps / steps * steps - 1;
    if (number > warm_end)
        return between(config->lr, final, (number - warm_end) / (steps - 1 - warm_end));
    /* A warm-up of one step is its own peak; torch divides 0 by 0. */
    if (config->warmup_steps == 1)
        return config->lr;
    return between(initial, config->lr, number / warm_end);
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

double sbmt_schedule_rate(const struct sbmt_train_config *config, int64_t step)
{
    assert(step >= 1 && step <= config->steps);
    return config->schedule == SBMT_SCHEDULE_ONECYCLE ? onecycle(config, step)
                                                      : linear(config, step);
}
