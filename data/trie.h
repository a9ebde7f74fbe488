/* A trie: byte strings and a number for each, walked byte by byte.
 *
 * Its edges are one hash table from (node, byte) to node: a step is a look-up, whatever the number
 * of children, and the longest known string at the front of a text is found in one walk. */
#ifndef SBMT_DATA_TRIE_H
#define SBMT_DATA_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbmt_trie_edge {
    uint32_t key;   /**< parent node · 256 + byte */
    uint32_t child; /**< 0: the slot is empty */
};

/** All zero is a valid empty one. Node 0 is the root; no edge leads to it. */
struct sbmt_trie {
    struct sbmt_trie_edge *edge; /**< a power of two of slots, at most half of them taken */
    uint32_t slots, nodes, capacity;
    int32_t *value; /**< of each node; −1: none */
    bool failed;    /**< sticky: memory, or more than 2^24 nodes */
};

/** Frees the trie. Accepts a zeroed one. */
void sbmt_trie_finish(struct sbmt_trie *trie);

/** Gives a string a value ≥ 0 in the place of what it had. */
void sbmt_trie_insert(struct sbmt_trie *trie, const char *bytes, size_t length, int32_t value);

/** The slot of an edge, or the empty one where it would be. Multiplication by 2^32 over the golden
 * ratio spreads the keys (Knuth, The Art of Computer Programming, 6.4); there must be slots. */
static inline uint32_t sbmt_trie_slot(const struct sbmt_trie *trie, uint32_t key)
{
    const uint32_t hash = key * 2654435769U;
    uint32_t slot = (hash ^ hash >> 15) & (trie->slots - 1);
    while (trie->edge[slot].child != 0 && trie->edge[slot].key != key)
        slot = (slot + 1) & (trie->slots - 1);
    return slot;
}

/** The node behind `byte` from `node`; 0 where there is none. */
static inline uint32_t sbmt_trie_step(const struct sbmt_trie *trie, uint32_t node, char byte)
{
    return trie->slots == 0
               ? 0
               : trie->edge[sbmt_trie_slot(trie, node << 8 | (unsigned char)byte)].child;
}

/** The node of a string that strings of the trie begin with; 0 where there is none or it is empty.
 */
uint32_t sbmt_trie_walk(const struct sbmt_trie *trie, const char *bytes, size_t length);

/** The value of a string; −1 if it has none. */
int32_t sbmt_trie_find(const struct sbmt_trie *trie, const char *bytes, size_t length);

#endif
