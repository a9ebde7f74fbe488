/* Names that have been seen: a table of digests, at most half full. */
#include "data/name_set.h"

#include <stdlib.h>

#include "data/repeats.h"

enum { FIRST = 1 << 8 };

/* The place of a digest, or the free one where it belongs. */
static uint64_t *find(uint64_t *slots, size_t capacity, uint64_t digest)
{
    /* The low bits of FNV are its worst. */
    size_t at = (size_t)(digest ^ digest >> 32) & (capacity - 1);
    while (slots[at] != 0 && slots[at] != digest)
        at = (at + 1) & (capacity - 1);
    return slots + at;
}

static bool grow(struct sbmt_name_set *set)
{
    const size_t capacity = set->capacity == 0 ? FIRST : 2 * set->capacity;
    uint64_t *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != 0)
            *find(slots, capacity, set->slots[i]) = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return true;
}

bool sbmt_name_set_add(struct sbmt_name_set *set, const char *name, bool *is_new)
{
    uint64_t digest = SBMT_DIGEST_START;
    for (const char *at = name; *at != '\0'; at++)
        digest = sbmt_digest_step(digest, (unsigned char)*at);
    digest += digest == 0;
    if (2 * (set->used + 1) > set->capacity && !grow(set))
        return false;
    uint64_t *slot = find(set->slots, set->capacity, digest);
    *is_new = *slot == 0;
    *slot = digest;
    set->used += *is_new;
    return true;
}

void sbmt_name_set_finish(struct sbmt_name_set *set)
{
    free(set->slots);
    *set = (struct sbmt_name_set){0};
}
