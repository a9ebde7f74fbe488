/* sbmt inspect: what is in a run, what its graphs look like, and where it errs. */
#include <stdlib.h>
#include <string.h>

#include "bench/dump.h"
#include "bench/graph_files.h"
#include "bench/picture.h"
#include "cli/command.h"
#include "cli/experiment_options.h"
#include "cli/inspect_report.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "core/attention/attention.h"

struct options {
    int checkpoint, split, examples, errors, example, mask_draws, layer, head, query, threads, cpu;
    bool tensors, gradients, json;
    const char *edges, *graphml, *svg, *dump, *data;
};

static const char *const split_words[] = {"train", "dev", "test", NULL};

#define ROW struct options
static const struct sbmt_field fields[] = {
    SBMT_BOOL(ROW, tensors, false, "list the weights: shapes, norms, largest values"),
    SBMT_INT(
        ROW, examples, 100, 0, 2147483647,
        "how many examples, evenly spaced, densities are measured on and errors looked for in; "
        "0: all"),
    SBMT_INT(ROW, errors, 0, 0, 100000,
             "list so many wrong predictions, the most confident first, or scores farthest off"),
    SBMT_INT(ROW, example, -1, -1, 2147483647,
             "compute one example, by its number from 0, in place of those; the options below are "
             "about it; -1: none"),
    SBMT_STRING(ROW, edges, NULL, "write the edges of its graphs to this file, as a table",
                .argument = "FILE"),
    SBMT_STRING(ROW, graphml, NULL, "write its graphs to this file, as GraphML",
                .argument = "FILE"),
    SBMT_STRING(ROW, svg, NULL, "draw what its heads attend to, as an SVG picture in this file",
                .argument = "FILE"),
    SBMT_STRING(ROW, dump, NULL, "write its tensors to this file, as safetensors",
                .argument = "FILE"),
    SBMT_BOOL(ROW, gradients, false, "with --dump: also the gradients of its loss"),
    SBMT_INT(ROW, mask_draws, 0, 0, 10000,
             "compute it with so many graphs, and show how far its logits lie apart"),
    SBMT_INT(ROW, layer, -1, -1, 1023, "in these files, this layer alone; -1: all"),
    SBMT_INT(ROW, head, -1, -1, 1023, "in these files, this head alone; -1: all"),
    SBMT_INT(ROW, query, -1, -1, 2147483647,
             "in tasks of images, the pixel whose attention is drawn; -1: the middle one"),
    SBMT_CHOICE(ROW, split, split_words, 1, "where the examples come from"),
    SBMT_CHECKPOINT_ROW(ROW),
    SBMT_DATA_ROW(ROW),
    SBMT_THREADS_ROW(ROW),
    SBMT_CPU_ROW(ROW),
    SBMT_BOOL(ROW, json, false, "print one JSON object"),
    SBMT_FIELDS_END,
};

/* Examples are chosen by --examples and --example here. */
static bool takes_key(const char *key, const struct sbmt_field *field)
{
    return field->evaluation && strcmp(key, "train.test_examples") != 0;
}

/* Options that say something about one example need it. */
static bool check_options(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    for (int i = 1; i < call->count; i++)
        if (strncmp(call->arguments[i], "train.test_examples=", 20) == 0)
            return sbmt_fail(err, SBMT_ERROR_USAGE,
                             "%s: here --examples says how many are looked at", call->arguments[i]);
    const struct {
        const char *name;
        bool given;
    } about_example[] = {
        {"--edges", options->edges != NULL}, {"--graphml", options->graphml != NULL},
        {"--svg", options->svg != NULL},     {"--dump", options->dump != NULL},
        {"--gradients", options->gradients}, {"--mask-draws", options->mask_draws > 0},
        {"--layer", options->layer >= 0},    {"--head", options->head >= 0},
        {"--query", options->query >= 0},
    };
    for (size_t i = 0; i < sizeof about_example / sizeof about_example[0]; i++)
        if (about_example[i].given && options->example < 0)
            return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: which example? Add --example N",
                             about_example[i].name);
    if (options->gradients && options->dump == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--gradients: they are written by --dump FILE, which is missing");
    if (options->query >= 0 && options->svg == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--query: it is drawn by --svg FILE, which is missing");
    if ((options->layer >= 0 || options->head >= 0) && options->edges == NULL &&
        options->graphml == NULL && options->svg == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s: in which file? Add --edges, --graphml or --svg",
                         options->layer >= 0 ? "--layer" : "--head");
    return true;
}

static bool check_number(const char *what, const char *many, int number, int count,
                         struct sbmt_error *err)
{
    return number < count || sbmt_fail(err, SBMT_ERROR_USAGE, "%s %d: the model has %s 0 to %d",
                                       what, number, many, count - 1);
}

/* What the run has nothing of. */
static bool check_run(const struct sbmt_inspection *inspection, const struct options *options,
                      struct sbmt_error *err)
{
    const struct sbmt_experiment *experiment = &inspection->experiment;
    const struct sbmt_model_config *model = &experiment->config->model;
    if (options->query >= 0 && experiment->form->picture_width == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "--query: the examples of %s are no pictures",
                         experiment->task->name);
    return check_number("--layer", "layers", options->layer, model->layers, err) &&
           check_number("--head", "heads", options->head, model->heads, err);
}

/* Draws that are all the same bytes, of a kind that has no graphs to draw. */
static bool check_draws(const struct sbmt_inspection *inspection, int draws, const real *logits,
                        size_t size, struct sbmt_error *err)
{
    const struct sbmt_experiment_config *config = inspection->experiment.config;
    if (draws < 2 || sbmt_attention_at(config->model.attention.index)->draws != NULL)
        return true;
    for (int d = 1; d < draws; d++)
        if (memcmp(logits, logits + (size_t)d * size, size * sizeof(real)) != 0)
            return true;
    return sbmt_fail(err, SBMT_ERROR_USAGE,
                     "--mask-draws: attention '%s' draws no graphs in an evaluation",
                     sbmt_attention_name(config));
}

/* Densities and errors, over many examples. */
static bool survey(struct sbmt_inspection *inspection, const struct options *options,
                   const struct sbmt_train_observer *observer, struct sbmt_inspect_report *report,
                   struct sbmt_eval_result *eval, struct sbmt_mistakes *mistakes,
                   struct sbmt_error *err)
{
    if (options->example < 0 && options->errors == 0) {
        report->eval = eval;
        return sbmt_inspection_densities(inspection, options->examples, observer,
                                         &report->densities, eval, err);
    }
    if (options->errors == 0)
        return true;
    report->mistakes = mistakes;
    return sbmt_mistakes_find(inspection, options->examples, observer, mistakes, err);
}

static bool write_files(const struct sbmt_inspection *inspection,
                        const struct sbmt_examined *examined, const struct options *options,
                        struct sbmt_error *err)
{
    const int layer = options->layer, head = options->head;
    return (options->edges == NULL ||
            sbmt_graph_write_table(options->edges, inspection, examined, layer, head, err)) &&
           (options->graphml == NULL ||
            sbmt_graph_write_graphml(options->graphml, inspection, examined, layer, head, err)) &&
           (options->svg == NULL || sbmt_picture_write(options->svg, inspection, examined, layer,
                                                       head, options->query, err)) &&
           (options->dump == NULL || sbmt_dump_write(options->dump, inspection, examined, err));
}

static bool examine(struct sbmt_inspection *inspection, const struct options *options,
                    struct sbmt_arena *arena, struct sbmt_inspect_report *report,
                    struct sbmt_examined *examined, struct sbmt_error *err)
{
    if (options->example < 0)
        return true;
    if (!sbmt_inspection_examine(inspection, options->example, options->gradients, examined, err))
        return false;
    report->examined = examined;
    report->draws = options->mask_draws;
    const size_t size = (size_t)examined->labels * (size_t)sbmt_inspection_classes(inspection);
    real *logits = sbmt_arena_zalloc(arena, (size_t)report->draws * size, sizeof(real));
    report->draw_logits = logits;
    return sbmt_arena_check(arena, "inspection", err) &&
           sbmt_inspection_draws(inspection, examined, report->draws, logits, err) &&
           check_draws(inspection, report->draws, logits, size, err) &&
           write_files(inspection, examined, options, err);
}

static bool inspect(struct sbmt_inspection *inspection, const struct sbmt_call *call,
                    struct sbmt_progress *progress, struct sbmt_error *err)
{
    const struct options *options = call->options;
    const struct sbmt_model_config *model = &inspection->experiment.config->model;
    const struct sbmt_train_observer observer = sbmt_progress_observer(progress);
    const size_t heads = (size_t)sbmt_model_heads(inspection->experiment.model);
    struct sbmt_examined examined = {0};
    struct sbmt_eval_result eval;
    struct sbmt_mistakes mistakes = {.most = options->errors, .arena = call->arena};
    struct sbmt_inspect_report report = {
        .inspection = inspection,
        .checkpoint = sbmt_checkpoint_words[options->checkpoint],
        .tensors = options->tensors,
        .densities = {model->layers, model->heads, NULL},
    };
    report.densities.of = sbmt_arena_zalloc(call->arena, heads, sizeof *report.densities.of);
    mistakes.mistake = sbmt_arena_zalloc(call->arena, (size_t)options->errors,
                                         sizeof *mistakes.mistake);
    /* Errors first: they load other examples than the one that is reported after them. */
    bool done = sbmt_arena_check(call->arena, "inspection", err) &&
                check_run(inspection, options, err) &&
                survey(inspection, options, &observer, &report, &eval, &mistakes, err) &&
                examine(inspection, options, call->arena, &report, &examined, err);
    sbmt_progress_end(progress);
    struct sbmt_str text = {0};
    if (done && options->json)
        sbmt_inspect_json(&report, &text);
    else if (done)
        sbmt_inspect_text(&report, sbmt_terminal_width(stdout), &text);
    sbmt_examined_finish(&examined);
    return done && sbmt_terminal_print(&text, err);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    if (call->count == 0)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "RUN is missing: sbmt inspect RUN, the folder of a run");
    if (!check_options(call, err))
        return false;
    struct sbmt_progress progress = {.terminal = sbmt_terminal_is(stderr)};
    const struct sbmt_log log = sbmt_terminal_log();
    const struct sbmt_experiment_options how = {
        .data = sbmt_data_root(options->data),
        .threads = options->threads,
        .cpu = sbmt_cpu_choice(options->cpu),
        .log = &log,
    };
    struct sbmt_inspection inspection;
    if (!sbmt_inspection_open(&inspection, call->arguments[0],
                              sbmt_checkpoint_words[options->checkpoint],
                              (enum sbmt_split)options->split, call->arguments + 1, call->count - 1,
                              &how, call->arena, err))
        return false;
    sbmt_interrupt_catch();
    const bool done = inspect(&inspection, call, &progress, err);
    sbmt_inspection_close(&inspection);
    return done;
}

extern const struct sbmt_command sbmt_command_inspect;
const struct sbmt_command sbmt_command_inspect = {
    .group = "Experiments",
    .name = "inspect",
    .arguments = "RUN [KEY=VALUE ...]",
    .doc = "shows what is in a run: densities, graphs, tensors, pictures, errors",
    .most_arguments = -1,
    .takes_key = takes_key,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
    .remarks = "Without --example and --errors, the densities of each head are measured over some "
               "examples. A KEY=VALUE looks at the run with another value of an option that "
               "matters in evaluation alone, as model.attention.mask=expected.",
};
