/* Chunks of sorted tokens in a ring. */
#include "core/attention/ring.h"

#include <string.h>

#include "core/base/integer.h"

struct sbmt_ring sbmt_ring_make(int n, int chunk, int rounds, int before, int after)
{
    struct sbmt_ring ring = {.n = n, .chunk = chunk};
    ring.per_round = (n + chunk - 1) / chunk;
    ring.chunks = ring.per_round == 1 ? 1 : ring.per_round * rounds;
    ring.back = sbmt_int_min(before, ring.chunks - 1);
    ring.span = sbmt_int_min(ring.back + 1 + after, ring.chunks);
    return ring;
}

int sbmt_ring_rounds(const struct sbmt_ring *ring)
{
    return ring->chunks / ring->per_round;
}

int sbmt_ring_most_queries(const struct sbmt_ring *ring)
{
    return sbmt_int_min(ring->chunk, ring->n);
}

int sbmt_ring_most_keys(const struct sbmt_ring *ring)
{
    return sbmt_int_min(ring->span * ring->chunk, sbmt_ring_rounds(ring) * ring->n);
}

/* Where a chunk's tokens begin in the orders of all rounds, and how many they are. */
static int chunk_begin(const struct sbmt_ring *ring, int number, int *count)
{
    const int first = number % ring->per_round * ring->chunk;
    *count = sbmt_int_min(ring->n - first, ring->chunk);
    return number / ring->per_round * ring->n + first;
}

struct sbmt_chunk sbmt_ring_chunk(const struct sbmt_ring *ring, const int32_t *order, int number,
                                  int32_t *key)
{
    struct sbmt_chunk chunk = {.group.key = key};
    for (int i = 0; i < ring->span; i++) {
        const int at = (number - ring->back + i + ring->chunks) % ring->chunks;
        int count;
        const int begin = chunk_begin(ring, at, &count);
        if (i == ring->back)
            chunk.own = chunk.group.keys;
        chunk.may_recur |= at / ring->per_round != number / ring->per_round;
        memcpy(key + chunk.group.keys, order + begin, (size_t)count * sizeof *key);
        chunk.group.keys += count;
    }
    chunk.begin = chunk_begin(ring, number, &chunk.group.queries);
    chunk.group.query = order + chunk.begin;
    return chunk;
}
