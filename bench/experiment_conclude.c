/* The end of a run. */
#include "bench/experiment_conclude.h"

#include <stdio.h>

#include "bench/experiment_answer.h"
#include "bench/run_account.h"
#include "bench/run_checkpoint.h"
#include "bench/scoring.h"

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

/* The result's evaluation, with the table of its answers. */
static bool evaluate(struct sbmt_experiment *experiment, struct sbmt_watch *watch,
                     const struct sbmt_log *log, struct sbmt_result *result, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    const struct sbmt_train_observer observer = sbmt_watch_observer(watch);
    const bool tabled = experiment->task->target != SBMT_TARGET_MASKED;
    sbmt_run_path(watch->run->folder, "predictions.tsv", path);
    const struct sbmt_examination examination = {.experiment = experiment,
                                                 .predictions = tabled ? path : NULL,
                                                 .observer = &observer,
                                                 .log = log,
                                                 .told = true};
    struct sbmt_answer_list answers = {0};
    const bool done = sbmt_experiment_answer(&examination, &answers, result, err);
    sbmt_answers_finish(&answers);
    return done;
}

bool sbmt_experiment_conclude(struct sbmt_experiment *experiment, struct sbmt_watch *watch,
                              const struct sbmt_checkpoint *state,
                              const struct sbmt_experiment_options *options,
                              struct sbmt_result *result, struct sbmt_error *err)
{
    const struct sbmt_run *run = watch->run;
    struct sbmt_checkpoint best_state = {.classes = experiment->classes};
    const enum sbmt_split split = experiment->set[SBMT_SPLIT_TEST].labelled ? SBMT_SPLIT_TEST
                                                                            : SBMT_SPLIT_DEV;
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
    if (!sbmt_run_checkpoint_read(run->folder, "best", &experiment->params, false, &best_state,
                                  experiment->fingerprint, err) ||
        !evaluate(experiment, watch, options->log, result, err))
        return false;
    result->step = best_state.step;
    if (split == SBMT_SPLIT_DEV)
        sbmt_log_write(options->log, SBMT_LOG_NOTE,
                       "test has no labels: the result is that of dev; sbmt eval %s --split test "
                       "--submission FILE.zip writes the answers to test",
                       run->folder);
    return write_result(experiment, watch, !options->resume && !options->shared, result, err);
}
