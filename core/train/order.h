/* The order in which training meets its examples: each epoch is a permutation of its own. */
#ifndef SBMT_CORE_TRAIN_ORDER_H
#define SBMT_CORE_TRAIN_ORDER_H

#include <stdint.h>

#include "core/base/error.h"

/** The order of a run. All zero is a valid finished one. */
struct sbmt_order {
    uint64_t seed;
    int64_t count;    /**< examples of the data set; 0: endless, example number p has index p */
    int64_t epoch;    /**< whose permutation is held; −1: none yet */
    int *permutation; /**< of 0 … count−1; owned */
};

/** Prepares the order of `count` examples under a seed; the only allocation. SBMT_ERROR_DATA for
 * 2^31 − 1 examples or more. */
SBMT_MUST_CHECK bool sbmt_order_init(struct sbmt_order *order, uint64_t seed, int64_t count,
                                     struct sbmt_error *err);

/** Accepts a zeroed order. */
void sbmt_order_finish(struct sbmt_order *order);

/** The indices of the examples number `first` … `first`+`size`−1 of the run into `indices`. Example
 * number p is place p mod count of epoch p / count, whose permutation depends on the seed and the
 * epoch alone, so any part of a run can be asked for in any order; a batch may span epochs. */
void sbmt_order_fill(struct sbmt_order *order, int64_t first, int size, int64_t *indices);

/** The epoch of example number `number` of the run; 0 where the data is endless. */
static inline uint32_t sbmt_order_epoch(const struct sbmt_order *order, int64_t number)
{
    return order->count > 0 ? (uint32_t)(number / order->count) : 0;
}

#endif
