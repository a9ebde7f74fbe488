/* Hashing by random rotations: tokens by bucket, and near vectors in the same bucket. */
#include <stdlib.h>
#include <string.h>

#include "core/attention/hashing.h"
#include "tests/suite.h"

enum { N = 240, D = 12, STRIDE = 15, BUCKETS = 8 };

struct world {
    real x[N * STRIDE];
    struct sbmt_arena scratch;
    struct sbmt_hashing hashing;
};

/* Vector i is that of i % directions, a little longer with every repetition. */
static void world_init(struct world *world, int directions)
{
    memset(world, 0, sizeof *world);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < D; j++)
            world->x[i * STRIDE + j] = SBMT_R(
                (1 + i / directions) * sbmt_rng_normal((struct sbmt_rng_key){{1, 2}},
                                                       (uint32_t)(i % directions), (uint32_t)j));
    world->hashing = (struct sbmt_hashing){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .n = N,
        .d = D,
        .x = {world->x, STRIDE},
        .buckets = BUCKETS,
        .key = {{3, 4}},
    };
}

static void order(struct world *world, int round, int32_t *to)
{
    ck_assert(sbmt_hashing_order(&world->hashing, round, to, &world->scratch));
    ck_assert_uint_eq(world->scratch.used, 0);
}

/* Ascending runs: as many as there are buckets with tokens, at most. */
static int runs(const int32_t *token)
{
    int count = 1;
    for (int i = 1; i < N; i++)
        count += token[i] < token[i - 1];
    return count;
}

START_TEST(an_order_has_each_token_once)
{
    struct world world;
    int32_t found[2][N];
    world_init(&world, N);
    for (int round = 0; round < 2; round++) {
        bool seen[N] = {false};
        order(&world, round, found[round]);
        for (int i = 0; i < N; i++) {
            ck_assert(found[round][i] >= 0 && found[round][i] < N);
            ck_assert(!seen[found[round][i]]);
            seen[found[round][i]] = true;
        }
        ck_assert_int_gt(runs(found[round]), BUCKETS / 2);
        ck_assert_int_le(runs(found[round]), BUCKETS);
    }
    ck_assert_mem_ne(found[0], found[1], sizeof found[0]);
    sbmt_arena_finish(&world.scratch);
}
END_TEST

/* Length does not matter to a bucket, so all of a direction are in one, in ascending order. */
START_TEST(a_direction_has_one_bucket)
{
    struct world world;
    int32_t found[N];
    world_init(&world, 3);
    order(&world, 0, found);
    ck_assert_int_le(runs(found), 3);
    sbmt_arena_finish(&world.scratch);
}
END_TEST

START_TEST(opposite_vectors_are_apart)
{
    struct world world;
    int32_t found[N];
    world_init(&world, 1);
    for (int i = 0; i < N; i += 2)
        for (int j = 0; j < D; j++)
            world.x[i * STRIDE + j] *= -1;
    order(&world, 0, found);
    ck_assert_int_eq(runs(found), 2);
    for (int i = 1; i < N; i++)
        ck_assert_int_eq(found[i] % 2 == found[i - 1] % 2, i != N / 2);
    sbmt_arena_finish(&world.scratch);
}
END_TEST

SBMT_SUITE_MAIN("hashing", an_order_has_each_token_once, a_direction_has_one_bucket,
                opposite_vectors_are_apart)
