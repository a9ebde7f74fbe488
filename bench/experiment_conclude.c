/* The end of a run. */
#include "bench/experiment_conclude.h"

#include <stdio.h>

#include "bench/run_account.h"
#include "bench/scoring.h"
#include "bench/suspicion.h"

/* Energy is known of a run that this process has had from its first step, and had alone. */
static bool write_result(const struct sbmt_experiment *experiment, struct sbmt_watch *watch,
                         bool whole, const struct sbmt_result *result, struct sbmt_error *err)
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

bool sbmt_experiment_conclude(struct sbmt_experiment *experiment, struct sbmt_watch *watch,
                              const struct sbmt_checkpoint *state,
                              const struct sbmt_experiment_options *options,
                              struct sbmt_result *result, struct sbmt_error *err)
{
    char best[SBMT_RUN_PATH];
    const struct sbmt_run *run = watch->run;
    const struct sbmt_train_observer observer = sbmt_watch_observer(watch);
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
