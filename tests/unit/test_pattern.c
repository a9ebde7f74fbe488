/* The patterns of hand-crafted kinds, read off their outputs: with equal scores and the identity as
 * values, row i of the output has 1/(keys of query i) at each of its keys. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"
#include "tests/suite.h"

enum { LONGEST = 60 };

struct world {
    const struct sbmt_attention_ops *ops;
    struct sbmt_arena arena, saved, scratch;
    void *config;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    int head;
    bool has[LONGEST][LONGEST]; /* what mask() found */
};

static void world_init(struct world *world, const char *kind)
{
    memset(world, 0, sizeof *world);
    world->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, kind));
    ck_assert_ptr_nonnull(world->ops);
    world->config = sbmt_arena_zalloc(&world->arena, 1, world->ops->variant.config_size);
    sbmt_fields_defaults(world->ops->variant.fields, world->config, &world->arena);
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .seed = 3,
    };
}

static void world_finish(struct world *world)
{
    sbmt_arena_finish(&world->arena);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

static void set(struct world *world, const char *key, int value)
{
    const struct sbmt_field *field = sbmt_field_find(world->ops->variant.fields, key);
    ck_assert_ptr_nonnull(field);
    memcpy((char *)world->config + field->offset, &value, sizeof value);
}

static bool forward(struct world *world, int n, const float *q, const float *v, float *out,
                    struct sbmt_error *err)
{
    const struct sbmt_head head = {
        .index = world->head, .n = n, .d = n, .stride = n, .q = q, .k = q, .v = v};
    void *saved;
    return world->ops->forward(world->config, NULL, &head, &world->pass, &saved, out, err);
}

/* Finds which keys the queries of n tokens have. */
static void mask(struct world *world, int n)
{
    static const float zero[LONGEST * LONGEST];
    static float identity[LONGEST * LONGEST], out[LONGEST * LONGEST];
    struct sbmt_error err = {0};
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            identity[i * n + j] = i == j ? 1 : 0;
    world->stats = (struct sbmt_stats){0};
    ck_assert_msg(forward(world, n, zero, identity, out, &err), "%s", err.message);
    ck_assert_uint_eq(world->scratch.used, 0);
    int edges = 0;
    for (int i = 0; i < n; i++) {
        int keys = 0;
        for (int j = 0; j < n; j++)
            keys += world->has[i][j] = out[i * n + j] > 0;
        for (int j = 0; j < n; j++)
            if (world->has[i][j])
                ck_assert_float_eq_tol(out[i * n + j], 1 / (float)keys, 1e-6F);
        edges += keys;
    }
    ck_assert_double_eq_tol(world->stats.edges, edges, 0.5);
    ck_assert_double_eq_tol(world->stats.density, (double)edges / (n * n), 1e-12);
    sbmt_arena_finish(&world->saved);
}

/* Options of a kind, as keys and values, and what they mean for lengths of all sizes. */
struct meaning {
    const char *kind;
    struct {
        const char *key;
        int value;
    } options[5];
    int head;
    bool (*has)(int n, int i, int j);
};

static bool window_of_three(int n, int i, int j)
{
    return n > 0 && abs(i - j) <= 3;
}

static bool own_key(int n, int i, int j)
{
    return n > 0 && i == j;
}

static bool window_and_two_global(int n, int i, int j)
{
    return n > 0 && (abs(i - j) <= 3 || i < 2 || j < 2);
}

static bool near_stride(int n, int i, int j)
{
    return n > 0 && abs(i - j) <= 5;
}

static bool at_strides(int n, int i, int j)
{
    return n > 0 && abs(i - j) % 5 == 0;
}

static bool near_or_at_strides(int n, int i, int j)
{
    return near_stride(n, i, j) || at_strides(n, i, j);
}

static bool own_block(int n, int i, int j)
{
    return n > 0 && i / 5 == j / 5;
}

static bool summaries(int n, int i, int j)
{
    const int next = (j / 5 + 1) * 5, end = next < n ? next : n;
    return i >= 0 && j >= end - 2;
}

static bool own_block_or_summaries(int n, int i, int j)
{
    return own_block(n, i, j) || summaries(n, i, j);
}

static bool blocks_with_ends(int n, int i, int j)
{
    const int a = i / 4, b = j / 4, last = (n - 1) / 4;
    return abs(a - b) <= 1 || a == 0 || b == 0 || a == last || b == last;
}

enum { FIXED = 1, SPLIT = 1 };

static const struct meaning meanings[] = {
    {"local", {{"window", 3}}, 0, window_of_three},
    {"local", {{"window", 0}}, 0, own_key},
    {"longformer", {{"window", 6}, {"global", 2}}, 0, window_and_two_global},
    {"longformer", {{"window", 6}, {"global", 0}}, 0, window_of_three},
    {"bigbird", {{"block", 4}, {"random", 0}}, 0, blocks_with_ends},
    {"sparse-transformer", {{"stride", 5}}, 1, near_or_at_strides},
    {"sparse-transformer", {{"stride", 5}, {"heads", SPLIT}}, 0, near_stride},
    {"sparse-transformer", {{"stride", 5}, {"heads", SPLIT}}, 3, at_strides},
    {"sparse-transformer",
     {{"pattern", FIXED}, {"stride", 5}, {"summaries", 2}},
     1,
     own_block_or_summaries},
    {"sparse-transformer",
     {{"pattern", FIXED}, {"stride", 5}, {"summaries", 2}, {"heads", SPLIT}},
     2,
     own_block},
    {"sparse-transformer",
     {{"pattern", FIXED}, {"stride", 5}, {"summaries", 2}, {"heads", SPLIT}},
     1,
     summaries},
};
enum { MEANINGS = sizeof meanings / sizeof meanings[0] };

START_TEST(patterns_are_what_they_say_at_any_length)
{
    const struct meaning *meaning = &meanings[_i];
    struct world world;
    world_init(&world, meaning->kind);
    for (int o = 0; o < 5 && meaning->options[o].key != NULL; o++)
        set(&world, meaning->options[o].key, meaning->options[o].value);
    world.head = meaning->head;
    for (int n = 1; n <= LONGEST; n++) {
        mask(&world, n);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                ck_assert_msg(world.has[i][j] == meaning->has(n, i, j), "%s, n = %d: (%d, %d)",
                              meaning->kind, n, i, j);
    }
    world_finish(&world);
}
END_TEST

/* Whole blocks, those that each query must have, and as many random ones as there may be. */
START_TEST(bigbird_adds_random_blocks)
{
    enum { BLOCK = 4, RANDOM = 2 };
    struct world world;
    world_init(&world, "bigbird");
    set(&world, "block", BLOCK);
    set(&world, "random", RANDOM);
    for (int n = 1; n <= LONGEST; n++) {
        const int count = (n - 1) / BLOCK + 1;
        mask(&world, n);
        for (int i = 0; i < n; i++) {
            int given = 0, found = 0;
            for (int b = 0; b < count; b++) {
                given += blocks_with_ends(n, i, b * BLOCK);
                found += world.has[i][b * BLOCK];
            }
            for (int j = 0; j < n; j++) {
                ck_assert(world.has[i][j] || !blocks_with_ends(n, i, j));
                ck_assert(world.has[i][j] == world.has[i / BLOCK * BLOCK][j / BLOCK * BLOCK]);
            }
            ck_assert_int_eq(found, given + RANDOM < count ? given + RANDOM : count);
        }
    }
    world_finish(&world);
}
END_TEST

/* Whether the mask is another one than before, which it leaves in `before`. */
static bool changed(struct world *world, int n, bool before[LONGEST][LONGEST])
{
    mask(world, n);
    const bool other = memcmp(before, world->has, sizeof world->has) != 0;
    memcpy(before, world->has, sizeof world->has);
    return other;
}

START_TEST(bigbird_draws_once_or_at_every_step)
{
    static bool before[LONGEST][LONGEST];
    struct world world;
    world_init(&world, "bigbird");
    set(&world, "block", 2);
    for (int redraw = 0; redraw < 2; redraw++) {
        set(&world, "redraw", redraw);
        changed(&world, LONGEST, before);
        ck_assert(!changed(&world, LONGEST, before));
        world.pass.step++;
        ck_assert(changed(&world, LONGEST, before) == (redraw == 1));
        world.pass.sequence++;
        ck_assert(changed(&world, LONGEST, before) == (redraw == 1));
        world.pass.layer++;
        ck_assert(changed(&world, LONGEST, before));
        world.head++;
        ck_assert(changed(&world, LONGEST, before));
        world.pass.seed++;
        ck_assert(changed(&world, LONGEST, before));
    }
    world_finish(&world);
}
END_TEST

/* Every block that a query does not have yet is drawn as often as every other. */
START_TEST(bigbird_draws_evenly)
{
    enum { N = 12, QUERY = 5, DRAWS = 4000, RANDOM = 2, OTHERS = 7 };
    struct world world;
    int drawn[N] = {0};
    world_init(&world, "bigbird");
    set(&world, "block", 1);
    set(&world, "random", RANDOM);
    for (world.head = 0; world.head < DRAWS; world.head++) {
        mask(&world, N);
        for (int j = 0; j < N; j++)
            drawn[j] += world.has[QUERY][j];
    }
    const double p = (double)RANDOM / OTHERS, deviation = sqrt(DRAWS * p * (1 - p));
    for (int j = 0; j < N; j++) {
        const bool given = abs(j - QUERY) <= 1 || j == 0 || j == N - 1;
        ck_assert_double_lt(fabs(drawn[j] - (given ? DRAWS : DRAWS * p)), 4 * deviation);
        ck_assert(!given || drawn[j] == DRAWS);
    }
    world_finish(&world);
}
END_TEST

static const struct {
    const char *kind, *key;
    int value, pattern;
    const char *message; /* NULL: all is well */
} rules[] = {
    {"longformer", "window", 7, 0,
     "window: 7 is odd, but half a window lies on each side; choose an even width"},
    {"longformer", "window", 8, 0, NULL},
    {"bigbird", "window", 4, 0,
     "window: 4 is even, but a query's own block is in the middle; choose an odd number of "
     "blocks"},
    {"bigbird", "window", 5, 0, NULL},
    {"sparse-transformer", "summaries", 5, 0,
     "summaries: pattern: strided has none; choose pattern: fixed or leave them out"},
    {"sparse-transformer", "summaries", 129, FIXED,
     "summaries: 129 are more than the 128 tokens of a block; choose fewer, or a larger stride"},
    {"sparse-transformer", "summaries", 128, FIXED, NULL},
};
enum { RULES = sizeof rules / sizeof rules[0] };

START_TEST(options_that_contradict_are_errors)
{
    struct world world;
    struct sbmt_error err = {0};
    world_init(&world, rules[_i].kind);
    set(&world, rules[_i].key, rules[_i].value);
    if (rules[_i].pattern != 0)
        set(&world, "pattern", rules[_i].pattern);
    ck_assert(world.ops->check(world.config, &err) == (rules[_i].message == NULL));
    if (rules[_i].message != NULL)
        ck_assert_str_eq(err.message, rules[_i].message);
    world_finish(&world);
}
END_TEST

START_TEST(memory_that_is_out_is_an_error)
{
    enum { N = 2000 };
    float *zero = calloc((size_t)N * N, sizeof *zero);
    struct world world;
    world_init(&world, "local");
    for (size_t limit = 1 << 10; limit <= 1 << 20; limit *= 4) {
        struct sbmt_error err = {0};
        world.scratch.limit = limit;
        ck_assert(!forward(&world, N, zero, zero, zero, &err));
        ck_assert_int_eq(err.kind, SBMT_ERROR_MEMORY);
        sbmt_arena_finish(&world.scratch);
    }
    free(zero);
    world_finish(&world);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {patterns_are_what_they_say_at_any_length, MEANINGS},
        {bigbird_adds_random_blocks, 1},
        {bigbird_draws_once_or_at_every_step, 1},
        {bigbird_draws_evenly, 1},
        {options_that_contradict_are_errors, RULES},
        {memory_that_is_out_is_an_error, 1},
    };
    return sbmt_suite_run_loops("pattern", tests, (int)(sizeof tests / sizeof tests[0]));
}
