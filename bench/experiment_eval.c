/* Evaluating the checkpoint of a run. */
#include <stdio.h>

#include "bench/config_change.h"
#include "bench/experiment.h"
#include "bench/experiment_answer.h"
#include "bench/run.h"
#include "bench/run_checkpoint.h"
#include "bench/run_info.h"
#include "bench/scoring.h"
#include "bench/submit.h"
#include "data/glue/submission.h"

bool sbmt_experiment_stored(const char *folder, struct sbmt_experiment_config *config,
                            struct sbmt_arena *arena, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    if (!sbmt_run_exists(folder))
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: is not a run folder (no config.yaml in it)",
                         folder);
    sbmt_run_path(folder, "config.yaml", path);
    return sbmt_experiment_config_stored(config, path, NULL, 0, arena, err);
}

/* The fingerprint is that of the file, which has not the options that came after its run. */
bool sbmt_evaluation_load(struct sbmt_evaluation *evaluation, const char *folder,
                          const char *const *changes, int count, struct sbmt_arena *arena,
                          struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    struct sbmt_experiment_config stored;
    *evaluation = (struct sbmt_evaluation){
        .folder = folder, .changes = changes, .change_count = count};
    sbmt_run_path(folder, "config.yaml", path);
    return sbmt_experiment_stored(folder, &stored, arena, err) &&
           sbmt_digest_file(path, evaluation->fingerprint, err) &&
           sbmt_config_change_check(sbmt_experiment_fields, &stored, changes, count, err) &&
           sbmt_experiment_config_stored(&evaluation->config, path, changes, count, arena, err);
}

/* What is asked for can be had of this task and split; said before anything is read. */
static bool check_files(const struct sbmt_experiment *experiment, enum sbmt_split split,
                        const struct sbmt_eval_files *files, const char *folder,
                        struct sbmt_error *err)
{
    const struct sbmt_task *task = experiment->task;
    if (files->predictions != NULL && task->target == SBMT_TARGET_MASKED)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--predictions: %s has words to guess, of which no table is made",
                         task->name);
    if (files->submission != NULL && split != SBMT_SPLIT_TEST)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--submission: the leaderboard wants the answers to test, not %s",
                         sbmt_split_name(split));
    if (files->submission != NULL && !sbmt_submission_check_task(task, err))
        return false;
    if (files->submission != NULL && experiment->config->train.test_examples > 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--submission: the leaderboard wants an answer to every example of test; "
                         "add train.test_examples=0");
    if (files->submission != NULL && !sbmt_submission_check_path(files->submission, err))
        return false;
    if (experiment->set[split].labelled || files->predictions != NULL || files->submission != NULL)
        return true;
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "%s: %s of %s has no labels, so that there is nothing to measure; write its "
                     "answers to a file with --predictions FILE%s, or evaluate with --split dev",
                     folder, sbmt_split_name(split), task->name,
                     sbmt_submission_file_of(task->name, 0) != NULL ? " or --submission FILE.zip"
                                                                    : "");
}

static struct sbmt_result begin_result(const struct sbmt_evaluation *evaluation,
                                       const struct sbmt_experiment *experiment,
                                       enum sbmt_split split, const struct sbmt_checkpoint *state)
{
    const struct sbmt_dataset *dataset = &experiment->set[split];
    struct sbmt_result result = {
        .config = &evaluation->config,
        .parameters = sbmt_experiment_parameters(experiment),
        .steps = sbmt_run_info_steps(evaluation->folder, &evaluation->config.train),
        .step = state->step,
        .best_dev = sbmt_scoring_primary(experiment->task, state->best_metric),
        .dev_step = state->best_step,
        .split = split,
        .unlabelled = !dataset->labelled,
        .majority = sbmt_result_majority(dataset),
        .seconds = -1,
        .changes = evaluation->changes,
        .change_count = evaluation->change_count,
    };
    snprintf(result.fingerprint, sizeof result.fingerprint, "%s", evaluation->fingerprint);
    return result;
}

static bool examine(const struct sbmt_evaluation *evaluation, const char *checkpoint,
                    enum sbmt_split split, const struct sbmt_eval_files *files,
                    struct sbmt_experiment *experiment,
                    const struct sbmt_experiment_options *options, struct sbmt_result *result,
                    struct sbmt_error *err)
{
    const struct sbmt_examination examination = {.experiment = experiment,
                                                 .predictions = files->predictions,
                                                 .observer = &options->observer,
                                                 .log = options->log};
    struct sbmt_answer_list list = {0};
    struct sbmt_checkpoint state = {.classes = experiment->classes};
    sbmt_run_info_compare(evaluation->folder, experiment, split, options->data, options->log);
    if (!check_files(experiment, split, files, evaluation->folder, err) ||
        !sbmt_run_checkpoint_read(evaluation->folder, checkpoint, &experiment->params, false,
                                  &state, evaluation->fingerprint, err))
        return false;
    *result = begin_result(evaluation, experiment, split, &state);
    const bool done = sbmt_experiment_answer(&examination, &list, result, err) &&
                      (files->submission == NULL ||
                       sbmt_submit(experiment, &list.answers, files->submission, options, err));
    sbmt_answers_finish(&list);
    return done;
}

bool sbmt_experiment_eval(const struct sbmt_evaluation *evaluation, const char *checkpoint,
                          enum sbmt_split split, const struct sbmt_eval_files *files,
                          const struct sbmt_experiment_options *options, struct sbmt_result *result,
                          struct sbmt_error *err)
{
    struct sbmt_experiment experiment;
    if (!sbmt_run_check_apart(evaluation->folder, files->predictions, "--predictions", err) ||
        !sbmt_run_check_apart(evaluation->folder, files->submission, "--submission", err) ||
        !sbmt_experiment_open(&experiment, &evaluation->config, 1U << split, options, err))
        return false;
    const bool done = examine(evaluation, checkpoint, split, files, &experiment, options, result,
                              err);
    sbmt_experiment_close(&experiment);
    return done;
}
