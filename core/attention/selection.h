/* The largest of many numbers, in time linear in how many there are. */
#ifndef SBMT_CORE_ATTENTION_SELECTION_H
#define SBMT_CORE_ATTENTION_SELECTION_H

#include <stdint.h>

#include "core/base/real.h"

/** The bits of a real as an integer of the same order. */
#if SBMT_REAL_BITS == 64
typedef uint64_t sbmt_rank;
#else
typedef uint32_t sbmt_rank;
#endif

/** Writes the indices of the `most` ≤ count largest of x to `index`, ascending; of equals the first
 * ones are taken, and what is not a number is larger or less than all numbers. `rank` (count) is
 * working memory. */
void sbmt_select_largest(int count, const real *x, int most, int32_t *index, sbmt_rank *rank);

#endif
