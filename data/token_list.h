/* Token ids: a growing list, and a hash of two. */
#ifndef SBMT_DATA_TOKEN_LIST_H
#define SBMT_DATA_TOKEN_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All zero is a valid empty one. Memory failure is sticky: add what there is to add, then look at
 * `failed` once. */
struct sbmt_token_list {
    int32_t *id;
    size_t count, capacity;
    bool failed;
};

/** Frees the list. Accepts a zeroed one. */
void sbmt_token_list_finish(struct sbmt_token_list *list);

/** Adds a token. */
void sbmt_token_list_add(struct sbmt_token_list *list, int32_t id);

/** Empties the list, keeping its memory. */
static inline void sbmt_token_list_clear(struct sbmt_token_list *list)
{
    list->count = 0;
}

/** A hash of two tokens, for tables of pairs: multiplication by 2^64 over the golden ratio, of
 * which the high bits are kept (Knuth, The Art of Computer Programming, 6.4). */
static inline uint32_t sbmt_token_pair_hash(int32_t left, int32_t right)
{
    const uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    return (uint32_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

#endif
