/* Who attends to whom in Reformer (Kitaev et al. 2020, arXiv 2001.04451, section 2): tokens sorted
 * in rounds, each round cut into chunks, and the chunks of all rounds in one ring. */
#ifndef SBMT_CORE_ATTENTION_RING_H
#define SBMT_CORE_ATTENTION_RING_H

#include "core/attention/group.h"

/** Chunks are numbered one round after the other. */
struct sbmt_ring {
    int n, chunk;          /**< tokens, and of a chunk; a round's last one may have fewer */
    int per_round, chunks; /**< chunks of a round, and of all */
    int back, span; /**< a chunk's keys are those of `span` chunks, `back` of them before it */
};

/** A chunk that holds all tokens is the only one. No chunk is looked at twice. */
struct sbmt_ring sbmt_ring_make(int n, int chunk, int rounds, int before, int after);

int sbmt_ring_rounds(const struct sbmt_ring *ring);

/** Bounds of the sizes of a chunk's group. */
int sbmt_ring_most_queries(const struct sbmt_ring *ring);
int sbmt_ring_most_keys(const struct sbmt_ring *ring);

/** A chunk's tokens as queries and what they attend to, themselves included, as keys. */
struct sbmt_chunk {
    struct sbmt_group group;
    int begin;      /**< of the queries, in the orders of all rounds */
    int own;        /**< place of query i among the keys: own + i */
    bool may_recur; /**< a query's token may be among the keys again, from another round */
};

/** The chunk of a number. `order` (rounds, n) holds the tokens as sorted, `key` receives the keys;
 * the chunk borrows both. */
struct sbmt_chunk sbmt_ring_chunk(const struct sbmt_ring *ring, const int32_t *order, int number,
                                  int32_t *key);

#endif
