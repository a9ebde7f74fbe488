/* Growing arenas with mark and release. */
#include "core/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGNMENT = 64, FIRST_BLOCK = 1 << 16, LARGEST_DOUBLING = 1 << 26 };

/* Long sequences take blocks of this size and more, which ask for large pages: the rows that edges
 * gather lie all over them, and a processor remembers the places of few pages. Smaller blocks would
 * only have more memory begun and not used. */
enum { LARGE_BLOCK = 1 << 24, LARGE_PAGE = 1 << 21 };

struct sbmt_arena_block {
    struct sbmt_arena_block *next;
    size_t size, used;
    char *bytes; /* the block's memory, aligned */
};

static size_t align_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void sbmt_arena_finish(struct sbmt_arena *arena)
{
    struct sbmt_arena_block *block = arena->first;
    while (block != NULL) {
        struct sbmt_arena_block *next = block->next;
        ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
        free(block->bytes);
        free(block);
        block = next;
    }
    *arena = (struct sbmt_arena){0};
}

static void *fail(struct sbmt_arena *arena, size_t size)
{
    if (!arena->failed)
        arena->requested = size;
    arena->failed = true;
    return NULL;
}

static char *take_bytes(size_t size)
{
    void *bytes;
    const size_t alignment = size >= LARGE_BLOCK ? LARGE_PAGE : ALIGNMENT;
    if (posix_memalign(&bytes, alignment, size) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (alignment == LARGE_PAGE)
        (void)madvise(bytes, size, MADV_HUGEPAGE); /* a wish: pages are right in any case */
#endif
    return bytes;
}

static bool fits_limit(const struct sbmt_arena *arena, size_t more)
{
    return arena->limit == 0 || arena->reserved + more <= arena->limit;
}

/* A new block of at least `size` bytes behind the current one. */
static struct sbmt_arena_block *grow(struct sbmt_arena *arena, size_t size)
{
    const size_t last = arena->current != NULL ? arena->current->size : FIRST_BLOCK / 2;
    size_t block_size = last < LARGEST_DOUBLING / 2 ? 2 * last : LARGEST_DOUBLING;
    if (block_size < size || !fits_limit(arena, block_size))
        block_size = size;
    if (!fits_limit(arena, block_size))
        return NULL;
    struct sbmt_arena_block *block = malloc(sizeof *block);
    char *bytes = take_bytes(block_size);
    if (bytes == NULL && block_size > size) { /* what is needed may be there all the same */
        block_size = size;
        bytes = take_bytes(block_size);
    }
    if (block == NULL || bytes == NULL) {
        free(block);
        free(bytes);
        return NULL;
    }
    ASAN_POISON_MEMORY_REGION(bytes, block_size);
    *block = (struct sbmt_arena_block){.size = block_size, .bytes = bytes};
    arena->reserved += block_size;
    if (arena->current == NULL) {
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block;
}

void *sbmt_arena_alloc(struct sbmt_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return fail(arena, size);
    const size_t need = align_up(size == 0 ? 1 : size);
    struct sbmt_arena_block *block = arena->current;
    while (block != NULL && block->size - block->used < need) {
        block = block->next;
        if (block != NULL)
            block->used = 0;
    }
    if (block == NULL)
        block = grow(arena, need);
    if (block == NULL)
        return fail(arena, size);
    /* Blocks between the old current one and this one stay behind, empty, until a release. */
    arena->current = block;
    void *result = block->bytes + block->used;
    block->used += need;
    arena->used += need;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    ASAN_UNPOISON_MEMORY_REGION(result, size == 0 ? 1 : size);
    return result;
}

void *sbmt_arena_zalloc(struct sbmt_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
        return fail(arena, SIZE_MAX);
    void *result = sbmt_arena_alloc(arena, count * size);
    if (result != NULL)
        memset(result, 0, count * size);
    return result;
}

real *sbmt_arena_reals(struct sbmt_arena *arena, size_t count)
{
    if (count > SIZE_MAX / 2 / sizeof(real))
        return fail(arena, SIZE_MAX);
    return sbmt_arena_alloc(arena, count * sizeof(real));
}

char *sbmt_arena_strdup(struct sbmt_arena *arena, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = sbmt_arena_alloc(arena, size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

bool sbmt_arena_check(struct sbmt_arena *arena, const char *what, struct sbmt_error *err)
{
    if (!arena->failed)
        return true;
    arena->failed = false;
    const double mib = 1024.0 * 1024.0;
    if (arena->limit != 0)
        return sbmt_fail(err, SBMT_ERROR_MEMORY,
                         "%s: %.1f MiB more do not fit into the limit of %.1f MiB (%.1f in use)",
                         what, (double)arena->requested / mib, (double)arena->limit / mib,
                         (double)arena->used / mib);
    return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory (%.1f MiB more, %.1f MiB in use)",
                     what, (double)arena->requested / mib, (double)arena->used / mib);
}

struct sbmt_arena_mark sbmt_arena_mark(const struct sbmt_arena *arena)
{
    return (struct sbmt_arena_mark){
        .block = arena->current,
        .block_used = arena->current != NULL ? arena->current->used : 0,
        .used = arena->used,
    };
}

void sbmt_arena_release(struct sbmt_arena *arena, struct sbmt_arena_mark mark)
{
    struct sbmt_arena_block *block = mark.block != NULL ? mark.block : arena->first;
    if (block == NULL)
        return;
    block->used = mark.block != NULL ? mark.block_used : 0;
    ASAN_POISON_MEMORY_REGION(block->bytes + block->used, block->size - block->used);
    for (struct sbmt_arena_block *next = block->next; next != NULL; next = next->next) {
        next->used = 0;
        ASAN_POISON_MEMORY_REGION(next->bytes, next->size);
    }
    arena->current = block;
    arena->used = mark.used;
}
