/* Rows drawn by bounds of the probabilities have the edges that the probabilities give, and bounds
 * hold. */
#include <string.h>

#include "core/graph/scan.h"
#include "core/kernels/kernels.h"
#include "tests/suite.h"

enum { ROWS = 24, COLUMNS = 333, K = 40, WIDTH = 48, WORDS = (COLUMNS + 31) / 32 };

/* A law whose weights vary around ½ by up to `spread`. */
struct world {
    float row[ROWS * WIDTH], column[COLUMNS * WIDTH];
    struct sbmt_edge_law law;
    struct sbmt_arena arena;
    struct sbmt_scan scan;
};

static float around(uint32_t row, uint32_t index, float spread)
{
    const uint32_t bits = sbmt_rng_bits((struct sbmt_rng_key){{7, 8}}, row, index);
    return 0.5F + spread * (sbmt_rng_unit(bits) - 0.5F);
}

static void world_init(struct world *world, float spread, float scale)
{
    memset(world, 0, sizeof *world);
    for (uint32_t i = 0; i < ROWS; i++)
        for (uint32_t v = 0; v < K; v++)
            world->row[i * WIDTH + v] = scale * around(i, v, spread) / K;
    for (uint32_t j = 0; j < COLUMNS; j++)
        for (uint32_t v = 0; v < K; v++)
            world->column[j * WIDTH + v] = around(1000 + j, v, spread);
    world->law = (struct sbmt_edge_law){
        .rows = ROWS,
        .columns = COLUMNS,
        .clusters = K,
        .width = WIDTH,
        .row_weight = world->row,
        .column_weight = world->column,
        .shift = 0.01F,
    };
    struct sbmt_edge_sums sums;
    ck_assert(sbmt_edge_sums_init(&sums, &world->law, &world->arena) &&
              sbmt_scan_init(&world->scan, &world->law, &sums, sbmt_kernels_get(NULL, NULL),
                             (struct sbmt_rng_key){{3, 4}}, &world->arena));
}

static float product(const struct world *world, int i, int j)
{
    float p = 0;
    for (int v = 0; v < K; v++)
        p += world->row[i * WIDTH + v] * world->column[j * WIDTH + v];
    return p;
}

/* How widely the weights vary, and the mean probability's factor: 0.25·scale. */
static const struct {
    float spread, scale;
} cases[] = {{0, 1}, {0.02F, 1}, {0.1F, 0.1F}, {0.9F, 1}, {0.9F, 3}, {0.1F, 8}};

START_TEST(bounds_hold)
{
    struct world world;
    world_init(&world, cases[_i].spread, cases[_i].scale);
    for (int i = 0; i < ROWS; i++) {
        const struct sbmt_scan_bounds bounds = sbmt_scan_bounds_of(&world.scan, i);
        for (int j = 0; j < COLUMNS; j++) {
            const float p = product(&world, i, j) + world.law.shift;
            const float at = bounds.scale * world.scan.along[j];
            ck_assert_msg(at + bounds.low <= p && p <= at + bounds.high,
                          "row %d, column %d: %g is not within %g, %g", i, j, (double)p,
                          (double)(at + bounds.low), (double)(at + bounds.high));
        }
    }
    sbmt_arena_finish(&world.arena);
}
END_TEST

START_TEST(bounds_and_probabilities_give_the_same_edges)
{
    struct world world;
    int total = 0;
    world_init(&world, cases[_i].spread, cases[_i].scale);
    for (int i = 0; i < ROWS; i++) {
        float probability[COLUMNS];
        uint32_t found[WORDS], expected[WORDS];
        for (int j = 0; j < COLUMNS; j++)
            probability[j] = product(&world, i, j);
        const int count = sbmt_scan_row(&world.scan, i, sbmt_scan_bounds_of(&world.scan, i), found);
        ck_assert_int_eq(count, sbmt_scan_row_given(&world.scan, i, probability, expected));
        ck_assert(memcmp(found, expected, sizeof found) == 0);
        total += count;
    }
    ck_assert_int_gt(total, 0);
    sbmt_arena_finish(&world.arena);
}
END_TEST

START_TEST(probabilities_of_one_and_none_are_exact)
{
    struct world world;
    uint32_t edges[WORDS];
    world_init(&world, 0, 0);
    world.law.shift = 1;
    ck_assert_int_eq(sbmt_scan_row(&world.scan, 0, sbmt_scan_bounds_of(&world.scan, 0), edges),
                     COLUMNS);
    world.law.shift = 0;
    ck_assert_int_eq(sbmt_scan_row(&world.scan, 0, sbmt_scan_bounds_of(&world.scan, 0), edges), 0);
    sbmt_arena_finish(&world.arena);
}
END_TEST

int main(void)
{
    enum { CASES = sizeof cases / sizeof cases[0] };
    const struct sbmt_suite_loop tests[] = {
        {bounds_hold, CASES},
        {bounds_and_probabilities_give_the_same_edges, CASES},
        {probabilities_of_one_and_none_are_exact, 1},
    };
    return sbmt_suite_run_loops("scan", tests, (int)(sizeof tests / sizeof tests[0]));
}
