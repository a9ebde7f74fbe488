/* One head of a kind of attention by itself: forward and backward without the rest of a model. */
#ifndef SBMT_BENCH_HEAD_BENCH_H
#define SBMT_BENCH_HEAD_BENCH_H

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"

/** What to measure. */
struct sbmt_head_plan {
    const struct sbmt_attention_ops *ops;
    const void *config; /**< the kind's options; NULL where it has none */
    int n, d;           /**< a kind that takes the whole width has d as its width */
    int heads;          /**< rows of q, k, v, out are heads·d apart, as in a layer with so many */
    const struct sbmt_kernels *kernels;
};

/** What was measured, on one thread. */
struct sbmt_head_times {
    double forward, backward; /**< seconds, medians; without dropout */
    double density;           /**< edges/n² of the graph; −1: the kind has none */
    double saved_bytes;       /**< kept from forward to backward, output and projections aside */
    double peak_bytes;        /**< that and the largest working memory */
};

/** Measures on random inputs and freshly drawn parameters. */
SBMT_MUST_CHECK bool sbmt_head_bench(const struct sbmt_head_plan *plan,
                                     struct sbmt_head_times *times, struct sbmt_error *err);

#endif
