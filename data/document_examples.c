/* Packing documents into sequences. */
#include "data/document_examples.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/md5.h"
#include "data/text_examples.h"

/* A split being packed. */
struct packing {
    struct sbmt_dataset *dataset;
    struct sbmt_tokenizer *tokenizer;
    struct sbmt_token_list document; /* tokens of the current one */
    struct sbmt_token_list sequence; /* begun; empty between two */
    int64_t documents;
    bool failed;
};

bool sbmt_document_split(const char *text, size_t size, enum sbmt_split *split,
                         struct sbmt_error *err)
{
    struct sbmt_md5 digest;
    char front[9];
    if (!sbmt_md5(text, size, &digest, err))
        return false;
    memcpy(front, digest.hex, sizeof front - 1);
    front[sizeof front - 1] = '\0';
    const unsigned long place = strtoul(front, NULL, 16) % SBMT_DOCUMENT_SHARE;
    *split = place == 0 ? SBMT_SPLIT_DEV : (place == 1 ? SBMT_SPLIT_TEST : SBMT_SPLIT_TRAIN);
    return true;
}

static void end_sequence(struct packing *packing)
{
    struct sbmt_token_list *sequence = &packing->sequence;
    sbmt_token_list_add(sequence, packing->tokenizer->format.separator);
    packing->failed = packing->failed || sequence->failed ||
                      !sbmt_text_examples_add(&packing->dataset->texts, sequence->id,
                                              sequence->count, sequence->count);
    sbmt_token_list_clear(sequence);
}

/* The last place of a sequence is the separator's. */
static void put_token(struct packing *packing, int32_t token)
{
    struct sbmt_token_list *sequence = &packing->sequence;
    if (sequence->count == 0)
        sbmt_token_list_add(sequence, packing->tokenizer->format.begin);
    sbmt_token_list_add(sequence, token);
    if (sequence->count == (size_t)packing->dataset->max_length - 1)
        end_sequence(packing);
}

/* A separator between two documents of a sequence, unless that would be its last word. */
static void part_documents(struct packing *packing)
{
    if (packing->sequence.count + 2 < (size_t)packing->dataset->max_length)
        put_token(packing, packing->tokenizer->format.separator);
    else
        end_sequence(packing);
}

static bool put_document(void *context, const struct sbmt_text_row *row, struct sbmt_error *err)
{
    struct packing *packing = context;
    enum sbmt_split split;
    if (!sbmt_document_split(row->text[0], row->size[0], &split, err))
        return false;
    if (split != packing->dataset->split)
        return true;
    struct sbmt_token_list *document = &packing->document;
    sbmt_token_list_clear(document);
    sbmt_tokenizer_encode(packing->tokenizer, row->text[0], row->size[0], document);
    packing->documents++;
    if (packing->sequence.count > 0 && document->count > 0)
        part_documents(packing);
    for (size_t i = 0; i < document->count; i++)
        put_token(packing, document->id[i]);
    return (!packing->failed && !document->failed) ||
           sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for all documents",
                     row->path, row->line);
}

bool sbmt_document_examples_read(struct sbmt_dataset *dataset, struct sbmt_tokenizer *tokenizer,
                                 const struct sbmt_text_query *query, struct sbmt_text_file *file,
                                 struct sbmt_error *err)
{
    struct packing packing = {.dataset = dataset, .tokenizer = tokenizer};
    const struct sbmt_text_visitor visitor = {.visit = put_document, .context = &packing};
    bool read = dataset->task->texts->read(dataset->task, query, &visitor, file, err);
    if (read && packing.sequence.count > 1)
        end_sequence(&packing);
    if (read && packing.failed)
        read = sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for all documents", file->place);
    else if (read && dataset->texts.offset.used == 0)
        read = sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s: of %" PRId64 " documents none is of %s, which takes one in %d by the "
                         "MD5 of its text; more are needed",
                         file->place, file->rows, sbmt_split_name(dataset->split),
                         (int)SBMT_DOCUMENT_SHARE);
    file->rows = packing.documents;
    sbmt_token_list_finish(&packing.document);
    sbmt_token_list_finish(&packing.sequence);
    return read;
}

bool sbmt_document_examples_count(struct sbmt_dataset *dataset, struct sbmt_error *err)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const size_t size = (size_t)dataset->longest * sizeof(int32_t);
    int32_t *tokens = malloc(size), *place = malloc(size), *label = malloc(size);
    const bool room = tokens != NULL && place != NULL && label != NULL;
    for (int64_t e = 0; room && e < examples->count; e++) {
        const int64_t begin = examples->offset[e];
        const int n = (int)(examples->offset[e + 1] - begin);
        for (int i = 0; i < n; i++)
            tokens[i] = examples->tokens16[begin + i];
        dataset->masked += sbmt_masking_apply(
            &dataset->masking, 0, sbmt_dataset_identity(dataset, e), tokens, n, place, label);
    }
    free(tokens);
    free(place);
    free(label);
    return room || sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory to count masked words",
                             dataset->task->name);
}
