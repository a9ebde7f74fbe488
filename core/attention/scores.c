/* How large the scores of queries and keys can be. */
#include "core/attention/scores.h"

#include <math.h>

static const real small_score = 20;

/* The largest square of a row's length. */
static real largest_square(const struct sbmt_kernels *kernels, int d, int count,
                           struct sbmt_rows rows)
{
    real largest = 0;
    for (int i = 0; i < count; i++) {
        const real *row = rows.x + (size_t)i * (size_t)rows.stride;
        const real square = kernels->dot(d, row, row);
        if (square > largest || isnan(square))
            largest = square; /* and stays, where it is no number */
    }
    return largest;
}

bool sbmt_scores_are_small(const struct sbmt_kernels *kernels, int d, int queries,
                           struct sbmt_rows q, int keys, struct sbmt_rows k, real scale)
{
    const real query = largest_square(kernels, d, queries, q);
    const real key = largest_square(kernels, d, keys, k);
    return query * scale * key * scale <= small_score * small_score;
}
