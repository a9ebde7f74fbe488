/* Predictions from a few steps. */
#include "bench/suite_probe.h"

#include "core/base/clock.h"
#include "core/train/adamw.h"

enum { MOST_EXAMPLES = 64 };

/* Times of one example, and of what a step does besides. */
struct pace {
    double train, eval, update;
};

static int probe_size(const struct sbmt_experiment *experiment)
{
    const struct sbmt_train_config *train = &experiment->train;
    const int size = train->shards < MOST_EXAMPLES ? train->shards : MOST_EXAMPLES;
    return size < train->batch_size ? size : train->batch_size;
}

/* Two steps, the second of which counts: the first one makes the memory. */
static bool probe_train(struct sbmt_experiment *experiment, struct pace *pace,
                        struct sbmt_error *err)
{
    const struct sbmt_source source = sbmt_dataset_source(&experiment->set[SBMT_SPLIT_TRAIN]);
    const uint64_t seed = (uint64_t)experiment->config->seed;
    int64_t index[MOST_EXAMPLES];
    int size = probe_size(experiment);
    if (source.count > 0 && source.count < size)
        size = (int)source.count;
    for (int i = 0; i < size; i++)
        index[i] = source.count > 0 ? i * (source.count / size) : i;
    for (uint32_t step = 1; step <= 2; step++) {
        struct sbmt_batch batch;
        struct sbmt_step_result result;
        const double begin = sbmt_clock_steady();
        if (!source.load(source.context, index, NULL, size, &batch, err) ||
            !sbmt_stepper_train(experiment->stepper, &batch, seed, step, &result, err))
            return false;
        const double trained = sbmt_clock_steady();
        sbmt_adamw_update(&experiment->params, sbmt_stepper_gradient(experiment->stepper), 0, step,
                          &experiment->train);
        pace->train = (trained - begin) / size;
        pace->update = sbmt_clock_steady() - trained;
    }
    return true;
}

static bool probe_eval(struct sbmt_experiment *experiment, struct pace *pace,
                       struct sbmt_error *err)
{
    const struct sbmt_source source = sbmt_dataset_source(&experiment->set[SBMT_SPLIT_DEV]);
    const int size = probe_size(experiment);
    const struct sbmt_eval_job job = {
        .stepper = experiment->stepper,
        .source = &source,
        .batch_size = size,
        .limit = size,
        .seed = (uint64_t)experiment->config->seed,
    };
    struct sbmt_eval_result result;
    if (!sbmt_evaluate(&job, NULL, &result, NULL, err))
        return false;
    pace->eval = result.seconds / (double)result.count;
    return true;
}

/* `limit` 0: all, `count` 0: endless. */
static double part(double count, int limit)
{
    return limit > 0 && (count == 0 || limit < count) ? limit : count;
}

static double total_seconds(const struct sbmt_experiment *experiment, const struct pace *pace)
{
    const struct sbmt_train_config *train = &experiment->train;
    const double dev = (double)experiment->set[SBMT_SPLIT_DEV].examples.count;
    const double test = (double)experiment->set[SBMT_SPLIT_TEST].examples.count;
    const int every = train->eval_every;
    const double evals = every > 0 ? (train->steps + every - 1) / every : 1;
    return train->steps * (train->batch_size * pace->train + pace->update) +
           (evals * part(dev, train->eval_examples) + part(test, train->test_examples)) *
               pace->eval;
}

/* Weights and the two means of AdamW, a gradient a shard, activations a thread. */
static double total_bytes(const struct sbmt_experiment *experiment)
{
    const double slab = (double)experiment->params.size * (double)sizeof(real);
    return slab * (3 + experiment->train.shards) +
           (double)experiment->threads * (double)sbmt_stepper_peak_bytes(experiment->stepper);
}

bool sbmt_suite_probe(const struct sbmt_experiment_config *config,
                      const struct sbmt_experiment_options *options,
                      struct sbmt_prediction *prediction, struct sbmt_error *err)
{
    struct sbmt_experiment experiment;
    struct pace pace = {0};
    if (!sbmt_experiment_open(&experiment, config,
                              1U << SBMT_SPLIT_TRAIN | 1U << SBMT_SPLIT_DEV | 1U << SBMT_SPLIT_TEST,
                              options, err))
        return false;
    const bool done = probe_train(&experiment, &pace, err) && probe_eval(&experiment, &pace, err);
    if (done)
        *prediction = (struct sbmt_prediction){.seconds = total_seconds(&experiment, &pace),
                                               .bytes = total_bytes(&experiment),
                                               .steps = experiment.train.steps};
    sbmt_experiment_close(&experiment);
    return done;
}
