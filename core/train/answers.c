/* Answers collected batch by batch. */
#include "core/train/answers.h"

#include <stdlib.h>
#include <string.h>

static int64_t labels_of(const struct sbmt_batch *batch)
{
    const struct sbmt_labels last = sbmt_batch_labels(batch, batch->count - 1);
    return last.first + last.count;
}

static bool grow(void **array, size_t count, size_t size)
{
    void *larger = realloc(*array, count * size);
    if (larger == NULL)
        return false;
    *array = larger;
    return true;
}

bool sbmt_answers_reserve(struct sbmt_answer_list *list, const struct sbmt_batch *batch,
                          struct sbmt_error *err)
{
    const int64_t needed = list->answers.count + labels_of(batch);
    if (needed <= list->capacity)
        return true;
    const int64_t capacity = needed > 2 * list->capacity ? needed : 2 * list->capacity;
    const size_t count = (size_t)capacity;
    void *label = list->label, *prediction = list->prediction;
    void *target = list->target, *score = list->score, *logits = list->logits;
    void *example = list->example;
    const bool scores = batch->target == SBMT_TARGET_SCORE;
    const bool grown = grow(&example, count, sizeof *list->example) &&
                       (scores ? grow(&target, count, sizeof *list->target) &&
                                     grow(&score, count, sizeof *list->score) &&
                                     grow(&logits, count, sizeof *list->logits)
                               : grow(&label, count, sizeof *list->label) &&
                                     grow(&prediction, count, sizeof *list->prediction));
    /* Those that have grown are where they are now, whatever became of the others. */
    list->answers.example = list->example = example;
    list->answers.label = list->label = label;
    list->answers.prediction = list->prediction = prediction;
    list->answers.target = list->target = target;
    list->answers.score = list->score = score;
    list->logits = logits;
    if (!grown)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "evaluation: out of memory for its answers");
    list->capacity = capacity;
    return true;
}

int *sbmt_answers_predictions(const struct sbmt_answer_list *list)
{
    return list->prediction != NULL ? list->prediction + list->answers.count : NULL;
}

real *sbmt_answers_logits(const struct sbmt_answer_list *list)
{
    return list->logits != NULL ? list->logits + list->answers.count : NULL;
}

static void add_examples(int64_t *example, const struct sbmt_batch *batch, const int64_t *indices)
{
    for (int e = 0; e < batch->count; e++) {
        const struct sbmt_labels labels = sbmt_batch_labels(batch, e);
        for (int i = 0; i < labels.count; i++)
            example[labels.first + i] = indices[e];
    }
}

void sbmt_answers_add(struct sbmt_answer_list *list, const struct sbmt_batch *batch,
                      const int64_t *indices)
{
    const int64_t first = list->answers.count, count = labels_of(batch);
    add_examples(list->example + first, batch, indices);
    if (batch->target == SBMT_TARGET_SCORE)
        for (int64_t i = 0; i < count; i++) {
            list->target[first + i] = batch->score[i];
            list->score[first + i] = (double)list->logits[first + i];
        }
    else
        memcpy(list->label + first, batch->label, (size_t)count * sizeof *list->label);
    list->answers.count += count;
}

void sbmt_answers_finish(struct sbmt_answer_list *list)
{
    free(list->example);
    free(list->label);
    free(list->prediction);
    free(list->target);
    free(list->score);
    free(list->logits);
    *list = (struct sbmt_answer_list){0};
}
