/* Evaluating the checkpoint of a run. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/config_change.h"
#include "bench/experiment.h"
#include "bench/run.h"
#include "bench/run_info.h"

bool sbmt_experiment_stored(const char *folder, struct sbmt_experiment_config *config,
                            struct sbmt_arena *arena, struct sbmt_error *err)
{
    char path[SBMT_RUN_PATH];
    if (!sbmt_run_exists(folder))
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: is not a run folder (no config.yaml in it)",
                         folder);
    sbmt_run_path(folder, "config.yaml", path);
    return sbmt_experiment_config_load(config, path, NULL, 0, arena, err);
}

/* A class as the task calls it; "-" for none. */
static void write_class(const struct sbmt_task *task, int class, struct sbmt_str *text)
{
    if (class < 0)
        sbmt_str_printf(text, "\t-");
    else if (task->label_names != NULL)
        sbmt_str_printf(text, "\t%s", task->label_names[class]);
    else
        sbmt_str_printf(text, "\t%d", class);
}

/* A line a label: that of an example by its index, that of a token by its position as well. */
static void list_predictions(const struct sbmt_dataset *dataset, int64_t count,
                             const int *predictions, struct sbmt_str *text)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const bool of_tokens = dataset->task->target == SBMT_TARGET_TOKEN;
    sbmt_str_printf(text, of_tokens ? "index\tposition\tlabel\tprediction\n"
                                    : "index\tlabel\tprediction\n");
    for (int64_t e = 0; e < count; e++) {
        const int64_t begin = of_tokens ? examples->offset[e] : e;
        const int64_t end = of_tokens ? examples->offset[e + 1] : e + 1;
        for (int64_t i = begin; i < end; i++) {
            sbmt_str_printf(text, "%" PRId64, e);
            if (of_tokens)
                sbmt_str_printf(text, "\t%" PRId64, i - begin);
            write_class(dataset->task, examples->label[i], text);
            write_class(dataset->task, predictions[i], text);
            sbmt_str_printf(text, "\n");
        }
    }
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
           sbmt_experiment_config_load(&evaluation->config, path, changes, count, arena, err);
}

static bool write_predictions(struct sbmt_writer *writer, const struct sbmt_dataset *dataset,
                              int64_t count, const int *predictions, struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    list_predictions(dataset, count, predictions, &text);
    const bool written = text.failed
                             ? sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", writer->path)
                             : sbmt_writer_write(writer, text.text, text.length, err) &&
                                   sbmt_writer_commit(writer, err);
    sbmt_str_finish(&text);
    return written;
}

static bool evaluate(struct sbmt_experiment *experiment, enum sbmt_split split, int *predictions,
                     const struct sbmt_train_observer *observer, struct sbmt_result *result,
                     struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = experiment->config;
    const struct sbmt_source source = sbmt_experiment_evaluated(experiment, split);
    return sbmt_evaluate(experiment->stepper, &source, config->train.batch_size, 0,
                         (uint64_t)config->seed, predictions, observer, &result->eval, err);
}

/* The file is opened before the evaluation, which may take long, and appears after it. */
static bool evaluate_into(struct sbmt_experiment *experiment, enum sbmt_split split,
                          const char *path, const struct sbmt_train_observer *observer,
                          struct sbmt_result *result, struct sbmt_error *err)
{
    const struct sbmt_dataset *dataset = &experiment->set[split];
    struct sbmt_writer writer;
    if (dataset->examples.label == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "--predictions: %s has no classes to write",
                         dataset->task->name);
    int *predictions = calloc((size_t)sbmt_dataset_labels(dataset), sizeof *predictions);
    if (predictions == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "predictions: out of memory");
    bool done = sbmt_writer_open(&writer, path, err);
    done = done && evaluate(experiment, split, predictions, observer, result, err) &&
           write_predictions(&writer, dataset, result->eval.count, predictions, err);
    sbmt_writer_abandon(&writer);
    free(predictions);
    return done;
}

bool sbmt_experiment_eval(const struct sbmt_evaluation *evaluation, const char *checkpoint,
                          enum sbmt_split split, const char *predictions,
                          const struct sbmt_experiment_options *options, struct sbmt_result *result,
                          struct sbmt_error *err)
{
    char name[64], path[SBMT_RUN_PATH];
    struct sbmt_checkpoint state = {0};
    struct sbmt_experiment experiment;
    snprintf(name, sizeof name, "%s.safetensors", checkpoint);
    sbmt_run_path(evaluation->folder, name, path);
    if (!sbmt_experiment_open(&experiment, &evaluation->config, 1U << split, options, err))
        return false;
    sbmt_run_info_compare(evaluation->folder, &experiment, split, options->data, options->log);
    bool done = sbmt_checkpoint_read(path, &experiment.params, false, &state,
                                     evaluation->fingerprint, err);
    if (done && predictions != NULL)
        done = evaluate_into(&experiment, split, predictions, &options->observer, result, err);
    else if (done)
        done = evaluate(&experiment, split, NULL, &options->observer, result, err);
    if (done) {
        result->config = &evaluation->config;
        result->parameters = sbmt_experiment_parameters(&experiment);
        result->step = state.step;
        result->dev_accuracy = state.best_step > 0 ? state.best_metric : -1;
        result->dev_step = state.best_step;
        result->split = split;
        result->majority = sbmt_result_majority(&experiment.set[split]);
        result->seconds = -1;
        snprintf(result->fingerprint, sizeof result->fingerprint, "%s", evaluation->fingerprint);
        result->changes = evaluation->changes;
        result->change_count = evaluation->change_count;
    }
    sbmt_experiment_close(&experiment);
    return done;
}
