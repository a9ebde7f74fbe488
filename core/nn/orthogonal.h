/* Random matrices with orthogonal rows or columns, from counters. */
#ifndef SBMT_CORE_NN_ORTHOGONAL_H
#define SBMT_CORE_NN_ORTHOGONAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/real.h"
#include "core/base/rng.h"

/** value (rows, columns) = scale times a matrix whose rows, or columns if they are fewer, are
 * orthonormal and point anywhere with equal chance (Saxe et al. 2014): normal numbers made
 * orthonormal. They are the numbers first, first + 1, … of the key. `work` has room for
 * rows·columns. */
void sbmt_orthogonal_matrix(int64_t rows, int64_t columns, double scale, struct sbmt_rng_key key,
                            uint64_t first, double *work, real *value);

/** value (rows, columns) = directions for random features: every `columns` rows are at right
 * angles to each other, the last ones as many as remain (Yu et al. 2016, arXiv 1610.09072). A row
 * has the length that a vector of `columns` normal numbers has, or `length` where that is above 0.
 * Numbers and `work` as above; `work` has room for sbmt_orthogonal_rows_work(columns). */
void sbmt_orthogonal_rows(int64_t rows, int64_t columns, double length, struct sbmt_rng_key key,
                          uint64_t first, double *work, real *value);

/** Doubles that sbmt_orthogonal_rows works in. */
size_t sbmt_orthogonal_rows_work(int64_t columns);

#endif
