/* One optimiser step's gradient, or an evaluation: a batch cut into shards, shards shared out to
 * threads, results combined in a fixed order. Losses, gradients and counts are the same bytes for
 * any number of threads. */
#ifndef SBMT_CORE_TRAIN_STEP_H
#define SBMT_CORE_TRAIN_STEP_H

#include "core/model/batch.h"
#include "core/model/model.h"

struct sbmt_kernels;
struct sbmt_stepper;

/** What a batch gave. */
struct sbmt_step_result {
    double loss_sum; /**< over the examples of the batch, in nats */
    int count;       /**< examples */
    int64_t labels;  /**< that were predicted: one an example, or one a token */
    int64_t correct; /**< labels that were predicted right */
    int64_t tokens;  /**< real tokens */
    int draws;       /**< of an evaluation: see sbmt_model_draws; 1 in training */
    int64_t draw_correct[SBMT_MOST_DRAWS]; /**< the same as `correct` by each draw alone */
    struct sbmt_stats
        stats;   /**< of all draws; `heads` in evaluations alone, until the next batch */
    bool scores; /**< the examples have scores: there are none right or wrong */
};

/** The share of a batch's labels that were predicted right; −1 where examples have scores. */
static inline double sbmt_step_accuracy(const struct sbmt_step_result *result)
{
    return result->scores ? -1 : (double)result->correct / (double)result->labels;
}

/** The mean density of graphs; −1 where there are none. */
static inline double sbmt_step_density(const struct sbmt_stats *stats)
{
    return stats->density_count > 0 ? stats->density / stats->density_count : -1;
}

/** Buffers and threads for running batches. `shards` is part of the result's definition, `threads`
 * is not. `memory_limit` (bytes, 0: none) bounds each of a thread's two arenas: what backward
 * needs, and what a layer needs for itself. All but the kernels are borrowed and must outlive it.
 */
struct sbmt_stepper *sbmt_stepper_create(const struct sbmt_model *model,
                                         const struct sbmt_params *params, int shards, int threads,
                                         const char *cpu, size_t memory_limit,
                                         struct sbmt_error *err);

/** Accepts NULL. */
void sbmt_stepper_destroy(struct sbmt_stepper *stepper);

/** Forward and backward of a batch at an optimiser step (counted from 1), dropout on. */
SBMT_MUST_CHECK bool sbmt_stepper_train(struct sbmt_stepper *stepper,
                                        const struct sbmt_batch *batch, uint64_t seed,
                                        uint32_t step, struct sbmt_step_result *result,
                                        struct sbmt_error *err);

/** The gradient of the last sbmt_stepper_train: a slab of params->size reals, the mean over the
 * batch. The caller may scale it in place (clipping). */
real *sbmt_stepper_gradient(struct sbmt_stepper *stepper);

/** Forward only, dropout off. `logits` (labels, classes) and `predictions` (labels), both in the
 * order of batch->label, may be NULL. */
SBMT_MUST_CHECK bool sbmt_stepper_evaluate(struct sbmt_stepper *stepper,
                                           const struct sbmt_batch *batch, uint64_t seed,
                                           real *logits, int *predictions,
                                           struct sbmt_step_result *result, struct sbmt_error *err);

/** The most bytes of activations any one thread has held so far. */
size_t sbmt_stepper_peak_bytes(const struct sbmt_stepper *stepper);

/** The instruction set the kernels use: "c", "avx2" or "avx512". */
const char *sbmt_stepper_cpu(const struct sbmt_stepper *stepper);

#endif
