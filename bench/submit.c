/* Answers for the leaderboard. */
#include "bench/submit.h"

#include <string.h>

#include "data/glue/submission.h"

/* The files of a task; MNLI has three. */
enum { MOST_FILES = 3 };

/* What goes into the archive so far. */
struct parcel {
    const struct sbmt_experiment *experiment;
    const struct sbmt_experiment_options *options;
    struct sbmt_str text[MOST_FILES];
    struct sbmt_submission_part parts[MOST_FILES];
    int count;
};

static bool add(struct parcel *parcel, const struct sbmt_submission_file *file,
                const struct sbmt_task *task, const struct sbmt_answers *answers,
                struct sbmt_error *err)
{
    struct sbmt_str *text = &parcel->text[parcel->count];
    if (!sbmt_submission_write(file, task, answers, text, err))
        return false;
    parcel->parts[parcel->count++] = (struct sbmt_submission_part){file->name, text->text,
                                                                   text->length};
    return true;
}

static bool evaluate(const struct parcel *parcel, struct sbmt_dataset *dataset,
                     struct sbmt_answer_list *list, struct sbmt_error *err)
{
    const struct sbmt_experiment *experiment = parcel->experiment;
    const struct sbmt_source source = sbmt_dataset_source(dataset);
    const struct sbmt_eval_job job = {
        .stepper = experiment->stepper,
        .source = &source,
        .batch_size = experiment->config->train.batch_size,
        .seed = (uint64_t)experiment->config->seed,
        .observer = &parcel->options->observer,
    };
    struct sbmt_eval_result result;
    return sbmt_evaluate(&job, list, &result, NULL, err);
}

/* A file that answers the official test set of another task by the same model. */
static bool add_other(struct parcel *parcel, const struct sbmt_submission_file *file,
                      struct sbmt_error *err)
{
    const struct sbmt_experiment *experiment = parcel->experiment;
    const struct sbmt_log *log = parcel->options->log;
    const struct sbmt_data_options how = {.root = parcel->options->data,
                                          .seed = (uint64_t)experiment->config->seed,
                                          .tokenizer = &experiment->config->tokenizer,
                                          .log = log};
    const struct sbmt_task *task = sbmt_task_find(file->task, err);
    struct sbmt_dataset dataset;
    struct sbmt_answer_list list = {0};
    struct sbmt_error missing = {0};
    if (task == NULL)
        return false;
    if (!sbmt_dataset_open(&dataset, task, experiment->form, SBMT_SPLIT_TEST, &how, &missing)) {
        sbmt_log_write(log, SBMT_LOG_WARNING, "%s is left out: %s", file->name, missing.message);
        return true;
    }
    const bool done = evaluate(parcel, &dataset, &list, err) &&
                      add(parcel, file, task, &list.answers, err);
    sbmt_answers_finish(&list);
    sbmt_dataset_close(&dataset);
    return done;
}

bool sbmt_submit(const struct sbmt_experiment *experiment, const struct sbmt_answers *answers,
                 const char *path, const struct sbmt_experiment_options *options,
                 struct sbmt_error *err)
{
    const struct sbmt_task *task = experiment->task;
    const struct sbmt_submission_file *file;
    struct parcel parcel = {.experiment = experiment, .options = options};
    bool done = true;
    for (int i = 0; (file = sbmt_submission_file_of(task->name, i)) != NULL && done; i++)
        done = strcmp(file->task, task->name) == 0 ? add(&parcel, file, task, answers, err)
                                                   : add_other(&parcel, file, err);
    done = done && sbmt_submission_put(path, parcel.parts, parcel.count, err);
    for (int i = 0; i < parcel.count && done; i++)
        sbmt_log_write(options->log, SBMT_LOG_NOTE, "%s: %s is in it now", path,
                       parcel.parts[i].name);
    for (int i = 0; i < MOST_FILES; i++)
        sbmt_str_finish(&parcel.text[i]);
    return done;
}
