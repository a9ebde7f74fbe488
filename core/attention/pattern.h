/* Attention along a graph that is written down rather than learnt: a kind says which keys each
 * query has, the rest is shared.
 *
 * The graph of a head is made in scratch memory, once in forward and again in backward. It follows
 * from the length, the options and at most a key of random numbers, so nothing of it has to be
 * kept: an edge is one store to make, and several hundred operations to attend along in backward,
 * while kept graphs would be the largest part of a step's memory (16,384 tokens with 257 keys each
 * are 17 MB for every head of every layer). What stays is one number a token. */
#ifndef SBMT_CORE_ATTENTION_PATTERN_H
#define SBMT_CORE_ATTENTION_PATTERN_H

#include "core/attention/attention.h"
#include "core/graph/graph.h"

/** Which keys a query has. */
struct sbmt_pattern {
    /** Writes the keys of query i of n, ascending, to `keys` (room for n) and returns how many.
     * Called more than once for a query: the answer must be the same. */
    int (*row)(const void *context, int n, int i, int32_t *keys);
    const void *context; /**< what row needs to know. Borrowed */
};

/** Writes the keys first … end−1 and returns how many; none where end ≤ first. */
int sbmt_pattern_range(int first, int end, int32_t *keys);

/** The graph of n queries over as many keys, in `arena`. False when memory is out there or in
 * `scratch` (the sticky failure). */
bool sbmt_pattern_graph(const struct sbmt_pattern *pattern, int n, struct sbmt_arena *arena,
                        struct sbmt_arena *scratch, struct sbmt_graph *graph);

/** Forward and backward of a kind, as attention.h wants them; all that differs is the pattern. */
SBMT_MUST_CHECK bool sbmt_pattern_forward(const struct sbmt_pattern *pattern,
                                          const struct sbmt_head *head, struct sbmt_pass *pass,
                                          void **saved, real *out, struct sbmt_error *err);
SBMT_MUST_CHECK bool sbmt_pattern_backward(const struct sbmt_pattern *pattern,
                                           const struct sbmt_head *head, struct sbmt_pass *pass,
                                           const void *saved, const real *dout,
                                           const struct sbmt_head_grad *grad,
                                           struct sbmt_error *err);

/** Cost of a head with density·n² edges: scores and values, and the saved number a token. It does
 * not look at the options. */
struct sbmt_cost sbmt_pattern_cost(const void *config, int n, int d, double density);

#endif
