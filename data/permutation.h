/* The orders in which published code shuffles a data set once, to cut it into splits. */
#ifndef SBMT_DATA_PERMUTATION_H
#define SBMT_DATA_PERMUTATION_H

#include <stdint.h>

#include "core/base/error.h"

/** The order of TensorFlow Datasets: indices 0 … count−1 by the MD5 of `word` followed by the index
 * in decimal (tfds shuffle.py: hash key of an example, hash salt the name of the split), into
 * `order` (count). */
SBMT_MUST_CHECK bool sbmt_permutation_hashed(const char *word, int64_t count, int32_t *order,
                                             struct sbmt_error *err);

/** torch.randperm(count) on the CPU after torch.manual_seed(seed): MT19937 and a Fisher-Yates
 * shuffle that swaps element i with element i + number mod (count − i) (randperm_cpu), into `order`
 * (count). */
void sbmt_permutation_torch(uint32_t seed, int64_t count, int32_t *order);

#endif
