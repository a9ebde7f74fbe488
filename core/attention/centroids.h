/* Centroids of a head: which vectors they take, and how they learn (Roy et al. 2020, arXiv
 * 2003.05997, section 4.1). */
#ifndef SBMT_CORE_ATTENTION_CENTROIDS_H
#define SBMT_CORE_ATTENTION_CENTROIDS_H

#include "core/attention/dense.h"

struct sbmt_centroids {
    const real *x; /**< (count, d) */
    int count, d;
};

/** taken (count, most) = for each centroid the `most` ≤ n rows of x (n, d) with the largest dot
 * products, ascending; of equals the first ones. False when scratch memory is out (the arena's
 * sticky failure). */
bool sbmt_centroids_take(const struct sbmt_centroids *centroids, int n, struct sbmt_rows x,
                         int most, int32_t *taken, struct sbmt_arena *scratch);

/** Adds to gradient (count, d) that of  weight/2 · Σ_i ‖x_i − μ‖²  where μ is the centroid with the
 * largest dot product with x_i, the first of equals, and x is held fixed. False as above. */
bool sbmt_centroids_pull(const struct sbmt_centroids *centroids, int n, struct sbmt_rows x,
                         real weight, real *gradient, struct sbmt_arena *scratch);

#endif
