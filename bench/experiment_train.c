/* Training in a run folder, from the first step or from a checkpoint, to the result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/config_write.h"
#include "bench/experiment.h"
#include "bench/pretrained.h"
#include "bench/run.h"
#include "bench/run_account.h"
#include "bench/run_info.h"
#include "bench/scoring.h"
#include "bench/suspicion.h"

/* What the observers of training share. */
struct watch {
    struct sbmt_run *run;
    const struct sbmt_train_config *train;
    const struct sbmt_train_observer *outer;
    struct sbmt_energy energy;
    struct sbmt_head_densities densities; /* of the last evaluation */
};

static bool on_step(void *context, const struct sbmt_train_event *event, struct sbmt_error *err)
{
    struct watch *watch = context;
    const struct sbmt_train_config *train = watch->train;
    sbmt_energy_sample(&watch->energy, false);
    const bool written = event->step % train->log_every == 0 || event->step == train->steps;
    return sbmt_metrics_step(&watch->run->metrics, event, written, err) &&
           (watch->outer->step == NULL || watch->outer->step(watch->outer->context, event, err));
}

static bool on_eval(void *context, const struct sbmt_eval_result *result, bool best,
                    struct sbmt_error *err)
{
    struct watch *watch = context;
    return sbmt_metrics_eval(&watch->run->metrics, result, &watch->densities, best, err) &&
           (watch->outer->eval == NULL ||
            watch->outer->eval(watch->outer->context, result, best, err));
}

static void on_eval_progress(void *context, int64_t done, int64_t count)
{
    struct watch *watch = context;
    sbmt_energy_sample(&watch->energy, false);
    if (watch->outer->eval_progress != NULL)
        watch->outer->eval_progress(watch->outer->context, done, count);
}

static bool on_checkpoint(void *context, int64_t step, struct sbmt_error *err)
{
    struct watch *watch = context;
    return sbmt_metrics_sync(&watch->run->metrics, err) &&
           (watch->outer->checkpoint == NULL ||
            watch->outer->checkpoint(watch->outer->context, step, err));
}

static bool on_should_stop(void *context)
{
    const struct watch *watch = context;
    return watch->outer->should_stop != NULL && watch->outer->should_stop(watch->outer->context);
}

/* The weights that the run begins with, where its configuration names some. */
static bool load_init(struct sbmt_experiment *experiment,
                      const struct sbmt_experiment_options *options, struct sbmt_error *err)
{
    const struct sbmt_model_config *model = &experiment->config->model;
    if (model->init == NULL || model->init[0] == '\0')
        return true;
    return sbmt_pretrained_load(model->init, model, &experiment->params, options->log,
                                experiment->init_digest, err);
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
 * order of the data and the random numbers of every step follow from it. */
static bool check_same(const char *folder, const struct sbmt_experiment_config *config,
                       struct sbmt_error *err)
{
    struct sbmt_arena arena = {0};
    struct sbmt_experiment_config stored;
    struct sbmt_str what = {0};
    bool same = sbmt_experiment_stored(folder, &stored, &arena, err);
    if (same && sbmt_config_difference(sbmt_experiment_fields, &stored, config, &what))
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
    char path[SBMT_RUN_PATH], config[SBMT_RUN_PATH];
    sbmt_run_path(folder, "last.safetensors", path);
    sbmt_run_path(folder, "config.yaml", config);
    /* The fingerprint is that of the file, which has not the options that came after its run. */
    if (!sbmt_run_resume(run, folder, err) ||
        !sbmt_digest_file(config, experiment->fingerprint, err) ||
        !sbmt_run_info_check(folder, experiment, options->data, options->log, err))
        return false;
    if (sbmt_file_exists(path)) {
        sbmt_run_info_init(folder, experiment->init_digest);
        if (!sbmt_checkpoint_read(path, &experiment->params, true, state, experiment->fingerprint,
                                  err))
            return false;
    } else if (!load_init_again(folder, experiment, options, err)) {
        return false;
    }
    return sbmt_run_info_write(run, experiment, state->step, err);
}

static struct sbmt_train_observer observer_of(struct watch *watch)
{
    return (struct sbmt_train_observer){.context = watch,
                                        .step = on_step,
                                        .eval = on_eval,
                                        .eval_progress = on_eval_progress,
                                        .checkpoint = on_checkpoint,
                                        .should_stop = on_should_stop,
                                        .densities = watch->densities.of};
}

static bool train(struct sbmt_experiment *experiment, struct watch *watch,
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
        .observer = observer_of(watch),
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

/* Energy is known of a run that this process has had from its first step, and had alone. */
static bool write_result(const struct sbmt_experiment *experiment, struct watch *watch, bool whole,
                         const struct sbmt_result *result, struct sbmt_error *err)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_energy_sample(&watch->energy, true);
    sbmt_result_json(result, &json);
    sbmt_run_account_json(experiment, result, &watch->densities, whole ? &watch->energy : NULL,
                          &json);
    const bool written = sbmt_run_write_json(watch->run, "result.json", &json, err);
    sbmt_json_finish(&json);
    return written;
}

/* The result's evaluation, and what is suspicious about it. */
static bool evaluate(struct sbmt_experiment *experiment, const struct sbmt_train_observer *observer,
                     const struct sbmt_experiment_options *options, struct sbmt_result *result,
                     struct sbmt_error *err)
{
    const struct sbmt_source source = sbmt_experiment_evaluated(experiment, result->split);
    struct sbmt_scoring scoring;
    sbmt_scoring_init(&scoring, experiment->task, NULL);
    const struct sbmt_eval_job job = {
        .stepper = experiment->stepper,
        .source = &source,
        .batch_size = experiment->train.batch_size,
        .seed = (uint64_t)experiment->config->seed,
        .scorer = &scoring.scorer,
        .observer = observer,
    };
    struct sbmt_answer_list answers = {0};
    const bool collects = experiment->task->target != SBMT_TARGET_MASKED;
    const bool done = sbmt_evaluate(&job, collects ? &answers : NULL, &result->eval, NULL, err);
    if (done)
        sbmt_suspicion_report(result, experiment->task, &answers.answers, options->log);
    sbmt_answers_finish(&answers);
    return done;
}

/* Test, or dev where test has no labels, by the weights that were best on dev. */
static bool conclude(struct sbmt_experiment *experiment, struct watch *watch,
                     const struct sbmt_checkpoint *state,
                     const struct sbmt_experiment_options *options, struct sbmt_result *result,
                     struct sbmt_error *err)
{
    char best[SBMT_RUN_PATH];
    const struct sbmt_run *run = watch->run;
    const struct sbmt_train_observer observer = observer_of(watch);
    struct sbmt_checkpoint best_state = {.classes = experiment->classes};
    const enum sbmt_split split = experiment->set[SBMT_SPLIT_TEST].labelled ? SBMT_SPLIT_TEST
                                                                            : SBMT_SPLIT_DEV;
    sbmt_run_path(run->folder, "best.safetensors", best);
    *result = (struct sbmt_result){
        .config = experiment->config,
        .parameters = sbmt_experiment_parameters(experiment),
        .steps = experiment->train.steps,
        .ended_step = state->step < experiment->train.steps ? state->step : 0,
        .best_dev = sbmt_scoring_primary(experiment->task, state->best_metric),
        .dev_step = state->best_step,
        .split = split,
        .majority = sbmt_result_majority(&experiment->set[split]),
        .seconds = run->metrics.elapsed,
    };
    snprintf(result->fingerprint, sizeof result->fingerprint, "%s", experiment->fingerprint);
    if (!sbmt_checkpoint_read(best, &experiment->params, false, &best_state,
                              experiment->fingerprint, err) ||
        !evaluate(experiment, &observer, options, result, err))
        return false;
    result->step = best_state.step;
    if (split == SBMT_SPLIT_DEV)
        sbmt_log_write(options->log, SBMT_LOG_NOTE,
                       "test has no labels: the result is that of dev; sbmt eval %s --split test "
                       "--submission FILE.zip writes the answers to test",
                       run->folder);
    return write_result(experiment, watch, !options->resume && !options->shared, result, err);
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
    struct watch watch = {.run = run, .train = &experiment->train, .outer = &options->observer};
    watch.densities = (struct sbmt_head_densities){model->layers, model->heads,
                                                   calloc(heads, sizeof *watch.densities.of)};
    if (watch.densities.of == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "training: out of memory");
    sbmt_energy_start(&watch.energy, "/sys/class/powercap");
    const bool done = train(experiment, &watch, state, options->log, err) &&
                      conclude(experiment, &watch, state, options, result, err);
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
    if (options->resume ? !check_same(folder, config, err) : !sbmt_run_check_free(folder, err))
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
