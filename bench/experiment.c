/* The parts of an experiment. */
#include "bench/experiment.h"

#include <stdlib.h>
#include <string.h>

#include "bench/config_origin.h"
#include "bench/config_write.h"
#include "core/base/thread.h"

/* A message about the folder of the tokenizer gets the place where it was set. */
static bool fail_tokenizer(const struct sbmt_experiment_config *config, struct sbmt_error *err)
{
    static const char key[] = "tokenizer.folder";
    return err != NULL && strncmp(err->message, key, sizeof key - 1) == 0
               ? sbmt_config_place_fail(config->tokenizer_folder_place, key, err)
               : false;
}

static bool open_data(struct sbmt_experiment *experiment, unsigned splits,
                      const struct sbmt_experiment_options *options, struct sbmt_error *err)
{
    const struct sbmt_data_options how = {.root = options->data,
                                          .seed = (uint64_t)experiment->config->seed,
                                          .emulate = experiment->config->emulate,
                                          .tokenizer = &experiment->config->tokenizer,
                                          .files = &experiment->config->files,
                                          .log = options->log};
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if ((splits & 1U << split) != 0 &&
            !sbmt_dataset_open(&experiment->set[split], experiment->task, experiment->form,
                               (enum sbmt_split)split, &how, err))
            return fail_tokenizer(experiment->config, err);
    return true;
}

/* Told by the form, or by whichever split is open: all splits have the same. */
static int vocabulary(const struct sbmt_experiment *experiment)
{
    int vocab = experiment->form->vocab;
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        if (experiment->set[split].vocab > vocab)
            vocab = experiment->set[split].vocab;
    return vocab;
}

/* Told by the form, or by the tokenizer. */
static int longest_sequence(const struct sbmt_experiment *experiment)
{
    return experiment->task->texts != NULL ? experiment->config->tokenizer.max_length
                                           : experiment->form->max_length;
}

static bool open_model(struct sbmt_experiment *experiment,
                       const struct sbmt_experiment_options *options, struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = experiment->config;
    const struct sbmt_model_shape shape = sbmt_form_shape(
        experiment->task, experiment->form, vocabulary(experiment), longest_sequence(experiment));
    experiment->threads = options->threads > 0 ? options->threads : sbmt_processor_count();
    experiment->model = sbmt_model_create(&config->model, &shape, &experiment->params, err);
    if (experiment->model == NULL ||
        !sbmt_params_seal(&experiment->params, (uint64_t)config->seed, err))
        return false;
    experiment->stepper = sbmt_stepper_create(experiment->model, &experiment->params,
                                              config->train.shards, experiment->threads,
                                              options->cpu, 0, err);
    return experiment->stepper != NULL;
}

/* The names of the classes in one line. */
static bool name_classes(struct sbmt_experiment *experiment, struct sbmt_error *err)
{
    const struct sbmt_task *task = experiment->task;
    struct sbmt_str names = {0};
    for (int c = 0; task->label_names != NULL && c < task->classes; c++)
        sbmt_str_printf(&names, "%s%s", c > 0 ? ", " : "", task->label_names[c]);
    experiment->classes = names.text;
    return !names.failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "classes: out of memory");
}

/* How many steps an epoch has follows from the training set. */
static bool resolve(struct sbmt_experiment *experiment, unsigned splits, struct sbmt_error *err)
{
    const struct sbmt_train_config *train = &experiment->config->train;
    experiment->train = *train;
    return (splits & 1U << SBMT_SPLIT_TRAIN) == 0 ||
           sbmt_train_config_resolve(train, experiment->set[SBMT_SPLIT_TRAIN].examples.count,
                                     &experiment->train, err);
}

bool sbmt_experiment_open(struct sbmt_experiment *experiment,
                          const struct sbmt_experiment_config *config, unsigned splits,
                          const struct sbmt_experiment_options *options, struct sbmt_error *err)
{
    *experiment = (struct sbmt_experiment){.config = config};
    experiment->task = sbmt_task_find(config->task, err);
    if (experiment->task != NULL)
        experiment->form = sbmt_task_form(experiment->task, config->protocol, err);
    if (experiment->form != NULL &&
        sbmt_config_fingerprint(sbmt_experiment_fields, config, experiment->fingerprint, err) &&
        name_classes(experiment, err) && open_data(experiment, splits, options, err) &&
        resolve(experiment, splits, err) && open_model(experiment, options, err))
        return true;
    sbmt_experiment_close(experiment);
    return false;
}

void sbmt_experiment_close(struct sbmt_experiment *experiment)
{
    free(experiment->classes);
    sbmt_stepper_destroy(experiment->stepper);
    sbmt_model_destroy(experiment->model);
    sbmt_params_finish(&experiment->params);
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        sbmt_dataset_close(&experiment->set[split]);
    *experiment = (struct sbmt_experiment){0};
}

struct sbmt_source sbmt_experiment_evaluated(struct sbmt_experiment *experiment,
                                             enum sbmt_split split)
{
    const struct sbmt_experiment_config *config = experiment->config;
    struct sbmt_source source = sbmt_dataset_source(&experiment->set[split]);
    if (config->emulate.drop_last && source.count >= config->train.batch_size)
        source.count -= source.count % config->train.batch_size;
    return source;
}

int64_t sbmt_experiment_parameters(const struct sbmt_experiment *experiment)
{
    int64_t count = 0;
    for (const struct sbmt_tensor *tensor = experiment->params.first; tensor != NULL;
         tensor = tensor->next)
        if (tensor->init.kind != SBMT_INIT_SINUSOIDAL) /* which is computed, and stays so */
            count += (int64_t)tensor->size;
    return count;
}
