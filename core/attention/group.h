/* Softmax attention in groups of tokens: some queries over some keys, gathered into small matrices
 * that stay in a core's cache. Kinds that sort or cluster tokens differ in the groups, and in what
 * becomes of a token that is in several. */
#ifndef SBMT_CORE_ATTENTION_GROUP_H
#define SBMT_CORE_ATTENTION_GROUP_H

#include "core/attention/dense.h"

/** Queries and keys by their tokens, in any order. Borrowed. */
struct sbmt_group {
    int queries, keys;
    const int32_t *query, *key;
};

/** The groups of one head, one after the other. The first part is the caller's to set. */
struct sbmt_grouping {
    const struct sbmt_kernels *kernels;
    struct sbmt_arena *scratch;
    int most_queries, most_keys; /**< of a group */
    struct sbmt_rows queries;    /**< (n, d), by token */
    const real *pairs;           /**< (n, 2d), by token: its key and its value, side by side so that
                                    they are fetched at once */
    /** Scale, dropout, `adjust` and d as there; the rest is set here. */
    struct sbmt_dense_attend attend;

    real *dout; /**< (queries of the group, d) packed, the caller's to fill in before backward */

    real *query, *pair;   /* gathered */
    real *dquery, *dpair; /* NULL without backward */
};

/** Allocates what groups need, for `backward` too or not, in `scratch`, which the caller releases.
 * False when memory is out (the arena's sticky failure). */
bool sbmt_grouping_init(struct sbmt_grouping *grouping, bool backward);

/** Each query's attention over the group's keys: out (queries, d) and log_sum (queries), packed in
 * the group's order. `dropout_row` is the first of the group's rows of random numbers, one a query.
 * False when memory is out. */
bool sbmt_grouping_forward(struct sbmt_grouping *grouping, const struct sbmt_group *group,
                           uint32_t dropout_row, real *out, real *log_sum);

/** Given out and log_sum, and in grouping->dout the gradient of out, adds to the tokens' rows of
 * dqueries, with the stride of `queries`, and of dpairs (n, 2d). Where a softmax is over the keys
 * of several groups, out and log_sum are those of the whole, and what is added is the group's
 * share. False when memory is out. */
bool sbmt_grouping_backward(struct sbmt_grouping *grouping, const struct sbmt_group *group,
                            uint32_t dropout_row, const real *out, const real *log_sum,
                            real *dqueries, real *dpairs);

/** packed (count, d) = the given rows of x. */
void sbmt_rows_gather(int count, int d, const int32_t *row, struct sbmt_rows x, real *packed);

#endif
