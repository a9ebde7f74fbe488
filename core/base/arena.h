/* Growing arenas: allocation by moving a pointer, freeing by going back to a mark.
 *
 * Blocks are kept when the arena is released, so a loop that repeats the same work stops asking the
 * heap after its first round. No sizes are guessed: the arena grows as needed, and an optional
 * limit turns "does not fit" into an error. */
#ifndef SBMT_CORE_BASE_ARENA_H
#define SBMT_CORE_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/base/real.h"

struct sbmt_arena_block;

/** An arena; all zero is a valid empty one. Not to be shared between threads. */
struct sbmt_arena {
    struct sbmt_arena_block *first, *current;
    size_t used;      /**< bytes handed out and not released, alignment included */
    size_t peak;      /**< the most `used` has ever been */
    size_t reserved;  /**< bytes taken from the heap */
    size_t limit;     /**< refuse to reserve more than this; 0: no limit */
    size_t requested; /**< bytes of the allocation that failed first */
    bool failed;      /**< sticky: an allocation has failed since the last check */
};

/** A position to go back to. */
struct sbmt_arena_mark {
    struct sbmt_arena_block *block;
    size_t block_used, used;
};

/** Frees all blocks. Accepts a zeroed arena. */
void sbmt_arena_finish(struct sbmt_arena *arena);

/** `size` bytes aligned to 64, contents undefined; NULL (and `failed`) where memory or the limit
 * does not allow it. Never NULL for size 0. */
void *sbmt_arena_alloc(struct sbmt_arena *arena, size_t size);

/** As sbmt_arena_alloc for `count` elements of `size` bytes, zeroed; checks the product. */
void *sbmt_arena_zalloc(struct sbmt_arena *arena, size_t count, size_t size);

/** `count` reals, contents undefined. */
real *sbmt_arena_reals(struct sbmt_arena *arena, size_t count);

/** A copy of a string. */
char *sbmt_arena_strdup(struct sbmt_arena *arena, const char *text);

/** False with SBMT_ERROR_MEMORY, naming `what`, if an allocation failed since the last check. */
SBMT_MUST_CHECK bool sbmt_arena_check(struct sbmt_arena *arena, const char *what,
                                      struct sbmt_error *err);

struct sbmt_arena_mark sbmt_arena_mark(const struct sbmt_arena *arena);

/** Gives back everything allocated after the mark; the blocks stay for reuse. */
void sbmt_arena_release(struct sbmt_arena *arena, struct sbmt_arena_mark mark);

#endif
