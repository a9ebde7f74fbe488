/* Training in a run folder, from the first step or from a checkpoint, to the result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/config_write.h"
#include "bench/experiment.h"
#include "bench/experiment_conclude.h"
#include "bench/pretrained.h"
#include "bench/run_checkpoint.h"
#include "bench/run_info.h"
#include "bench/scoring.h"

/* The weights that the run begins with, where its configuration names some. */
static bool load_init(struct sbmt_experiment *experiment,
                      const struct sbmt_experiment_options *options, struct sbmt_error *err)
{
    const struct sbmt_model_config *model = &experiment->config->model;
    if (model->init == NULL || model->init[0] == '\0')
        return true;
    return sbmt_pretrained_load(model->init, model, &experiment->params, experiment->classes,
                                options->log, experiment->init_digest, err);
}

/* The same in a run that ended before its first checkpoint: they must be the same still. */
static bool load_init_again(const char *folder, struct sbmt_experiment *experiment,
                            const struct sbmt_experiment_options *options, struct sbmt_error *err)
{
    char begun[SBMT_SHA256_HEX];
    sbmt_run_info_init(folder, begun);
    if (!load_init(experiment, options, err))
        return false;
    if (begun[0] == '\0' || strcmp(begun, experiment->init_digest) == 0)
        return true;
    return sbmt_fail(
        err, SBMT_ERROR_CONFIG,
        "%s: a resumed run keeps the weights it began with, and those of %s are others "
        "now; begin another run with --run",
        folder, experiment->config->model.init);
}

/* config.yaml comes last: its presence says that there is a run to resume. */
static bool begin_run(struct sbmt_run *run, const char *folder,
                      const struct sbmt_experiment *experiment, struct sbmt_error *err)
{
    if (!sbmt_run_create(run, folder, err) || !sbmt_run_info_write(run, experiment, 0, err))
        return false;
    struct sbmt_str text = {0};
    sbmt_config_write(sbmt_experiment_fields, experiment->config, &text);
    const bool written = sbmt_run_write(run, "config.yaml", &text, err);
    sbmt_str_finish(&text);
    return written;
}

/* The configuration asked for must be the one that the run was begun with: the learning rate, the
 * order of the data and the random numbers of every step follow from it. A file that is not as it
 * was then is damaged. */
static bool check_same(const char *folder, const struct sbmt_experiment_config *config,
                       struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    struct sbmt_experiment_config stored;
    struct sbmt_str what = {0};
    bool same = sbmt_experiment_stored(folder, &stored, &arena, err) ||
                (sbmt_run_exists(folder) && sbmt_run_damaged(folder, err));
    const bool differs = same &&
                         sbmt_config_difference(sbmt_experiment_fields, &stored, config, &what);
    if (differs && sbmt_run_info_begun_with(folder, config))
        same = sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s/config.yaml: is not what it was when the run was begun (%s)", folder,
                         what.failed ? "it differs" : what.text) ||
               sbmt_run_damaged(folder, err);
    else if (differs)
        same = sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "%s: a resumed run keeps its configuration (%s); begin another run with "
                         "--run to change it",
                         folder, what.failed ? "it differs" : what.text);
    sbmt_str_finish(&what);
    sbmt_arena_finish(&arena);
    return same;
}

static bool resume_run(struct sbmt_run *run, const char *folder, struct sbmt_experiment *experiment,
                       struct sbmt_checkpoint *state, const struct sbmt_experiment_options *options,
                       struct sbmt_error *err)
{
    char config[SBMT_RUN_PATH];
    sbmt_run_path(folder, "config.yaml", config);
    /* The fingerprint is that of the file, which has not the options that came after its run. */
    if (!sbmt_run_resume(run, folder, err) ||
        !sbmt_digest_file(config, experiment->fingerprint, err) ||
        !sbmt_run_info_check(folder, experiment, options->data, options->log, err))
        return false;
    /* One that is finished had a checkpoint: it must not begin again unasked. */
    if (sbmt_run_has(folder, "last.safetensors") || sbmt_run_has(folder, "result.json")) {
        sbmt_run_info_init(folder, experiment->init_digest);
        if (!sbmt_run_checkpoint_read(folder, "last", &experiment->params, true, state,
                                      experiment->fingerprint, err))
            return false;
    } else if (!load_init_again(folder, experiment, options, err)) {
        return false;
    }
    return sbmt_run_info_write(run, experiment, state->step, err);
}

static bool train(struct sbmt_experiment *experiment, struct sbmt_watch *watch,
                  struct sbmt_checkpoint *state, const struct sbmt_log *log, struct sbmt_error *err)
{
    const struct sbmt_run *run = watch->run;
    char last[SBMT_RUN_PATH], best[SBMT_RUN_PATH];
    sbmt_run_path(run->folder, "last.safetensors", last);
    sbmt_run_path(run->folder, "best.safetensors", best);
    const struct sbmt_source source = sbmt_dataset_source(&experiment->set[SBMT_SPLIT_TRAIN]);
    const struct sbmt_source dev = sbmt_experiment_evaluated(experiment, SBMT_SPLIT_DEV);
    struct sbmt_scoring scoring;
    sbmt_scoring_init(&scoring, experiment->task, log);
    const struct sbmt_training training = {
        .config = &experiment->train,
        .params = &experiment->params,
        .stepper = experiment->stepper,
        .train = &source,
        .dev = &dev,
        .scorer = &scoring.scorer,
        .seed = (uint64_t)experiment->config->seed,
        .last_path = last,
        .best_path = best,
        .fingerprint = experiment->fingerprint,
        .observer = sbmt_watch_observer(watch),
    };
    if (!sbmt_train(&training, state, err))
        return false;
    if (state->step < experiment->train.steps)
        sbmt_log_write(
            log, SBMT_LOG_NOTE,
            "ended at step %lld of %d: %d evaluations in a row without a better one than "
            "that of step %lld (train.patience)",
            (long long)state->step, experiment->train.steps, experiment->train.patience,
            (long long)state->best_step);
    return true;
}

static void report_start(const struct sbmt_experiment *experiment, const struct sbmt_run *run,
                         const struct sbmt_checkpoint *state,
                         const struct sbmt_experiment_options *options)
{
    if (options->started == NULL)
        return;
    struct sbmt_experiment_start start = {
        .config = experiment->config,
        .train = &experiment->train,
        .folder = run->folder,
        .step = state->step,
        .parameters = sbmt_experiment_parameters(experiment),
        .threads = experiment->threads,
        .cpu = sbmt_stepper_cpu(experiment->stepper),
    };
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        start.count[split] = experiment->set[split].examples.count;
    options->started(options->observer.context, &start);
}

static bool train_watched(struct sbmt_experiment *experiment, struct sbmt_run *run,
                          struct sbmt_checkpoint *state,
                          const struct sbmt_experiment_options *options, struct sbmt_result *result,
                          struct sbmt_error *err)
{
    const struct sbmt_model_config *model = &experiment->config->model;
    const size_t heads = (size_t)sbmt_model_heads(experiment->model);
    struct sbmt_watch watch = {
        .run = run, .train = &experiment->train, .outer = &options->observer};
    watch.densities = (struct sbmt_head_densities){model->layers, model->heads,
                                                   calloc(heads, sizeof *watch.densities.of)};
    if (watch.densities.of == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "training: out of memory");
    sbmt_energy_start(&watch.energy, "/sys/class/powercap");
    const bool done = train(experiment, &watch, state, options->log, err) &&
                      sbmt_experiment_conclude(experiment, &watch, state, options, result, err);
    free(watch.densities.of);
    return done;
}

bool sbmt_experiment_train(const struct sbmt_experiment_config *config, const char *folder,
                           const struct sbmt_experiment_options *options,
                           struct sbmt_result *result, struct sbmt_error *err)
{
    struct sbmt_experiment experiment;
    struct sbmt_run run = {0};
    struct sbmt_checkpoint state = {0};
    /* Said before the data is read, which may take a while. */
    if (options->resume ? !check_same(folder, config, err)
                        : !sbmt_run_check_free(folder, err) || !sbmt_pretrained_check(config, err))
        return false;
    if (!sbmt_experiment_open(&experiment, config,
                              1U << SBMT_SPLIT_TRAIN | 1U << SBMT_SPLIT_DEV | 1U << SBMT_SPLIT_TEST,
                              options, err))
        return false;
    state.classes = experiment.classes;
    bool done = options->resume ? resume_run(&run, folder, &experiment, &state, options, err)
                                : load_init(&experiment, options, err) &&
                                      begin_run(&run, folder, &experiment, err);
    done = done && sbmt_metrics_open(&run.metrics, folder, &state, options->log, err);
    if (done)
        report_start(&experiment, &run, &state, options);
    done = done && train_watched(&experiment, &run, &state, options, result, err);
    sbmt_run_close(&run);
    sbmt_experiment_close(&experiment);
    return done;
}
