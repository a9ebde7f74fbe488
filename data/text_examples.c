/* Rows of text become examples. */
#include "data/text_examples.h"

#include <inttypes.h>

#include "data/document_examples.h"

/* A split being tokenised. */
struct encoding {
    struct sbmt_dataset *dataset;
    struct sbmt_token_list part[SBMT_TEXT_PARTS], tokens, types;
    int64_t cut;
};

static void *add(struct sbmt_column *column, size_t size)
{
    return sbmt_column_add(column, 1, size);
}

bool sbmt_text_examples_add(struct sbmt_text_examples *texts, const int32_t *tokens, size_t count,
                            size_t whole)
{
    int64_t *begin = texts->offset.used == 0 ? add(&texts->offset, sizeof *begin) : NULL;
    if (begin != NULL)
        *begin = 0;
    int64_t *end = add(&texts->offset, sizeof *end);
    int64_t *length = add(&texts->source_length, sizeof *length);
    uint16_t *packed = sbmt_column_add(&texts->tokens, count, sizeof *packed);
    if (end == NULL || length == NULL || packed == NULL || texts->offset.used < 2)
        return false;
    for (size_t i = 0; i < count; i++)
        packed[i] = (uint16_t)tokens[i];
    *end = (int64_t)texts->tokens.used;
    *length = (int64_t)whole;
    return true;
}

void sbmt_text_examples_finish(struct sbmt_text_examples *texts)
{
    sbmt_column_finish(&texts->tokens);
    sbmt_column_finish(&texts->offset);
    sbmt_column_finish(&texts->label);
    sbmt_column_finish(&texts->score);
    sbmt_tokenizer_close(&texts->tokenizer);
    sbmt_column_finish(&texts->second);
    sbmt_column_finish(&texts->source_length);
}

/* The tokens of type 0, which come first. */
static int32_t first_type(const struct sbmt_token_list *types)
{
    int32_t count = 0;
    while ((size_t)count < types->count && types->id[count] == 0)
        count++;
    return count;
}

static bool keep(struct encoding *encoding, const struct sbmt_text_row *row, size_t whole)
{
    struct sbmt_text_examples *texts = &encoding->dataset->texts;
    const bool scored = encoding->dataset->task->target == SBMT_TARGET_SCORE;
    int32_t *label = scored ? NULL : add(&texts->label, sizeof *label);
    double *score = scored ? add(&texts->score, sizeof *score) : NULL;
    int32_t *second = add(&texts->second, sizeof *second);
    if ((label == NULL && score == NULL) || second == NULL)
        return false;
    if (label != NULL)
        *label = row->label;
    if (score != NULL)
        *score = row->score;
    *second = first_type(&encoding->types);
    return sbmt_text_examples_add(texts, encoding->tokens.id, encoding->tokens.count, whole);
}

static bool encode(void *context, const struct sbmt_text_row *row, struct sbmt_error *err)
{
    struct encoding *encoding = context;
    const struct sbmt_pair_format *format = &encoding->dataset->texts.tokenizer.format;
    const bool pair = row->text[1] != NULL;
    size_t whole = (size_t)sbmt_pair_added(format, pair);
    for (int p = 0; p <= pair; p++) {
        sbmt_token_list_clear(&encoding->part[p]);
        sbmt_tokenizer_encode(&encoding->dataset->texts.tokenizer, row->text[p], row->size[p],
                              &encoding->part[p]);
        whole += encoding->part[p].count;
    }
    sbmt_pair_encode(format, &encoding->part[0], pair ? &encoding->part[1] : NULL,
                     (size_t)encoding->dataset->max_length, &encoding->tokens, &encoding->types);
    encoding->cut += whole > encoding->tokens.count;
    const bool failed = encoding->part[0].failed || encoding->part[1].failed ||
                        encoding->tokens.failed || encoding->types.failed;
    return (!failed && keep(encoding, row, whole)) ||
           sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for all examples",
                     row->path, row->line);
}

static bool read_rows(struct encoding *encoding, const struct sbmt_text_query *query,
                      struct sbmt_text_file *file, struct sbmt_error *err)
{
    const struct sbmt_task *task = encoding->dataset->task;
    if (task->texts->documents)
        return sbmt_document_examples_read(encoding->dataset, &encoding->dataset->texts.tokenizer,
                                           query, file, err);
    const struct sbmt_text_visitor visitor = {.visit = encode, .context = encoding};
    return task->texts->read(task, query, &visitor, file, err);
}

static bool digest_columns(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_text_examples *texts = &dataset->texts;
    const struct {
        const struct sbmt_column *column;
        size_t size;
    } parts[] = {
        {&texts->tokens, sizeof(uint16_t)}, {&texts->offset, sizeof(int64_t)},
        {&texts->label, sizeof(int32_t)},   {&texts->score, sizeof(double)},
        {&texts->second, sizeof(int32_t)},
    };
    struct sbmt_digest digest;
    sbmt_digest_begin(&digest, SBMT_DIGEST_SHA256);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        sbmt_digest_add(&digest, parts[i].column->values, parts[i].column->used * parts[i].size);
    return sbmt_digest_finish(&digest, dataset->digest, err);
}

static void show_examples(struct sbmt_dataset *dataset, const struct sbmt_pair_format *format)
{
    const struct sbmt_text_examples *texts = &dataset->texts;
    const int64_t *offset = texts->offset.values;
    dataset->examples = (struct sbmt_examples){
        .count = (int64_t)texts->offset.used - 1,
        .tokens16 = texts->tokens.values,
        .offset = offset,
        .label = texts->label.values,
        .score = texts->score.values,
        .second = format->types ? texts->second.values : NULL,
        .source_length = texts->source_length.values,
    };
    for (int64_t e = 0; e < dataset->examples.count; e++) {
        const int64_t length = offset[e + 1] - offset[e];
        dataset->longest = length > dataset->longest ? length : dataset->longest;
    }
}

static void report(const struct encoding *encoding, const struct sbmt_text_file *file,
                   const struct sbmt_log *log)
{
    const struct sbmt_dataset *dataset = encoding->dataset;
    sbmt_text_file_report(file, log);
    sbmt_log_write(log, SBMT_LOG_NOTE,
                   "%s, %s: %" PRId64 " examples, %zu tokens, %" PRId64 " cut to %d%s", file->place,
                   sbmt_split_name(dataset->split), dataset->examples.count,
                   dataset->texts.tokens.used, encoding->cut, dataset->max_length,
                   file->labelled || dataset->task->texts->documents ? "" : "; without labels");
}

static bool fill(struct encoding *encoding, const struct sbmt_data_options *options,
                 struct sbmt_error *err)
{
    struct sbmt_dataset *dataset = encoding->dataset;
    const struct sbmt_text_query query = {
        .root = options->root,
        .split = dataset->split,
        .name = sbmt_text_name(options->files, dataset->split),
    };
    struct sbmt_text_file file = {0};
    if (!read_rows(encoding, &query, &file, err))
        return false;
    if (dataset->texts.offset.used < 2)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: holds no examples", file.place);
    dataset->labelled = file.labelled || dataset->task->texts->documents;
    show_examples(dataset, &encoding->dataset->texts.tokenizer.format);
    report(encoding, &file, options->log);
    return digest_columns(dataset, err) && (dataset->task->target != SBMT_TARGET_MASKED ||
                                            sbmt_document_examples_count(dataset, err));
}

bool sbmt_text_examples_open(struct sbmt_dataset *dataset, const struct sbmt_data_options *options,
                             struct sbmt_error *err)
{
    struct encoding encoding = {.dataset = dataset};
    if (!sbmt_tokenizer_open(&dataset->texts.tokenizer, options->tokenizer, err))
        return false;
    dataset->vocab = dataset->texts.tokenizer.vocabulary.count;
    dataset->max_length = options->tokenizer->max_length;
    if (dataset->task->target == SBMT_TARGET_MASKED)
        dataset->masking = sbmt_masking_make(
            &dataset->texts.tokenizer, dataset->split == SBMT_SPLIT_TRAIN ? dataset->seed : 0);
    const bool filled = fill(&encoding, options, err);
    for (int p = 0; p < SBMT_TEXT_PARTS; p++)
        sbmt_token_list_finish(&encoding.part[p]);
    sbmt_token_list_finish(&encoding.tokens);
    sbmt_token_list_finish(&encoding.types);
    return filled;
}
