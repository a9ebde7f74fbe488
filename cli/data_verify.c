/* sbmt data verify: what a data root holds, and what is wrong with it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/config_write.h"
#include "cli/command.h"
#include "cli/data_choice.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"
#include "core/io/json.h"
#include "data/manifest.h"
#include "data/survey.h"

struct options {
    const char *data;
    int protocol;
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_DATA_ROW(struct options),
    SBMT_CHOICE(struct options, protocol, sbmt_protocol_words, SBMT_PROTOCOL_SBM_PAPER,
                "whose lengths, vocabularies and splits"),
    SBMT_BOOL(struct options, json, false, "print one JSON object"),
    SBMT_FIELDS_END,
};

/* A task being looked at. */
struct look {
    const struct sbmt_task *task;
    const struct sbmt_form *form;
    struct sbmt_dataset set[SBMT_SPLIT_COUNT];
    struct sbmt_survey survey[SBMT_SPLIT_COUNT];
    uint64_t *digests[SBMT_SPLIT_COUNT];
    int64_t from_train[SBMT_SPLIT_COUNT]; /* examples that occur in train */
};

static bool look_at(struct look *look, const struct sbmt_data_options *how, struct sbmt_error *err)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        struct sbmt_dataset *set = &look->set[split];
        if (!sbmt_dataset_open(set, look->task, look->form, (enum sbmt_split)split, how, err))
            return false;
        look->digests[split] = malloc((size_t)set->examples.count * sizeof(uint64_t));
        if (look->digests[split] == NULL)
            return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory to survey it",
                             look->task->name);
        if (!sbmt_survey_take(&look->survey[split], set, look->digests[split], err))
            return false;
    }
    for (int split = SBMT_SPLIT_DEV; split < SBMT_SPLIT_COUNT; split++)
        look->from_train[split] = sbmt_survey_shared(
            look->digests[SBMT_SPLIT_TRAIN], look->survey[SBMT_SPLIT_TRAIN].examples,
            look->digests[split], look->survey[split].examples);
    return true;
}

static void look_end(struct look *look)
{
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++) {
        sbmt_dataset_close(&look->set[split]);
        free(look->digests[split]);
    }
}

/* What is known of the complete data set, beside what is here. */
static const char *completeness(const struct sbmt_dataset *set)
{
    const struct sbmt_manifest_row *row = sbmt_manifest_find(set);
    if (row == NULL)
        return "nothing is known to compare with";
    if (row->count != set->examples.count)
        return "not the complete data set";
    if (row->digest == NULL)
        return "as many as the complete data set has";
    return strcmp(row->digest, set->digest) == 0
               ? "the complete data set, by its SHA-256"
               : "as many as the complete data set has, but others";
}

static double percent(int64_t part, int64_t whole)
{
    return 100 * (double)part / (double)whole;
}

/* One figure under its name, folded where the terminal ends. */
__attribute__((format(printf, 3, 4))) static void list_line(struct sbmt_str *out, const char *name,
                                                            const char *format, ...)
{
    enum { INDENT = 21 };
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    sbmt_str_printf(out, "         %-12s", name);
    sbmt_config_wrap(line, INDENT, INDENT, sbmt_terminal_width(stdout), out);
}

static void list_labels(const struct sbmt_dataset *set, struct sbmt_str *out)
{
    const int classes = set->task->classes;
    struct sbmt_str text = {0};
    int64_t *histogram = calloc((size_t)classes, sizeof *histogram);
    if (histogram == NULL) {
        out->failed = true;
        return;
    }
    sbmt_dataset_histogram(set, histogram);
    for (int c = 0; c < classes; c++)
        sbmt_str_printf(&text, "%s%s %" PRId64, c > 0 ? ", " : "", set->task->label_names[c],
                        histogram[c]);
    list_line(out, "labels", "%s", text.text != NULL ? text.text : "");
    sbmt_str_finish(&text);
    free(histogram);
}

/* As sbmt_experiment_evaluated has it: of fewer than a batch none is left out. */
static int64_t left_out(const struct sbmt_survey *survey, int batch)
{
    return survey->examples < batch ? 0 : survey->examples % batch;
}

/* What emulating a quirk of published code would lose. */
static void list_quirks(const struct look *look, int split, struct sbmt_str *out)
{
    const struct sbmt_survey *survey = &look->survey[split];
    if (strcmp(look->form->unit, "pixel") == 0)
        list_line(out, "mask_black",
                  "%.2f %% of pixels are 0, in %" PRId64
                  " examples (%.1f %%); mean length without them %.1f",
                  percent(survey->black_tokens, survey->tokens), survey->black_examples,
                  percent(survey->black_examples, survey->examples), survey->unmasked_mean);
    if (split == SBMT_SPLIT_TEST)
        list_line(out, "drop_last",
                  "leaves out %" PRId64 " with batches of 32, %" PRId64 " of 128, %" PRId64
                  " of 1024",
                  left_out(survey, 32), left_out(survey, 128), left_out(survey, 1024));
}

static void list_split(const struct look *look, int split, struct sbmt_str *out)
{
    const struct sbmt_dataset *set = &look->set[split];
    const struct sbmt_survey *survey = &look->survey[split];
    const char *unit = look->form->unit;
    sbmt_str_printf(out, "  %-5s  %" PRId64 " examples: %s\n",
                    sbmt_split_name((enum sbmt_split)split), survey->examples, completeness(set));
    list_labels(set, out);
    list_line(out, "length", "%" PRId64 " to %" PRId64 " %ss, median %.0f, mean %.1f",
              survey->shortest, survey->longest, unit, survey->median, survey->mean);
    list_line(out, "cut", "%" PRId64 " of %" PRId64 " sequences (%.1f %%) to %d %ss", survey->cut,
              survey->sequences, percent(survey->cut, survey->sequences), look->form->max_length,
              unit);
    list_line(out, "padding", "to %d would leave %.1f %% of all pairs between real %ss",
              look->form->max_length, 100 * survey->real_pairs, unit);
    list_line(out, "repeated", "%" PRId64 " examples, %" PRId64 " of them with another label",
              survey->repeated, survey->contradicted);
    if (split != SBMT_SPLIT_TRAIN)
        list_line(out, "in train", "%" PRId64 " of these examples", look->from_train[split]);
    list_quirks(look, split, out);
    sbmt_str_printf(out, "         %-12s%s\n", "SHA-256", set->digest);
}

static void json_split(const struct look *look, int split, struct sbmt_json *json)
{
    const struct sbmt_survey *survey = &look->survey[split];
    sbmt_json_begin(json, sbmt_split_name((enum sbmt_split)split));
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"examples", (double)survey->examples},
        {"sequences", (double)survey->sequences},
        {"tokens", (double)survey->tokens},
        {"shortest", (double)survey->shortest},
        {"longest", (double)survey->longest},
        {"median", survey->median},
        {"mean", survey->mean},
        {"cut", (double)survey->cut},
        {"real_pairs", survey->real_pairs},
        {"black_tokens", (double)survey->black_tokens},
        {"black_examples", (double)survey->black_examples},
        {"repeated", (double)survey->repeated},
        {"contradicted", (double)survey->contradicted},
        {"occur_in_train", (double)look->from_train[split]},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sbmt_json_number(json, numbers[i].key, numbers[i].value);
    sbmt_json_text(json, "sha256", look->set[split].digest);
    sbmt_json_text(json, "complete", completeness(&look->set[split]));
    sbmt_json_end(json);
}

/* One task into the text or the JSON; the error of one that cannot be read is part of the answer.
 */
static bool verify_task(const struct sbmt_task *task, const struct sbmt_data_options *how,
                        int protocol, struct sbmt_json *json, struct sbmt_str *out)
{
    struct look look = {.task = task, .form = task->forms[protocol]};
    struct sbmt_error err = {0};
    const bool read = look_at(&look, how, &err);
    if (json != NULL)
        sbmt_json_begin(json, task->name);
    else
        sbmt_str_printf(out, "%s, %s (%s)\n", task->name, sbmt_protocol_words[protocol],
                        look.form->name);
    if (!read && json != NULL)
        sbmt_json_text(json, "error", err.message);
    else if (!read)
        sbmt_str_printf(out, "  %s\n", err.message);
    for (int split = 0; split < SBMT_SPLIT_COUNT && read; split++) {
        if (json != NULL)
            json_split(&look, split, json);
        else
            list_split(&look, split, out);
    }
    if (json != NULL)
        sbmt_json_end(json);
    look_end(&look);
    return read;
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    const struct sbmt_log log = sbmt_terminal_log();
    const struct sbmt_data_options how = {.root = sbmt_data_root(options->data), .log = &log};
    struct sbmt_json json = {0};
    struct sbmt_str text = {0};
    int wrong = 0;
    bool chosen = false;
    if (!sbmt_data_choice_check(call, options->protocol, err))
        return false;
    if (options->json)
        json = sbmt_json_make();
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        if (!sbmt_data_choice_has(call, task, how.root, options->protocol))
            continue;
        chosen = true;
        wrong += !verify_task(task, &how, options->protocol, options->json ? &json : NULL, &text);
    }
    if (options->json)
        sbmt_json_line(&json, &text);
    if (!sbmt_terminal_print(&text, err))
        return false;
    if (!chosen)
        return sbmt_data_choice_empty(how.root, err);
    return wrong == 0 || sbmt_fail(err, SBMT_ERROR_DATA, "%d task%s cannot be read: see above",
                                   wrong, wrong > 1 ? "s" : "");
}

extern const struct sbmt_command sbmt_command_data_verify;
const struct sbmt_command sbmt_command_data_verify = {
    .group = "Data",
    .name = "data verify",
    .arguments = "[TASK ...]",
    .doc = "checks data: counts, labels, lengths, cuts, repeated examples, digests; of all tasks "
           "whose files are there, or those named",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
