/* What the engine computes on: ragged batches of token sequences. */
#ifndef SBMT_CORE_MODEL_BATCH_H
#define SBMT_CORE_MODEL_BATCH_H

#include <stdint.h>

#include "core/base/error.h"

/** A batch of `count` examples with `segments` sequences each (1, or 2 for pair tasks), packed
 * without padding: sequence s of example e has the tokens offset[e·segments+s] …
 * offset[e·segments+s+1]−1. Borrowed from whoever filled it. */
struct sbmt_batch {
    int count, segments;
    const int32_t *tokens;
    const int64_t *offset; /**< count·segments + 1 positions in `tokens` */
    const int32_t *label;  /**< count class numbers */
    const uint64_t *id;    /**< count identities in the data set: keys of random numbers */
};

/** A set of examples that can be drawn from by index: what training and evaluation read. */
struct sbmt_source {
    void *context;
    int64_t count; /**< examples; 0: endless, every index is a fresh example */
    /** Fills *batch with the examples of these indices; the memory lives until the next call with
     * the same context. */
    bool (*load)(void *context, const int64_t *indices, int count, struct sbmt_batch *batch,
                 struct sbmt_error *err);
};

#endif
