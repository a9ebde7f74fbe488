/* What a data set holds. */
#include "data/survey.h"

#include <stdlib.h>

#include "data/prepared.h"
#include "data/repeats.h"

static int64_t token_at(const struct sbmt_examples *examples, int64_t i)
{
    return examples->tokens8 != NULL ? examples->tokens8[i] : examples->tokens16[i];
}

/* The tokens, with a mark behind every sequence. */
static uint64_t digest_of(const struct sbmt_dataset *dataset, int64_t index)
{
    const struct sbmt_examples *examples = &dataset->examples;
    const int segments = dataset->task->segments;
    uint64_t hash = SBMT_DIGEST_START;
    for (int s = 0; s < segments; s++) {
        const int64_t *offset = examples->offset + index * segments + s;
        for (int64_t i = offset[0]; i < offset[1]; i++)
            hash = sbmt_digest_step(hash, (uint64_t)(token_at(examples, i) + 1));
        hash = sbmt_digest_step(hash, 0xFFFF);
    }
    return hash;
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

static void take_median(struct sbmt_survey *survey, const struct sbmt_dataset *dataset,
                        int64_t *lengths)
{
    const int64_t *offset = dataset->examples.offset;
    const int64_t count = survey->sequences;
    for (int64_t i = 0; i < count; i++)
        lengths[i] = offset[i + 1] - offset[i];
    survey->median = sbmt_median_of(lengths, (size_t)count);
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
    struct sbmt_seen *seen = malloc((size_t)count * sizeof *seen);
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
        seen[e] = (struct sbmt_seen){digest_of(dataset, e), e, dataset->examples.label[e]};
        if (digests != NULL)
            digests[e] = seen[e].digest;
    }
    if (taken) {
        take_median(survey, dataset, lengths);
        const struct sbmt_repeats repeats = sbmt_repeats_count(seen, (size_t)count);
        survey->repeated = repeats.repeated;
        survey->contradicted = repeats.contradicted;
    }
    free(seen);
    free(lengths);
    return taken;
}
