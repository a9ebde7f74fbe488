/* A trie over one hash table of edges. */
#include "data/trie.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1 << 10, FIRST_NODES = 1 << 9, MOST_NODES = 1 << 24 };

void sbmt_trie_finish(struct sbmt_trie *trie)
{
    free(trie->edge);
    free(trie->value);
    *trie = (struct sbmt_trie){0};
}

/* Twice the slots. */
static bool grow_edges(struct sbmt_trie *trie)
{
    const struct sbmt_trie old = *trie;
    const uint32_t slots = old.slots == 0 ? FIRST_SLOTS : 2 * old.slots;
    struct sbmt_trie_edge *edge = calloc(slots, sizeof *edge);
    if (edge == NULL)
        return false;
    trie->edge = edge;
    trie->slots = slots;
    for (uint32_t i = 0; i < old.slots; i++)
        if (old.edge[i].child != 0)
            edge[sbmt_trie_slot(trie, old.edge[i].key)] = old.edge[i];
    free(old.edge);
    return true;
}

static bool grow_nodes(struct sbmt_trie *trie)
{
    const uint32_t capacity = trie->capacity == 0 ? FIRST_NODES : 2 * trie->capacity;
    int32_t *value = realloc(trie->value, capacity * sizeof *value);
    if (value == NULL)
        return false;
    trie->value = value;
    trie->capacity = capacity;
    return true;
}

/* Makes room for a node and the edge to it. */
static bool reserve(struct sbmt_trie *trie)
{
    if (trie->nodes == MOST_NODES || (trie->nodes == trie->capacity && !grow_nodes(trie)) ||
        (2 * trie->nodes >= trie->slots && !grow_edges(trie)))
        trie->failed = true;
    return !trie->failed;
}

void sbmt_trie_insert(struct sbmt_trie *trie, const char *bytes, size_t length, int32_t value)
{
    if (trie->failed || !reserve(trie))
        return;
    if (trie->nodes == 0)
        trie->value[trie->nodes++] = -1;
    uint32_t node = 0;
    for (size_t i = 0; i < length; i++) {
        if (!reserve(trie))
            return;
        const uint32_t key = node << 8 | (unsigned char)bytes[i];
        struct sbmt_trie_edge *edge = &trie->edge[sbmt_trie_slot(trie, key)];
        if (edge->child == 0) {
            *edge = (struct sbmt_trie_edge){.key = key, .child = trie->nodes};
            trie->value[trie->nodes++] = -1;
        }
        node = edge->child;
    }
    trie->value[node] = value;
}

uint32_t sbmt_trie_walk(const struct sbmt_trie *trie, const char *bytes, size_t length)
{
    uint32_t node = 0;
    for (size_t i = 0; i < length; i++) {
        node = sbmt_trie_step(trie, node, bytes[i]);
        if (node == 0)
            return 0;
    }
    return node;
}

int32_t sbmt_trie_find(const struct sbmt_trie *trie, const char *bytes, size_t length)
{
    const uint32_t node = sbmt_trie_walk(trie, bytes, length);
    if (trie->nodes == 0 || (node == 0 && length > 0))
        return -1;
    return trie->value[node];
}
