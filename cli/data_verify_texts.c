/* Verifying files of texts. */
#include "cli/data_verify_texts.h"

#include <inttypes.h>
#include <string.h>

#include "cli/terminal.h"
#include "cli/verify_line.h"
#include "data/repeats.h"
#include "data/survey.h"
#include "data/text_survey.h"

/* A task being looked at. */
struct look {
    const struct sbmt_task *task;
    struct sbmt_text_survey survey[SBMT_SPLIT_COUNT];
    struct sbmt_error err[SBMT_SPLIT_COUNT]; /* why a split could not be read */
    bool absent[SBMT_SPLIT_COUNT];           /* it has no file */
    const char *unit;
    int most;
};

static bool was_read(const struct look *look, int split)
{
    return look->err[split].kind == SBMT_ERROR_NONE;
}

/* All documents are read for every split, which holds some of them: they are looked at once. */
static bool is_one_file(const struct look *look)
{
    return look->task->texts->documents;
}

static int split_count(const struct look *look)
{
    return is_one_file(look) ? 1 : SBMT_SPLIT_COUNT;
}

static const char *split_name(const struct look *look, int split)
{
    return is_one_file(look) ? "all" : sbmt_split_name((enum sbmt_split)split);
}

static void look_at(struct look *look, const struct sbmt_verify_texts *how,
                    struct sbmt_tokenizer *tokenizer)
{
    for (int split = 0; split < split_count(look); split++) {
        const struct sbmt_text_query query = {
            .root = how->root,
            .split = (enum sbmt_split)split,
            .name = sbmt_text_name(&how->files, (enum sbmt_split)split),
        };
        struct sbmt_origin origin = {0};
        struct sbmt_error *err = &look->err[split];
        look->absent[split] = query.name == NULL &&
                              !look->task->source(look->task, how->root, query.split, &origin, err);
        if (!look->absent[split] &&
            !sbmt_text_survey_take(&look->survey[split], look->task, &query, tokenizer, look->most,
                                   err) &&
            err->kind == SBMT_ERROR_NONE)
            sbmt_fail(err, SBMT_ERROR_DATA, "%s: cannot be read", look->survey[split].file.place);
    }
}

/* Examples of one split that occur in another. */
static int64_t shared(struct look *look, int a, int b)
{
    const struct sbmt_column *left = &look->survey[a].digests, *right = &look->survey[b].digests;
    return sbmt_repeats_shared(left->values, (int64_t)left->used, right->values,
                               (int64_t)right->used);
}

static void list_answers(const struct look *look, const struct sbmt_text_survey *survey,
                         struct sbmt_str *out)
{
    const struct sbmt_task *task = look->task;
    const int64_t *histogram = survey->histogram.values;
    if (is_one_file(look))
        return;
    if (!survey->file.labelled) {
        sbmt_verify_line(out, "labels", "none");
        return;
    }
    if (task->target == SBMT_TARGET_SCORE) {
        sbmt_verify_line(out, "scores", "mean %.3f", survey->score_mean);
        return;
    }
    struct sbmt_str text = {0};
    for (int c = 0; c < task->classes; c++)
        sbmt_str_printf(&text, "%s%s %" PRId64, c > 0 ? ", " : "", task->label_names[c],
                        histogram[c]);
    sbmt_verify_line(out, "labels", "%s", text.text != NULL ? text.text : "");
    sbmt_str_finish(&text);
}

static const char *row_of(const struct look *look)
{
    return is_one_file(look) ? "document" : "example";
}

static void list_repeated(const struct look *look, const struct sbmt_text_survey *survey,
                          struct sbmt_str *out)
{
    if (is_one_file(look) || !survey->file.labelled)
        sbmt_verify_line(out, "repeated", "%" PRId64 " %s%s", survey->repeated, row_of(look),
                         sbmt_terminal_plural(survey->repeated));
    else
        sbmt_verify_repeated(survey->repeated, survey->contradicted, out);
}

static const char *completeness(const struct sbmt_text_file *file)
{
    if (file->official == 0)
        return "nothing is known to compare with";
    return file->rows == file->official ? "as many as the official file has"
                                        : "not the official file";
}

static void list_file(const struct sbmt_text_file *file, struct sbmt_str *out)
{
    if (file->skipped > 0)
        sbmt_verify_line(out, "left out", "%" PRId64 " broken row%s: %s", file->skipped,
                         file->skipped == 1 ? "" : "s, the first", file->skipped_first.message);
    if (file->quote_lost > 0)
        sbmt_verify_line(out, "quotes",
                         "a reader that honours them would lose %" PRId64
                         " rows; this one does not",
                         file->quote_lost);
    if (file->byte_order_mark || file->unended)
        sbmt_verify_line(out, "form", "%s%s%s",
                         file->byte_order_mark ? "begins with a byte order mark" : "",
                         file->byte_order_mark && file->unended ? ", " : "",
                         file->unended ? "the last line has no newline" : "");
}

static void list_split(struct look *look, int split, struct sbmt_str *out)
{
    const struct sbmt_text_survey *survey = &look->survey[split];
    const struct sbmt_text_file *file = &survey->file;
    sbmt_str_printf(out, "  %-5s  %" PRId64 " %s%s: %s\n", split_name(look, split), file->rows,
                    row_of(look), sbmt_terminal_plural(file->rows), completeness(file));
    list_answers(look, survey, out);
    sbmt_verify_line(out, "length", "%" PRId64 " to %" PRId64 " %ss, median %.0f, mean %.1f",
                     survey->shortest, survey->longest, look->unit, survey->median, survey->mean);
    if (strcmp(look->unit, "token") == 0 && !is_one_file(look))
        sbmt_verify_line(out, "cut", "%" PRId64 " example%s to %d tokens", survey->cut,
                         sbmt_terminal_plural(survey->cut), look->most);
    list_repeated(look, survey, out);
    for (int other = 0; other < split; other++)
        if (was_read(look, other))
            sbmt_verify_line(out, other == SBMT_SPLIT_TRAIN ? "in train" : "in dev",
                             "%" PRId64 " of these examples", shared(look, other, split));
    if (survey->empty > 0)
        sbmt_verify_line(out, "empty", "%" PRId64 " example%s a text that holds nothing",
                         survey->empty, survey->empty == 1 ? " has" : "s have");
    list_file(file, out);
}

static void json_split(struct look *look, int split, struct sbmt_json *json)
{
    const struct sbmt_text_survey *survey = &look->survey[split];
    const struct sbmt_text_file *file = &survey->file;
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"examples", (double)file->rows},
        {"official", (double)file->official},
        {"skipped", (double)file->skipped},
        {"shortest", (double)survey->shortest},
        {"longest", (double)survey->longest},
        {"median", survey->median},
        {"mean", survey->mean},
        {"cut", (double)survey->cut},
        {"empty", (double)survey->empty},
        {"repeated", (double)survey->repeated},
        {"contradicted", (double)survey->contradicted},
        {"lost_to_quotes", (double)file->quote_lost},
    };
    sbmt_json_text(json, "file", file->place);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sbmt_json_number(json, numbers[i].key, numbers[i].value);
    sbmt_json_text(json, "unit", look->unit);
    sbmt_json_bool(json, "labelled", file->labelled);
    sbmt_json_bool(json, "byte_order_mark", file->byte_order_mark);
    sbmt_json_bool(json, "unended", file->unended);
    for (int other = 0; other < split; other++)
        if (was_read(look, other))
            sbmt_json_number(json, other == SBMT_SPLIT_TRAIN ? "occur_in_train" : "occur_in_dev",
                             (double)shared(look, other, split));
    if (look->task->target == SBMT_TARGET_SCORE && file->labelled)
        sbmt_json_number(json, "score_mean", survey->score_mean);
    if (look->task->label_names == NULL || !file->labelled)
        return;
    sbmt_json_begin(json, "labels");
    for (int c = 0; c < look->task->classes; c++)
        sbmt_json_number(json, look->task->label_names[c],
                         (double)((const int64_t *)survey->histogram.values)[c]);
    sbmt_json_end(json);
}

static bool write_splits(struct look *look, struct sbmt_json *json, struct sbmt_str *out)
{
    bool good = true, any = false;
    for (int split = 0; split < split_count(look); split++) {
        const bool read = was_read(look, split);
        const char *name = split_name(look, split);
        if (json != NULL)
            sbmt_json_begin(json, name);
        if (read && json != NULL)
            json_split(look, split, json);
        else if (read)
            list_split(look, split, out);
        else if (json != NULL)
            sbmt_json_text(json, look->absent[split] ? "missing" : "error",
                           look->err[split].message);
        else {
            sbmt_str_printf(out, "  %-5s  ", name);
            sbmt_verify_wrap(look->err[split].message, 9, out);
        }
        if (json != NULL)
            sbmt_json_end(json);
        any = any || read;
        good = good && (read || look->absent[split]);
    }
    return good && any;
}

bool sbmt_verify_texts(const struct sbmt_task *task, const struct sbmt_verify_texts *how,
                       struct sbmt_json *json, struct sbmt_str *out)
{
    struct look look = {.task = task, .most = how->tokenizer.max_length};
    struct sbmt_tokenizer tokenizer = {0};
    struct sbmt_error err = {0};
    const bool tokens = how->tokenizer.folder != NULL;
    look.unit = tokens ? "token" : "word";
    if (json != NULL)
        sbmt_json_begin(json, task->name);
    else
        sbmt_str_printf(out, "%s, %s\n", task->name, sbmt_protocol_words[SBMT_PROTOCOL_BERT]);
    bool good = !tokens || sbmt_tokenizer_open(&tokenizer, &how->tokenizer, &err);
    if (good) {
        look_at(&look, how, tokens ? &tokenizer : NULL);
        good = write_splits(&look, json, out);
    } else if (json != NULL)
        sbmt_json_text(json, "error", err.message);
    else
        sbmt_str_printf(out, "  %s\n", err.message);
    if (json != NULL)
        sbmt_json_end(json);
    for (int split = 0; split < SBMT_SPLIT_COUNT; split++)
        sbmt_text_survey_finish(&look.survey[split]);
    sbmt_tokenizer_close(&tokenizer);
    return good;
}
