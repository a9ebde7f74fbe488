/* A finished run, opened to be looked into. */
#ifndef SBMT_BENCH_INSPECTION_H
#define SBMT_BENCH_INSPECTION_H

#include "bench/capture.h"
#include "bench/density_histograms.h"
#include "bench/experiment.h"

/** A run with the weights of one of its checkpoints, and a split. All zero is a valid closed one;
 * must not move while open. */
struct sbmt_inspection {
    struct sbmt_evaluation evaluation; /**< of the run's configuration, changed */
    struct sbmt_experiment experiment;
    struct sbmt_checkpoint state; /**< of the weights */
    enum sbmt_split split;
    const struct sbmt_kernels *kernels;
};

/** Opens a run: the weights of its checkpoint ("best" or "last") and a split. `arena` owns the
 * configuration. A folder without a run or without that checkpoint, and changes of what matters
 * beyond evaluation, are SBMT_ERROR_USAGE. On failure everything is closed. */
SBMT_MUST_CHECK bool sbmt_inspection_open(struct sbmt_inspection *inspection, const char *folder,
                                          const char *checkpoint, enum sbmt_split split,
                                          const char *const *changes, int change_count,
                                          const struct sbmt_experiment_options *options,
                                          struct sbmt_arena *arena, struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_inspection_close(struct sbmt_inspection *inspection);

/** The densities of each head's graphs over the first `limit` examples (0: all) into densities->of
 * (layers, heads), which is the caller's; *result is that of the evaluation. */
SBMT_MUST_CHECK bool sbmt_inspection_densities(struct sbmt_inspection *inspection, int64_t limit,
                                               const struct sbmt_train_observer *observer,
                                               const struct sbmt_head_densities *densities,
                                               struct sbmt_eval_result *result,
                                               struct sbmt_error *err);

/** One example, computed as an evaluation computes it. All zero is a valid closed one. */
struct sbmt_examined {
    int64_t index;
    struct sbmt_batch batch; /**< this example alone, until another is loaded */
    struct sbmt_capture capture;
    struct sbmt_outcome outcome;
    int labels;      /**< 1, or one a token or a word to be guessed; 0: none of its is */
    real *logits;    /**< (labels, classes) the bytes that an evaluation gives */
    int *prediction; /**< (labels) */
    real *gradient;  /**< slab of parameters; NULL where it was not asked for */
};

/** Computes an example and captures what there is to see; with `gradients` also those of its loss
 * (with the density regulariser), for the graphs of the first draw. An index past the split's end
 * is SBMT_ERROR_USAGE, and so are gradients where attention has no backward (expected edges). */
SBMT_MUST_CHECK bool sbmt_inspection_examine(struct sbmt_inspection *inspection, int64_t index,
                                             bool gradients, struct sbmt_examined *examined,
                                             struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_examined_finish(struct sbmt_examined *examined);

/** A walk over the heads of an examined example that show their pairs; −1: all layers, all heads.
 */
struct sbmt_head_walk sbmt_examined_heads(const struct sbmt_inspection *inspection,
                                          const struct sbmt_examined *examined, int layer,
                                          int head);

/** Rows that the encoder has of a sequence of the example, a class token's included. */
int sbmt_examined_rows(const struct sbmt_inspection *inspection,
                       const struct sbmt_examined *examined, int segment);

/** Appends what a row stands for: the text of its token, or "[class]". */
void sbmt_examined_token(const struct sbmt_inspection *inspection,
                         const struct sbmt_examined *examined, int segment, int row,
                         struct sbmt_str *out);

/** Logits a label: classes, words of the vocabulary, or the one of a score. */
int sbmt_inspection_classes(const struct sbmt_inspection *inspection);

/** Whether the split's examples have labels or scores, or words to be guessed: without, what
 * batches and outcomes say of them (label, score, loss, correct) means nothing. */
bool sbmt_inspection_labelled(const struct sbmt_inspection *inspection);

/** A score of a batch, or a logit that is one, as files have it. */
double sbmt_inspection_score(const struct sbmt_inspection *inspection, double score);

/** Appends a class as the task calls it, or a word. */
void sbmt_inspection_class(const struct sbmt_inspection *inspection, int class,
                           struct sbmt_str *out);

/** The logits of an examined example by each of some draws of its graphs alone, into `logits`
 * (draws, labels, classes). The first are those of an evaluation. */
SBMT_MUST_CHECK bool sbmt_inspection_draws(struct sbmt_inspection *inspection,
                                           const struct sbmt_examined *examined, int draws,
                                           real *logits, struct sbmt_error *err);

/** Sets probability (classes) to the softmax of a row of logits. */
void sbmt_examined_softmax(int classes, const real *logits, double *probability);

#endif
