/* sbmt eval: a run's checkpoint on a split. */
#include "bench/experiment.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/result_text.h"
#include "cli/terminal.h"

struct options {
    int split, checkpoint, threads, cpu;
    bool json;
    const char *predictions, *submission, *data;
};

static const char *const split_words[] = {"dev", "test", NULL};
static const enum sbmt_split splits[] = {SBMT_SPLIT_DEV, SBMT_SPLIT_TEST};

static const struct sbmt_field fields[] = {
    SBMT_CHOICE(struct options, split, split_words, 1, "examples to evaluate on"),
    SBMT_CHECKPOINT_ROW(struct options),
    SBMT_STRING(
        struct options, predictions, NULL,
        "write a table of labels and predictions to this file, a line an example, or a line "
        "a token in tasks that label tokens",
        .argument = "FILE"),
    SBMT_STRING(
        struct options, submission, NULL,
        "add the answers to the official test set of a task of GLUE to this zip archive, as "
        "the leaderboard wants them",
        .argument = "FILE"),
    SBMT_DATA_ROW(struct options),
    SBMT_THREADS_ROW(struct options),
    SBMT_CPU_ROW(struct options),
    SBMT_BOOL(struct options, json, false, "print the result as one JSON object"),
    SBMT_FIELDS_END,
};

static bool takes_key(const char *key, const struct sbmt_field *field)
{
    (void)key;
    return field->evaluation;
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "RUN is missing: sbmt eval RUN, the folder of a run");
    struct sbmt_evaluation evaluation;
    if (!sbmt_evaluation_load(&evaluation, call->arguments[0], call->arguments + 1, call->count - 1,
                              call->arena, err))
        return false;
    struct sbmt_progress progress = {.terminal = sbmt_terminal_is(stderr)};
    const struct sbmt_log log = sbmt_terminal_log();
    const struct sbmt_experiment_options how = {
        .data = sbmt_data_root(options->data),
        .threads = options->threads,
        .cpu = sbmt_cpu_choice(options->cpu),
        .log = &log,
        .observer = sbmt_progress_observer(&progress),
    };
    const struct sbmt_eval_files files = {.predictions = options->predictions,
                                          .submission = options->submission};
    struct sbmt_result result;
    sbmt_interrupt_catch();
    const bool done = sbmt_experiment_eval(&evaluation, sbmt_checkpoint_words[options->checkpoint],
                                           splits[options->split], &files, &how, &result, err);
    sbmt_progress_end(&progress);
    if (!done)
        return false;
    struct sbmt_str text = {0};
    if (options->json)
        sbmt_result_text_json(&result, evaluation.folder, &text);
    else
        sbmt_result_text_eval(&result, &text);
    return sbmt_terminal_print(&text, err);
}

extern const struct sbmt_command sbmt_command_eval;
const struct sbmt_command sbmt_command_eval = {
    .group = "Experiments",
    .name = "eval",
    .arguments = "RUN [KEY=VALUE ...]",
    .doc = "evaluates the weights of a run",
    .most_arguments = -1,
    .takes_key = takes_key,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .remarks = "A KEY=VALUE evaluates the run with another value of an option that matters in "
               "evaluation alone, as model.attention.mask=expected; the result names it.",
};
