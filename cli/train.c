/* sbmt train: an experiment from its configuration to its result. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/config_write.h"
#include "bench/pretrained.h"
#include "bench/run.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/result_text.h"
#include "cli/terminal.h"

struct options {
    const char *run, *data;
    bool resume, dry_run, json;
    int threads, cpu;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, run, NULL,
                "folder of the run (default runs/<task>-<attention>-s<seed>)", .argument = "DIR"),
    SBMT_BOOL(
        struct options, resume, false,
        "go on with the run in the folder from its last checkpoint; with --run, CONFIG may be "
        "left out"),
    SBMT_DATA_ROW(struct options),
    SBMT_THREADS_ROW(struct options),
    SBMT_CPU_ROW(struct options),
    SBMT_BOOL(struct options, dry_run, false,
              "print the effective configuration, the number of parameters and of examples, and "
              "stop"),
    SBMT_BOOL(struct options, json, false, "print the result as one JSON object"),
    SBMT_FIELDS_END,
};

static void started(void *context, const struct sbmt_experiment_start *start)
{
    sbmt_interrupt_catch();
    sbmt_progress_start(context, start);
}

static bool on_step(void *context, const struct sbmt_train_event *event, struct sbmt_error *err)
{
    (void)err;
    sbmt_progress_step(context, event);
    return true;
}

static bool on_eval(void *context, const struct sbmt_eval_result *result, bool best,
                    struct sbmt_error *err)
{
    (void)err;
    sbmt_progress_eval(context, result, best);
    return true;
}

/* Not KEY=VALUE: folders of cells have a '=' in their names, keys have no '/'. */
static bool is_path(const char *word)
{
    const char *equals = strchr(word, '='), *slash = strchr(word, '/');
    return equals == NULL || (slash != NULL && slash < equals);
}

/* The configuration from the file named first, or from the run to be resumed. */
static bool load(const struct sbmt_call *call, struct sbmt_experiment_config *config,
                 struct sbmt_error *err)
{
    const struct options *options = call->options;
    const bool named = call->count > 0 && is_path(call->arguments[0]);
    if (named)
        return sbmt_experiment_config_load(config, call->arguments[0], call->arguments + 1,
                                           call->count - 1, call->arena, err);
    if (!options->resume || options->run == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "CONFIG is missing: sbmt train CONFIG [KEY=VALUE ...], or sbmt train "
                         "--resume --run DIR");
    if (!sbmt_run_exists(options->run))
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s: there is no run to resume here (no config.yaml)", options->run);
    char path[SBMT_RUN_PATH];
    sbmt_run_path(options->run, "config.yaml", path);
    return sbmt_experiment_config_stored(config, path, call->arguments, call->count, call->arena,
                                         err);
}

static void dry_run_json(const struct sbmt_experiment *experiment, const char *folder,
                         struct sbmt_str *text)
{
    struct sbmt_json json = sbmt_json_make();
    sbmt_json_text(&json, "run", folder);
    sbmt_json_text(&json, "config", experiment->fingerprint);
    sbmt_json_number(&json, "parameters", (double)sbmt_experiment_parameters(experiment));
    sbmt_json_number(&json, "steps", experiment->train.steps);
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        const char *name = sbmt_split_name((enum sbmt_split)split);
        const int64_t count = experiment->set[split].examples.count;
        if (count > 0)
            sbmt_json_number(&json, name, (double)count);
        else
            sbmt_json_text(&json, name, "endless");
    }
    sbmt_json_line(&json, text);
}

/* The configuration as YAML; what else there is to say as comments below it. */
static bool dry_run(const struct options *options, const struct sbmt_experiment_config *config,
                    const char *folder, const struct sbmt_experiment_options *how,
                    struct sbmt_error *err)
{
    struct sbmt_experiment experiment;
    if (!sbmt_pretrained_check(config, err) ||
        !sbmt_experiment_open(&experiment, config,
                              1U << SBMT_SPLIT_TRAIN | 1U << SBMT_SPLIT_DEV | 1U << SBMT_SPLIT_TEST,
                              how, err))
        return false;
    struct sbmt_str text = {0};
    if (options->json) {
        dry_run_json(&experiment, folder, &text);
    } else {
        sbmt_config_write(sbmt_experiment_fields, config, &text);
        sbmt_str_printf(&text, "# parameters: %" PRId64 "\n",
                        sbmt_experiment_parameters(&experiment));
        for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
            char count[SBMT_COUNT_TEXT];
            sbmt_progress_count(experiment.set[split].examples.count, count);
            sbmt_str_printf(&text, "# %s: %s examples, the longest of %" PRId64 " tokens\n",
                            sbmt_split_name((enum sbmt_split)split), count,
                            experiment.set[split].longest);
        }
        if (config->train.epochs > 0 || config->train.warmup_ratio > 0)
            sbmt_str_printf(&text, "# steps: %d, %d of them warm-up\n", experiment.train.steps,
                            experiment.train.warmup_steps);
        sbmt_str_printf(&text, "# run: %s\n", folder);
    }
    sbmt_experiment_close(&experiment);
    return sbmt_terminal_print(&text, err);
}

static bool print_result(const struct sbmt_result *result, const char *folder, bool as_json,
                         struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    if (as_json)
        sbmt_result_text_json(result, folder, &text);
    else
        sbmt_result_text_run(result, folder, &text);
    return sbmt_terminal_print(&text, err);
}

/* The command that goes on, with all that the results depend on. */
static void fail_stopped(const struct options *options, const char *folder, int64_t step,
                         struct sbmt_error *err)
{
    struct sbmt_str command = {0};
    sbmt_str_printf(&command, "sbmt train --resume --run ");
    sbmt_terminal_word(folder, &command);
    if (options->data != NULL) {
        sbmt_str_printf(&command, " --data ");
        sbmt_terminal_word(options->data, &command);
    }
    if (options->cpu > 0)
        sbmt_str_printf(&command, " --cpu %s", sbmt_cpu_words[options->cpu]);
    sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
              "stopped after step %" PRId64 "; everything is saved: go on with  %s", step,
              command.failed ? "--resume" : command.text);
    sbmt_str_finish(&command);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    struct sbmt_experiment_config config;
    char folder[SBMT_RUN_PATH - 64];
    if (!load(call, &config, err))
        return false;
    if (options->run != NULL)
        snprintf(folder, sizeof folder, "%s", options->run);
    else
        sbmt_run_default_folder(&config, folder);
    struct sbmt_progress progress = {0};
    struct sbmt_train_observer observer = sbmt_progress_observer(&progress);
    observer.step = on_step;
    observer.eval = on_eval;
    const struct sbmt_log log = sbmt_terminal_log();
    const struct sbmt_experiment_options how = {
        .data = sbmt_data_root(options->data),
        .threads = options->threads,
        .cpu = sbmt_cpu_choice(options->cpu),
        .resume = options->resume,
        .log = &log,
        .observer = observer,
        .started = started,
    };
    if (options->dry_run)
        return dry_run(options, &config, folder, &how, err);
    struct sbmt_result result;
    const bool done = sbmt_experiment_train(&config, folder, &how, &result, err);
    sbmt_progress_end(&progress);
    if (done)
        return print_result(&result, folder, options->json, err);
    if (err->kind == SBMT_ERROR_INTERRUPTED)
        fail_stopped(options, folder, progress.step, err);
    return false;
}

extern const struct sbmt_command sbmt_command_train;
const struct sbmt_command sbmt_command_train = {
    .group = "Experiments",
    .name = "train",
    .arguments = "CONFIG [KEY=VALUE ...]",
    .doc = "trains a model as a configuration file says and evaluates it on test",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .remarks = "The keys of a configuration file: 'sbmt config --help'. A key on the command line "
               "is written with dots: train.steps=200, model.attention.kind=softmax.\nCtrl-C saves "
               "the state and says how to go on; a second one stops at once.",
};
