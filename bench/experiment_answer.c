/* An evaluation and the table of its answers. */
#include "bench/experiment_answer.h"

#include "bench/predictions.h"
#include "bench/scoring.h"
#include "bench/suspicion.h"
#include "core/io/file.h"

static bool evaluate(const struct sbmt_examination *at, struct sbmt_answer_list *answers,
                     struct sbmt_result *result, struct sbmt_error *err)
{
    struct sbmt_experiment *experiment = at->experiment;
    const struct sbmt_experiment_config *config = experiment->config;
    const struct sbmt_source source = sbmt_experiment_evaluated(experiment, result->split);
    struct sbmt_scoring scoring;
    sbmt_scoring_init(&scoring, experiment->task, at->told ? NULL : at->log);
    const struct sbmt_eval_job job = {
        .stepper = experiment->stepper,
        .source = &source,
        .batch_size = config->train.batch_size,
        .limit = result->split == SBMT_SPLIT_TEST ? config->train.test_examples : 0,
        .seed = (uint64_t)config->seed,
        .scorer = result->unlabelled ? NULL : &scoring.scorer,
        .observer = at->observer,
    };
    const bool collects = experiment->task->target != SBMT_TARGET_MASKED;
    if (!sbmt_evaluate(&job, collects ? answers : NULL, &result->eval, NULL, err))
        return false;
    sbmt_suspicion_report(result, experiment->task, &answers->answers, at->log);
    return true;
}

static bool write_table(const struct sbmt_dataset *dataset, const struct sbmt_answers *answers,
                        struct sbmt_writer *writer, const char *path, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    sbmt_predictions_list(dataset, answers, &text);
    const bool written = text.failed ? sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path)
                                     : sbmt_writer_write(writer, text.text, text.length, err) &&
                                           sbmt_writer_commit(writer, err);
    sbmt_str_finish(&text);
    return written;
}

/* The file is opened before the evaluation, which may take long, and appears after it. */
bool sbmt_experiment_answer(const struct sbmt_examination *examination,
                            struct sbmt_answer_list *answers, struct sbmt_result *result,
                            struct sbmt_error *err)
{
    struct sbmt_writer writer = {0};
    const struct sbmt_dataset *dataset = &examination->experiment->set[result->split];
    const char *path = examination->predictions;
    if (path != NULL && !sbmt_writer_open(&writer, path, err))
        return false;
    const bool done = evaluate(examination, answers, result, err) &&
                      (path == NULL || write_table(dataset, &answers->answers, &writer, path, err));
    sbmt_writer_abandon(&writer);
    return done;
}
