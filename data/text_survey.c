/* Looking through files of texts. */
#include "data/text_survey.h"

#include <inttypes.h>
#include <string.h>

#include "data/repeats.h"

/* A split being looked through. */
struct look {
    struct sbmt_text_survey *survey;
    const struct sbmt_task *task;
    struct sbmt_tokenizer *tokenizer;
    struct sbmt_token_list tokens;
    struct sbmt_column seen, lengths;
    int most;
};

/* The bytes, with a mark behind every text. */
static uint64_t digest_of(const struct sbmt_text_row *row)
{
    uint64_t hash = SBMT_DIGEST_START;
    for (int p = 0; p < SBMT_TEXT_PARTS && row->text[p] != NULL; p++) {
        for (size_t i = 0; i < row->size[p]; i++)
            hash = sbmt_digest_step(hash, (unsigned char)row->text[p][i]);
        hash = sbmt_digest_step(hash, 0x100);
    }
    return hash;
}

static int64_t count_words(const char *text, size_t size)
{
    int64_t words = 0;
    bool inside = false;
    for (size_t i = 0; i < size; i++) {
        const bool blank = text[i] == ' ' || text[i] == '\t' || text[i] == '\n';
        words += !blank && !inside;
        inside = !blank;
    }
    return words;
}

static int64_t length_of(struct look *look, const struct sbmt_text_row *row)
{
    const bool pair = row->text[1] != NULL;
    int64_t length = look->tokenizer != NULL ? sbmt_pair_added(&look->tokenizer->format, pair) : 0;
    sbmt_token_list_clear(&look->tokens);
    for (int p = 0; p <= pair; p++) {
        if (look->tokenizer == NULL)
            length += count_words(row->text[p], row->size[p]);
        else
            sbmt_tokenizer_encode(look->tokenizer, row->text[p], row->size[p], &look->tokens);
    }
    return length + (int64_t)look->tokens.count;
}

static bool take_row(void *context, const struct sbmt_text_row *row, struct sbmt_error *err)
{
    struct look *look = context;
    struct sbmt_text_survey *survey = look->survey;
    struct sbmt_seen *seen = sbmt_column_add(&look->seen, 1, sizeof *seen);
    int64_t *length = sbmt_column_add(&look->lengths, 1, sizeof *length);
    uint64_t *digest = sbmt_column_add(&survey->digests, 1, sizeof *digest);
    if (seen == NULL || length == NULL || digest == NULL || look->tokens.failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for all examples",
                         row->path, row->line);
    const bool scored = look->task->target == SBMT_TARGET_SCORE;
    *seen = (struct sbmt_seen){digest_of(row), (int64_t)look->seen.used,
                               scored ? row->score : row->label};
    *digest = seen->digest;
    *length = length_of(look, row);
    survey->cut += look->tokenizer != NULL && *length > look->most;
    survey->empty += row->size[0] == 0 || (row->text[1] != NULL && row->size[1] == 0);
    survey->score_mean += scored ? row->score : 0;
    if (row->label >= 0)
        ((int64_t *)survey->histogram.values)[row->label]++;
    return true;
}

static void sum_up(struct look *look)
{
    struct sbmt_text_survey *survey = look->survey;
    const size_t count = look->lengths.used;
    int64_t *lengths = look->lengths.values;
    if (count == 0)
        return;
    survey->median = sbmt_median_of(lengths, count);
    survey->shortest = lengths[0];
    survey->longest = lengths[count - 1];
    for (size_t i = 0; i < count; i++)
        survey->mean += (double)lengths[i];
    survey->mean /= (double)count;
    survey->score_mean /= (double)count;
    const struct sbmt_repeats repeats = sbmt_repeats_count(look->seen.values, count);
    survey->repeated = repeats.repeated;
    survey->contradicted = repeats.contradicted;
}

bool sbmt_text_survey_take(struct sbmt_text_survey *survey, const struct sbmt_task *task,
                           const struct sbmt_text_query *query, struct sbmt_tokenizer *tokenizer,
                           int most, struct sbmt_error *err)
{
    struct look look = {.survey = survey, .task = task, .tokenizer = tokenizer, .most = most};
    const struct sbmt_text_visitor visitor = {.visit = take_row, .context = &look};
    const size_t classes = (size_t)task->classes;
    *survey = (struct sbmt_text_survey){0};
    int64_t *histogram = sbmt_column_add(&survey->histogram, classes + 1, sizeof *histogram);
    bool taken = histogram != NULL ||
                 sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory to survey it", task->name);
    if (taken) {
        memset(histogram, 0, (classes + 1) * sizeof *histogram);
        taken = task->texts->read(task, query, &visitor, &survey->file, err);
    }
    if (taken)
        sum_up(&look);
    sbmt_token_list_finish(&look.tokens);
    sbmt_column_finish(&look.seen);
    sbmt_column_finish(&look.lengths);
    return taken;
}

void sbmt_text_survey_finish(struct sbmt_text_survey *survey)
{
    sbmt_column_finish(&survey->histogram);
    sbmt_column_finish(&survey->digests);
}
