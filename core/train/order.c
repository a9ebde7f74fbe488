/* The order of examples: a permutation for every epoch. */
#include "core/train/order.h"

#include <limits.h>
#include <stdlib.h>

#include "core/base/rng.h"

bool sbmt_order_init(struct sbmt_order *order, uint64_t seed, int64_t count, struct sbmt_error *err)
{
    *order = (struct sbmt_order){.seed = seed, .count = count, .epoch = -1};
    if (count == 0)
        return true;
    if (count < 0 || count >= INT_MAX)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "training data: %lld examples are more than can be shuffled (2^31 − 2); "
                         "use a part of them",
                         (long long)count);
    order->permutation = malloc((size_t)count * sizeof *order->permutation);
    if (order->permutation == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "order of %lld training examples: out of memory",
                         (long long)count);
    return true;
}

void sbmt_order_finish(struct sbmt_order *order)
{
    free(order->permutation);
    *order = (struct sbmt_order){0};
}

static void shuffle(struct sbmt_order *order, int64_t epoch)
{
    const struct sbmt_rng_place place = {
        .seed = order->seed, .purpose = SBMT_RNG_SHUFFLE, .step = (uint32_t)epoch};
    sbmt_rng_permutation(sbmt_rng_derive(&place), (int)order->count, order->permutation);
    order->epoch = epoch;
}

void sbmt_order_fill(struct sbmt_order *order, int64_t first, int size, int64_t *indices)
{
    for (int i = 0; i < size; i++) {
        const int64_t number = first + i;
        if (order->count == 0) {
            indices[i] = number;
            continue;
        }
        const int64_t epoch = number / order->count;
        if (epoch != order->epoch)
            shuffle(order, epoch);
        indices[i] = order->permutation[number % order->count];
    }
}
