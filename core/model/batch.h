/* What the engine computes on: ragged batches of token sequences. */
#ifndef SBMT_CORE_MODEL_BATCH_H
#define SBMT_CORE_MODEL_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

/** What a task gives a class, or a number, to. */
enum sbmt_target {
    SBMT_TARGET_EXAMPLE, /**< the example as a whole */
    SBMT_TARGET_TOKEN,   /**< each token of examples of one sequence */
    SBMT_TARGET_SCORE,   /**< the example as a whole, a number in place of a class */
    SBMT_TARGET_MASKED,  /**< some tokens of examples of one sequence: words to be guessed */
};

/** Whether an example is answered for as a whole, so that its sequences become one vector. */
static inline bool sbmt_target_is_example(enum sbmt_target target)
{
    return target == SBMT_TARGET_EXAMPLE || target == SBMT_TARGET_SCORE;
}

/** A batch of `count` examples with `segments` sequences each (1, or 2 for pair tasks), packed
 * without padding: sequence s of example e has the tokens offset[e·segments+s] …
 * offset[e·segments+s+1]−1. Borrowed from whoever filled it. */
struct sbmt_batch {
    int count, segments;
    const int32_t *tokens;
    const int64_t *offset; /**< count·segments + 1 positions in `tokens` */
    /** Where tokens[i] stands in its sequence, below the model's `positions`: for sequences from
     * which tokens were left out. NULL: tokens follow one another from position 0. It is what the
     * position embedding reads. Kinds of attention that go by place (patterns, blocks, distances,
     * convolutions, weights a position) read the index among the tokens that are there. */
    const int32_t *position;
    /** Which of several texts that were put into one sequence tokens[i] belongs to (BERT's token
     * types). NULL: all to the first, 0. */
    const int32_t *type;
    const int32_t *label; /**< class numbers: one an example, one a token from offset[0] on, or one
                             a place below; NULL where examples have scores */
    const double *score;  /**< count numbers: of SBMT_TARGET_SCORE; else NULL */
    /** Of SBMT_TARGET_MASKED: the tokens of example e to be guessed are those with the indices
     * place[place_offset[e]] … place[place_offset[e + 1] − 1] in its sequence, ascending. Else
     * NULL.
     */
    const int32_t *place;
    const int64_t *place_offset; /**< count + 1 */
    const uint64_t *id;          /**< count identities in the data set: keys of random numbers */
    enum sbmt_target target;
};

/** The tokens of one sequence of a batch, and where they stand, borrowed from it. */
struct sbmt_sequence {
    int n;
    const int32_t *tokens;   /**< n of them */
    const int32_t *position; /**< n, or NULL: 0 … n−1 */
    const int32_t *type;     /**< n, or NULL: all 0 */
};

static inline struct sbmt_sequence sbmt_batch_sequence(const struct sbmt_batch *batch, int example,
                                                       int segment)
{
    const int64_t *offset = batch->offset + example * batch->segments + segment;
    return (struct sbmt_sequence){
        .n = (int)(offset[1] - offset[0]),
        .tokens = batch->tokens + offset[0],
        .position = batch->position != NULL ? batch->position + offset[0] : NULL,
        .type = batch->type != NULL ? batch->type + offset[0] : NULL,
    };
}

/** The labels, or the score, of one example; logits and predictions of a batch are in the order of
 * its labels. */
struct sbmt_labels {
    int64_t first; /**< index in sbmt_batch.label, or score */
    int count;
};

static inline struct sbmt_labels sbmt_batch_labels(const struct sbmt_batch *batch, int example)
{
    if (sbmt_target_is_example(batch->target))
        return (struct sbmt_labels){example, 1};
    const int64_t *offsets = batch->target == SBMT_TARGET_TOKEN ? batch->offset
                                                                : batch->place_offset;
    const int64_t *offset = offsets + example;
    return (struct sbmt_labels){offset[0] - offsets[0], (int)(offset[1] - offset[0])};
}

/** Answers to examples beside the true ones; all borrowed, and either classes or scores. */
struct sbmt_answers {
    int64_t count;
    const int64_t *example; /**< (count) index of the example in its set; NULL: unknown */
    int classes;            /**< `label` and `prediction` are 0 … classes−1 */
    const int32_t *label, *prediction; /**< (count); NULL where scores are asked for */
    const double *target, *score;      /**< (count); NULL where classes are asked for */
};

/** A set of examples that can be drawn from by index: what training and evaluation read. */
struct sbmt_source {
    void *context;
    int64_t count; /**< examples; 0: endless, every index is a fresh example */
    /** Fills *batch with the examples of these indices; the memory lives until the next call with
     * the same context. `epochs` says in which epoch each is met, for what is drawn anew every time
     * (masks); NULL: in epoch 0, as in evaluations. */
    bool (*load)(void *context, const int64_t *indices, const uint32_t *epochs, int count,
                 struct sbmt_batch *batch, struct sbmt_error *err);
};

#endif
