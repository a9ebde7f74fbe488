/* How a batch is cut into shards of about equal cost. */
#ifndef SBMT_CORE_TRAIN_SHARDS_H
#define SBMT_CORE_TRAIN_SHARDS_H

#include "core/base/arena.h"
#include "core/model/batch.h"

/** A partition of a batch: shard s has the examples order[begin[s]] … order[begin[s+1]−1],
 * ascending. */
struct sbmt_partition {
    int shards;
    int *order; /**< count */
    int *begin; /**< shards + 1 */
};

/** Cuts a batch: the costliest example first, each to the shard with the least so far. Depends on
 * the lengths and the number of shards alone. The arrays live in `arena`. */
SBMT_MUST_CHECK bool sbmt_batch_partition(const struct sbmt_batch *batch, int shards,
                                          struct sbmt_arena *arena,
                                          struct sbmt_partition *partition, struct sbmt_error *err);

#endif
