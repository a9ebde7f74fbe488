/* One head's softmax attention along the edges of a given graph: what kinds share that differ in
 * the graph alone. */
#ifndef SBMT_CORE_ATTENTION_EDGES_H
#define SBMT_CORE_ATTENTION_EDGES_H

#include "core/attention/attend.h"
#include "core/attention/attention.h"

/** What forward leaves for backward. */
struct sbmt_edges {
    struct sbmt_graph graph;
    real *log_sum;   /**< (n) */
    const real *out; /**< the output given to the caller, the head's stride */
};

/** The head as sbmt_attend_forward wants it: scores over √d, dropout in training. */
struct sbmt_attend sbmt_edges_attend(const struct sbmt_head *head, const struct sbmt_pass *pass);

/** out (n, d; the head's stride) = attention along the edges of edges->graph, which backward must
 * find there again; fills in the rest of *edges and counts edges and density. */
SBMT_MUST_CHECK bool sbmt_edges_forward(struct sbmt_edges *edges, const struct sbmt_head *head,
                                        struct sbmt_pass *pass, real *out, struct sbmt_error *err);

/** Adds the gradients of q, k, v, given that of the output. */
SBMT_MUST_CHECK bool sbmt_edges_backward(const struct sbmt_edges *edges,
                                         const struct sbmt_head *head, struct sbmt_pass *pass,
                                         const real *dout, const struct sbmt_head_grad *grad,
                                         struct sbmt_error *err);

#endif
