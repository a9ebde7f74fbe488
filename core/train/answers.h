/* The answers of an evaluation, collected batch by batch. */
#ifndef SBMT_CORE_TRAIN_ANSWERS_H
#define SBMT_CORE_TRAIN_ANSWERS_H

#include "core/base/real.h"
#include "core/model/batch.h"

/** A growing list. All zero is a valid empty one. */
struct sbmt_answer_list {
    struct sbmt_answers answers; /**< all so far: a view of the arrays below; classes is 0 */
    int64_t capacity;
    int64_t *example;            /**< (capacity) */
    int32_t *label, *prediction; /**< (capacity); NULL where examples have scores */
    double *target, *score;      /**< (capacity); NULL where they have classes */
    real *logits;                /**< (capacity); likewise */
};

/** Makes room for the answers to a batch, all of whose target is the same. */
SBMT_MUST_CHECK bool sbmt_answers_reserve(struct sbmt_answer_list *list,
                                          const struct sbmt_batch *batch, struct sbmt_error *err);

/** Where the answers to a batch that room was made for are to be written: classes to one of the
 * two, scores to the other, which are else NULL. */
int *sbmt_answers_predictions(const struct sbmt_answer_list *list);
real *sbmt_answers_logits(const struct sbmt_answer_list *list);

/** Takes over what was written there, and the labels or scores of the batch, whose examples have
 * these indices. */
void sbmt_answers_add(struct sbmt_answer_list *list, const struct sbmt_batch *batch,
                      const int64_t *indices);

/** Accepts a zeroed list. */
void sbmt_answers_finish(struct sbmt_answer_list *list);

#endif
