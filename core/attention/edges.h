/* One head's softmax attention along the edges of a given graph: what kinds share that differ in
 * the graph alone. */
#ifndef SBMT_CORE_ATTENTION_EDGES_H
#define SBMT_CORE_ATTENTION_EDGES_H

#include "core/attention/attend.h"
#include "core/attention/attention.h"
#include "core/attention/dense.h"

/** What forward leaves for backward. */
struct sbmt_edges {
    struct sbmt_graph graph;
    real *log_sum;   /**< (n) */
    const real *out; /**< the output given to the caller, the head's stride */
};

/** Whether attention goes by all pairs, of which those without an edge do not take part (dense.h),
 * and not along the edges: where about half of them have one that takes less time. */
bool sbmt_edges_by_pairs(const struct sbmt_graph *graph);

/** out (n, d; the head's stride) = attention along the edges of edges->graph, which backward must
 * find there again; fills in the rest of *edges and counts edges and density. */
SBMT_MUST_CHECK bool sbmt_edges_forward(struct sbmt_edges *edges, const struct sbmt_head *head,
                                        struct sbmt_pass *pass, real *out, struct sbmt_error *err);

/** Who looks at the scores of edges and their gradients in backward, while they are in cache: block
 * by block, in attend->score and attend->dscore, or tile by tile where attention goes by pairs.
 * Both functions may overwrite scores, and `block` attend->weight. */
struct sbmt_edges_watch {
    void *context;
    void (*block)(void *context, const struct sbmt_block *block, const struct sbmt_attend *attend);
    void (*tile)(void *context, const struct sbmt_dense_tile *tile);
};

/** Adds the gradients of q, k, v, given that of the output. `watch` may be NULL. */
SBMT_MUST_CHECK bool sbmt_edges_backward(const struct sbmt_edges *edges,
                                         const struct sbmt_head *head, struct sbmt_pass *pass,
                                         const real *dout, const struct sbmt_head_grad *grad,
                                         const struct sbmt_edges_watch *watch,
                                         struct sbmt_error *err);

#endif
