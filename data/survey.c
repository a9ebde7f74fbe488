/* What a data set holds. */
#include "data/survey.h"

#include <stdlib.h>
#include <string.h>

#include "data/prepared.h"

/* One example among the others: its digest, and where it stood. */
struct seen {
    uint64_t digest;
    int64_t index;
};

static int64_t token_at(const struct sbmt_examples *examples, int64_t i)
{
    return examples->tokens8 != NULL ? examples->tokens8[i] : examples->tokens16[i];
}

/* FNV-1a over the tokens, with a mark behind every sequence: 2^32 examples would be needed for a
 * likely collision. */
static uint64_t digest_of(const struct sbmt_dataset *dataset, int64_t index)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const int segments = dataset->task->segments;
    uint64_t hash = 0xcbf29ce484222325U;
    for (int s = 0; s < segments; s++) {
        const int64_t *offset = examples->offset + index * segments + s;
        for (int64_t i = offset[0]; i < offset[1]; i++)
            hash = (hash ^ (uint64_t)(token_at(examples, i) + 1)) * 0x100000001b3U;
        hash = (hash ^ 0xFFFF) * 0x100000001b3U;
    }
    return hash;
}

static int compare_seen(const void *a, const void *b)
{
    const struct seen *left = a, *right = b;
    if (left->digest != right->digest)
        return left->digest < right->digest ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static int compare_numbers(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int compare_digests(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void take_sequence(struct sbmt_survey *survey, const struct sbmt_dataset *dataset,
                          int64_t sequence, int64_t *black)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const int64_t begin = examples->offset[sequence],
                  length = examples->offset[sequence + 1] - begin;
    survey->sequences++;
    survey->tokens += length;
    survey->shortest = survey->sequences == 1 || length < survey->shortest ? length
                                                                           : survey->shortest;
    survey->longest = length > survey->longest ? length : survey->longest;
    survey->cut += examples->source_length != NULL && examples->source_length[sequence] > length;
    const double most = dataset->form->max_length;
    survey->real_pairs += (double)length * (double)length / (most * most);
    for (int64_t i = begin; i < begin + length; i++)
        *black += token_at(examples, i) == 0;
}

static void count_repeated(struct sbmt_survey *survey, const struct sbmt_dataset *dataset,
                           struct seen *seen)
{
    const int32_t *label = dataset->examples.label;
    qsort(seen, (size_t)survey->examples, sizeof *seen, compare_seen);
    for (int64_t i = 1; i < survey->examples; i++)
        if (seen[i].digest == seen[i - 1].digest) {
            survey->repeated++;
            survey->contradicted += label[seen[i].index] != label[seen[i - 1].index];
        }
}

static void take_median(struct sbmt_survey *survey, const struct sbmt_dataset *dataset,
                        int64_t *lengths)
{
    const int64_t *offset = dataset->examples.offset;
    const int64_t count = survey->sequences;
    for (int64_t i = 0; i < count; i++)
        lengths[i] = offset[i + 1] - offset[i];
    qsort(lengths, (size_t)count, sizeof *lengths, compare_numbers);
    survey->median = (double)(lengths[(count - 1) / 2] + lengths[count / 2]) / 2;
    survey->mean = (double)survey->tokens / (double)count;
    survey->unmasked_mean = (double)(survey->tokens - survey->black_tokens) / (double)count;
    survey->real_pairs /= (double)count;
}

bool sbmt_survey_take(struct sbmt_survey *survey, const struct sbmt_dataset *dataset,
                      uint64_t *digests, struct sbmt_error *err)
{
    const int64_t count = dataset->examples.count;
    const int segments = dataset->task->segments;
    *survey = (struct sbmt_survey){.examples = count};
    struct seen *seen = malloc((size_t)count * sizeof *seen);
    int64_t *lengths = malloc((size_t)(count * segments) * sizeof *lengths);
    bool taken = (seen != NULL && lengths != NULL) ||
                 sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory to survey it",
                           dataset->task->name);
    for (int64_t e = 0; e < count && taken; e++) {
        taken = dataset->examples.checksum == NULL || sbmt_prepared_check(dataset, e, err);
        if (!taken)
            break;
        int64_t black = 0;
        for (int s = 0; s < segments; s++)
            take_sequence(survey, dataset, e * segments + s, &black);
        survey->black_tokens += black;
        survey->black_examples += black > 0;
        seen[e] = (struct seen){digest_of(dataset, e), e};
        if (digests != NULL)
            digests[e] = seen[e].digest;
    }
    if (taken) {
        take_median(survey, dataset, lengths);
        count_repeated(survey, dataset, seen);
    }
    free(seen);
    free(lengths);
    return taken;
}

int64_t sbmt_survey_shared(uint64_t *a, int64_t a_count, uint64_t *b, int64_t b_count)
{
    qsort(a, (size_t)a_count, sizeof *a, compare_digests);
    qsort(b, (size_t)b_count, sizeof *b, compare_digests);
    int64_t shared = 0;
    for (int64_t i = 0, j = 0; i < a_count && j < b_count;)
        if (a[i] < b[j])
            i++;
        else
            shared += a[i] == b[j++];
    return shared;
}
