/* sbmt data verify: what a data root holds, and what is wrong with it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/data_choice.h"
#include "cli/data_verify_texts.h"
#include "cli/experiment_options.h"
#include "cli/terminal.h"
#include "cli/verify_line.h"
#include "core/io/json.h"
#include "data/manifest.h"
#include "data/repeats.h"
#include "data/survey.h"

struct options {
    const char *data;
    int protocol;
    const char *tokenizer;
    bool roberta, cased;
    int max_length;
    const char *train_file, *dev_file, *test_file;
    bool json;
};

static const struct sbmt_field fields[] = {
    SBMT_DATA_ROW(struct options),
    SBMT_CHOICE(struct options, protocol, sbmt_protocol_words, SBMT_PROTOCOL_SBM_PAPER,
                "whose lengths, vocabularies and splits; tasks of texts have bert's alone"),
    SBMT_STRING(struct options, tokenizer, NULL,
                "tasks of texts: a folder with a vocabulary, or BERT's itself; lengths are in its "
                "tokens, not in words",
                .argument = "DIR"),
    SBMT_BOOL(struct options, roberta, false, "the tokenizer is RoBERTa's, not BERT's"),
    SBMT_BOOL(struct options, cased, false, "BERT: keep capitals and accents"),
    SBMT_INT(struct options, max_length, 128, 8, 1 << 16, "tokens to which texts would be cut"),
    SBMT_STRING(struct options, train_file, NULL,
                "GLUE: a file in the folder of the task in place of the official train",
                .argument = "FILE"),
    SBMT_STRING(struct options, dev_file, NULL, "GLUE: likewise of dev", .argument = "FILE"),
    SBMT_STRING(struct options, test_file, NULL, "GLUE: likewise of test", .argument = "FILE"),
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
    int64_t from_dev;                     /* examples of test that occur in dev */
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
        look->from_train[split] = sbmt_repeats_shared(
            look->digests[SBMT_SPLIT_TRAIN], look->survey[SBMT_SPLIT_TRAIN].examples,
            look->digests[split], look->survey[split].examples);
    look->from_dev = sbmt_repeats_shared(
        look->digests[SBMT_SPLIT_DEV], look->survey[SBMT_SPLIT_DEV].examples,
        look->digests[SBMT_SPLIT_TEST], look->survey[SBMT_SPLIT_TEST].examples);
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
    sbmt_verify_line(out, "labels", "%s", text.text != NULL ? text.text : "");
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
        sbmt_verify_line(out, "mask_black",
                         "%.2f %% of pixels are 0, in %" PRId64
                         " examples (%.1f %%); mean length without them %.1f",
                         percent(survey->black_tokens, survey->tokens), survey->black_examples,
                         percent(survey->black_examples, survey->examples), survey->unmasked_mean);
    if (split == SBMT_SPLIT_TEST)
        sbmt_verify_line(out, "drop_last",
                         "leaves out %" PRId64 " with batches of 32, %" PRId64 " of 128, %" PRId64
                         " of 1024",
                         left_out(survey, 32), left_out(survey, 128), left_out(survey, 1024));
}

static void list_split(const struct look *look, int split, struct sbmt_str *out)
{
    const struct sbmt_dataset *set = &look->set[split];
    const struct sbmt_survey *survey = &look->survey[split];
    const char *unit = look->form->unit;
    sbmt_str_printf(out, "  %-5s  %" PRId64 " example%s: %s\n",
                    sbmt_split_name((enum sbmt_split)split), survey->examples,
                    sbmt_terminal_plural(survey->examples), completeness(set));
    list_labels(set, out);
    sbmt_verify_line(out, "length", "%" PRId64 " to %" PRId64 " %ss, median %.0f, mean %.1f",
                     survey->shortest, survey->longest, unit, survey->median, survey->mean);
    sbmt_verify_line(out, "cut", "%" PRId64 " of %" PRId64 " sequences (%.1f %%) to %d %ss",
                     survey->cut, survey->sequences, percent(survey->cut, survey->sequences),
                     look->form->max_length, unit);
    sbmt_verify_line(out, "padding", "to %d would leave %.1f %% of all pairs between real %ss",
                     look->form->max_length, 100 * survey->real_pairs, unit);
    sbmt_verify_repeated(survey->repeated, survey->contradicted, out);
    if (split != SBMT_SPLIT_TRAIN)
        sbmt_verify_line(out, "in train", "%" PRId64 " of these examples", look->from_train[split]);
    if (split == SBMT_SPLIT_TEST)
        sbmt_verify_line(out, "in dev", "%" PRId64 " of these examples", look->from_dev);
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
    if (split == SBMT_SPLIT_TEST)
        sbmt_json_number(json, "occur_in_dev", (double)look->from_dev);
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

static struct sbmt_verify_texts how_texts(const struct options *options)
{
    return (struct sbmt_verify_texts){
        .root = sbmt_data_root(options->data),
        .files = {.train = options->train_file,
                  .dev = options->dev_file,
                  .test = options->test_file},
        .tokenizer = {.kind = options->roberta ? SBMT_TOKENIZER_ROBERTA : SBMT_TOKENIZER_BERT,
                      .folder = options->tokenizer,
                      .lower_case = !options->cased,
                      .max_length = options->max_length},
    };
}

/* Files by name are those of one task. */
static bool check_names(const struct sbmt_call *call, const struct options *options,
                        struct sbmt_error *err)
{
    const bool named = options->train_file != NULL || options->dev_file != NULL ||
                       options->test_file != NULL;
    const struct sbmt_task *task = call->count == 1 ? sbmt_task_find(call->arguments[0], NULL)
                                                    : NULL;
    return !named || (task != NULL && task->texts != NULL && !task->texts->documents) ||
           sbmt_fail(err, SBMT_ERROR_USAGE,
                     "--train-file, --dev-file and --test-file are for one task of GLUE; name it");
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    const struct options *options = call->options;
    const struct sbmt_log log = sbmt_terminal_log();
    const struct sbmt_data_options how = {
        .root = sbmt_data_root(options->data), .thorough = true, .log = &log};
    const struct sbmt_verify_texts texts = how_texts(options);
    struct sbmt_json json = {0};
    struct sbmt_str text = {0};
    int wrong = 0;
    bool chosen = false;
    if (!sbmt_data_choice_check(call, options->protocol, err) || !check_names(call, options, err))
        return false;
    if (options->json)
        json = sbmt_json_make();
    for (int i = 0; sbmt_task_at(i) != NULL; i++) {
        const struct sbmt_task *task = sbmt_task_at(i);
        if (!sbmt_data_choice_has(call, task, how.root))
            continue;
        chosen = true;
        struct sbmt_json *object = options->json ? &json : NULL;
        const int protocol = sbmt_data_choice_protocol(task, options->protocol);
        wrong += task->texts != NULL ? !sbmt_verify_texts(task, &texts, object, &text)
                                     : !verify_task(task, &how, protocol, object, &text);
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
           "whose files are there, or those named, or of a group such as glue",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
