/* The most confident wrong predictions of a run. */
#ifndef SBMT_BENCH_MISTAKES_H
#define SBMT_BENCH_MISTAKES_H

#include "bench/inspection.h"

/** A label that was predicted wrong. */
struct sbmt_mistake {
    int64_t example;
    int token; /**< −1 where examples have labels or scores */
    int label, prediction;
    double target, score; /**< where examples have scores, as files have them */
    double confidence;    /**< probability of the prediction, or how far apart the scores are */
    double label_probability;
    const char *text; /**< of the example, of the token or around the word to be guessed; NULL where
                         that is a picture */
};

/** Mistakes, the most confident first; of equally confident ones the earlier. Of scores, those that
 * are farthest from what they should be. */
struct sbmt_mistakes {
    struct sbmt_mistake *mistake; /**< the caller's, room for `most` */
    int most, count;
    int64_t wrong, labels;    /**< of the examples that were looked at */
    struct sbmt_arena *arena; /**< the caller's, of the texts */
};

/** Finds those of the inspection's split, which must be labelled (else SBMT_ERROR_USAGE), of
 * `limit` of its examples, evenly spaced as in evaluations (0: all). `most`, the room and the arena
 * are set by the caller. */
SBMT_MUST_CHECK bool sbmt_mistakes_find(struct sbmt_inspection *inspection, int64_t limit,
                                        const struct sbmt_train_observer *observer,
                                        struct sbmt_mistakes *mistakes, struct sbmt_error *err);

#endif
