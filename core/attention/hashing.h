/* Locality-sensitive hashing by random rotations (Andoni et al. 2015, arXiv 1509.02897), in the
 * form that Reformer has (Kitaev et al. 2020, arXiv 2001.04451, section 2). */
#ifndef SBMT_CORE_ATTENTION_HASHING_H
#define SBMT_CORE_ATTENTION_HASHING_H

#include "core/attention/dense.h"

/** Vectors that are near in angle are likely to be in the same bucket. */
struct sbmt_hashing {
    const struct sbmt_kernels *kernels;
    int n, d;
    struct sbmt_rows x;      /**< (n, d) */
    int buckets;             /**< even */
    struct sbmt_rng_key key; /**< round r's rotation is row r of its normal numbers */
};

/** order (n) = 0 … n−1 by bucket, and within a bucket ascending. The bucket of x_i is the largest
 * of [x_i·R, −x_i·R], the first of equals, for a matrix R (d, buckets/2) of normal numbers. False
 * when scratch memory is out (the arena's sticky failure). */
bool sbmt_hashing_order(const struct sbmt_hashing *hashing, int round, int32_t *order,
                        struct sbmt_arena *scratch);

#endif
