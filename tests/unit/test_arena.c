/* Arenas: alignment, reuse after a release, the limit, and arithmetic that would overflow. */
#include "tests/suite.h"

#include <stdint.h>
#include <string.h>

#include "core/base/arena.h"

START_TEST(allocations_are_aligned_and_apart)
{
    struct sbmt_arena arena = {0};
    char *before = NULL;
    for (size_t size = 0; size < 300; size += 7) {
        char *bytes = sbmt_arena_alloc(&arena, size);
        ck_assert_ptr_nonnull(bytes);
        ck_assert_uint_eq((uintptr_t)bytes % 64, 0);
        ck_assert_ptr_ne(bytes, before);
        memset(bytes, 0xA5, size);
        if (before != NULL && bytes > before)
            ck_assert_int_ge(bytes - before, 64);
        before = bytes;
    }
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(contents_survive_growth)
{
    struct sbmt_arena arena = {0};
    enum { COUNT = 200, SIZE = 5000 };
    unsigned char *parts[COUNT];
    for (int i = 0; i < COUNT; i++) {
        parts[i] = sbmt_arena_alloc(&arena, SIZE);
        ck_assert_ptr_nonnull(parts[i]);
        memset(parts[i], i, SIZE);
    }
    for (int i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(parts[i][0], (unsigned char)i);
        ck_assert_uint_eq(parts[i][SIZE - 1], (unsigned char)i);
    }
    ck_assert_uint_ge(arena.reserved, (size_t)COUNT * SIZE);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(used_and_peak_count_aligned_bytes)
{
    struct sbmt_arena arena = {0};
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 1));
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 64));
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 65));
    ck_assert_uint_eq(arena.used, 64 + 64 + 128);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&arena);
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 1000));
    sbmt_arena_release(&arena, mark);
    ck_assert_uint_eq(arena.used, 256);
    ck_assert_uint_eq(arena.peak, 256 + 1024);
    sbmt_arena_finish(&arena);
    ck_assert_uint_eq(arena.reserved, 0);
    ck_assert_ptr_null(arena.first);
}
END_TEST

START_TEST(release_gives_the_same_memory_again)
{
    struct sbmt_arena arena = {0};
    char *kept = sbmt_arena_strdup(&arena, "kept");
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&arena);
    void *first = sbmt_arena_alloc(&arena, 1000);
    sbmt_arena_release(&arena, mark);
    ck_assert_ptr_eq(sbmt_arena_alloc(&arena, 1000), first);
    ck_assert_str_eq(kept, "kept");
    sbmt_arena_finish(&arena);
}
END_TEST

/* One round of the nested use that a training step makes of its arenas. */
static void nested_round(struct sbmt_arena *arena)
{
    const struct sbmt_arena_mark outer = sbmt_arena_mark(arena);
    for (size_t layer = 1; layer <= 6; layer++) {
        memset(sbmt_arena_alloc(arena, layer * 30000), 1, layer * 30000);
        const struct sbmt_arena_mark inner = sbmt_arena_mark(arena);
        memset(sbmt_arena_alloc(arena, 400000 / layer), 2, 400000 / layer);
        memset(sbmt_arena_alloc(arena, 100), 3, 100);
        sbmt_arena_release(arena, inner);
    }
    sbmt_arena_release(arena, outer);
}

START_TEST(repeated_work_stops_asking_the_heap)
{
    struct sbmt_arena arena = {0};
    nested_round(&arena);
    const size_t reserved = arena.reserved, peak = arena.peak;
    for (int i = 0; i < 100; i++)
        nested_round(&arena);
    ck_assert_uint_eq(arena.reserved, reserved);
    ck_assert_uint_eq(arena.peak, peak);
    ck_assert_uint_eq(arena.used, 0);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(mark_of_an_empty_arena_releases_all)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&arena);
    sbmt_arena_release(&arena, mark);
    void *first = sbmt_arena_alloc(&arena, 10);
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 1 << 20));
    sbmt_arena_release(&arena, mark);
    ck_assert_uint_eq(arena.used, 0);
    ck_assert_ptr_eq(sbmt_arena_alloc(&arena, 10), first);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(limit_is_an_error_that_says_how_much)
{
    struct sbmt_arena arena = {.limit = 1 << 20};
    struct sbmt_error err = {0};
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 512 * 1024));
    ck_assert(sbmt_arena_check(&arena, "activations", &err));
    ck_assert_ptr_null(sbmt_arena_alloc(&arena, 3 << 20));
    ck_assert_ptr_null(sbmt_arena_alloc(&arena, 7 << 20));
    ck_assert(!sbmt_arena_check(&arena, "activations", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    ck_assert_str_eq(err.message, "activations: 3.0 MiB more do not fit into the limit of 1.0 MiB "
                                  "(0.5 in use)");
    ck_assert_uint_le(arena.reserved, arena.limit);
    /* The failure has been reported; what still fits can be had. */
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 1000));
    ck_assert(sbmt_arena_check(&arena, "activations", &err));
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(limit_can_be_used_up_exactly)
{
    struct sbmt_arena arena = {.limit = 100 * 1024};
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 64 * 1024));
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 36 * 1024));
    ck_assert_uint_eq(arena.reserved, arena.limit);
    ck_assert_ptr_null(sbmt_arena_alloc(&arena, 1));
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(large_blocks_are_not_doubled)
{
    const size_t mebibyte = 1 << 20;
    struct sbmt_arena arena = {0};
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 256 * mebibyte));
    ck_assert_ptr_nonnull(sbmt_arena_alloc(&arena, 64));
    ck_assert_uint_le(arena.reserved, (256 + 64) * mebibyte);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(zalloc_zeroes_reused_memory)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&arena);
    memset(sbmt_arena_alloc(&arena, 4096), 0xFF, 4096);
    sbmt_arena_release(&arena, mark);
    const unsigned char *bytes = sbmt_arena_zalloc(&arena, 1024, 4);
    for (int i = 0; i < 4096; i++)
        ck_assert_uint_eq(bytes[i], 0);
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(overflowing_products_fail)
{
    struct sbmt_arena arena = {0};
    struct sbmt_error err = {0};
    ck_assert_ptr_null(sbmt_arena_zalloc(&arena, SIZE_MAX / 2, 4));
    ck_assert(!sbmt_arena_check(&arena, "table", &err));
    ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
    ck_assert_int_eq(strncmp(err.message, "table: out of memory", 20), 0);
    ck_assert_ptr_null(sbmt_arena_reals(&arena, SIZE_MAX / sizeof(real) + 2));
    ck_assert(!sbmt_arena_check(&arena, "table", NULL));
    ck_assert_ptr_null(sbmt_arena_alloc(&arena, SIZE_MAX - 10));
    ck_assert(!sbmt_arena_check(&arena, "table", &err));
    ck_assert_uint_eq(arena.reserved, 0);
    ck_assert_ptr_nonnull(sbmt_arena_zalloc(&arena, 0, 8));
    ck_assert_ptr_nonnull(sbmt_arena_zalloc(&arena, 8, 0));
    sbmt_arena_finish(&arena);
}
END_TEST

SBMT_SUITE_MAIN("arena", allocations_are_aligned_and_apart, contents_survive_growth,
                used_and_peak_count_aligned_bytes, release_gives_the_same_memory_again,
                repeated_work_stops_asking_the_heap, mark_of_an_empty_arena_releases_all,
                limit_is_an_error_that_says_how_much, limit_can_be_used_up_exactly,
                large_blocks_are_not_doubled, zalloc_zeroes_reused_memory,
                overflowing_products_fail)
