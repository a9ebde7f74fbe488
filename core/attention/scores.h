/* How large the scores of queries and keys can be. */
#ifndef SBMT_CORE_ATTENTION_SCORES_H
#define SBMT_CORE_ATTENTION_SCORES_H

#include <stdbool.h>

#include "core/kernels/kernels.h"

/** A matrix whose rows are `stride` apart. */
struct sbmt_rows {
    const real *x;
    int stride;
};

/** Whether all |scale·q_i·k_j| are at most 20, by the lengths of queries and keys: q (queries, d),
 * k (keys, d). Scores then differ by at most twice as much, and exponentials of that, and sums and
 * products of them, stay far from the ends of the numbers' range, so that a row's exponentials may
 * be relative to any of its scores and not only to the largest. */
bool sbmt_scores_are_small(const struct sbmt_kernels *kernels, int d, int queries,
                           struct sbmt_rows q, int keys, struct sbmt_rows k, real scale);

#endif
