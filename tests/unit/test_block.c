/* Blocks of graphs that have a structure: every edge comes once, products are right, and what is
 * empty costs nothing. (test_graph.c has graphs without.) */
#include <stdlib.h>
#include <string.h>

#include "core/graph/block.h"
#include "tests/suite.h"

enum { ROWS = 700, COLUMNS = 900, D = 12 };

static bool is_band(int i, int j)
{
    return abs(i - j) <= 100;
}

static bool is_band_with_global(int i, int j)
{
    return abs(i - j) <= 30 || i == 0 || j == 0;
}

static bool is_blocks(int i, int j)
{
    return (i / 64 + 2 * (j / 64)) % 5 == 0;
}

static bool is_band_in_parts(int i, int j)
{
    return i % 300 > 200 && abs(i - j) <= 60;
}

static bool is_scattered(int i, int j)
{
    return (7 * i + 11 * j) % 97 == 0;
}

static bool is_last_key(int i, int j)
{
    return i == 130 && j == COLUMNS - 1;
}

static bool is_nothing(int i, int j)
{
    return i < 0 && j < 0;
}

static bool (*const shapes[])(int i, int j) = {
    is_band,      is_band_with_global, is_blocks,  is_band_in_parts,
    is_scattered, is_last_key,         is_nothing,
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static struct sbmt_graph graph_of(bool (*has)(int i, int j), int rows, int columns,
                                  struct sbmt_arena *arena)
{
    int64_t count = 0;
    int64_t *offset = sbmt_arena_zalloc(arena, (size_t)rows + 1, sizeof *offset);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            count += has(i, j);
    int32_t *column = sbmt_arena_alloc(arena, (size_t)count * sizeof *column);
    for (int i = 0; i < rows; i++) {
        offset[i + 1] = offset[i];
        for (int j = 0; j < columns; j++)
            if (has(i, j))
                column[offset[i + 1]++] = j;
    }
    return (struct sbmt_graph){
        .rows = rows, .columns = columns, .offset = offset, .column = column};
}

static void begin(struct sbmt_block_walk *walk, const struct sbmt_graph *graph,
                  struct sbmt_arena *arena)
{
    ck_assert(sbmt_block_walk_init(walk, graph, sbmt_kernels_get(NULL, NULL), true, arena));
}

START_TEST(every_edge_comes_once)
{
    static char seen[ROWS * COLUMNS];
    struct sbmt_arena arena = {0};
    const struct sbmt_graph graph = graph_of(shapes[_i], ROWS, COLUMNS, &arena);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    memset(seen, 0, sizeof seen);
    begin(&walk, &graph, &arena);
    while (sbmt_block_next(&walk, &block)) {
        ck_assert_int_le(block.edges, walk.most_edges);
        for (int i = 0; i < block.rows; i++) {
            int count;
            const int32_t *column = sbmt_block_row(&block, i, &count);
            for (int e = 0; e < count; e++) {
                ck_assert(column[e] >= block.first_key);
                ck_assert(column[e] < block.first_key + block.keys);
                seen[(block.first + i) * COLUMNS + column[e]]++;
            }
        }
    }
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            ck_assert_int_eq(seen[i * COLUMNS + j], shapes[_i](i, j));
    sbmt_arena_finish(&arena);
}
END_TEST

static float number(int row, int column)
{
    return sbmt_rng_unit(
               sbmt_rng_bits((struct sbmt_rng_key){{5, 6}}, (uint32_t)row, (uint32_t)column)) -
           0.5F;
}

/* Largest difference between rows of x (n, D) and the sums over edges Σ w·y, w = a_i·b_j/2, where
 * the row of y is the edge's other end. */
static double difference(bool (*has)(int i, int j), bool by_key, const float *a, const float *b,
                         const float *x)
{
    double largest = 0;
    for (int row = 0; row < (by_key ? COLUMNS : ROWS); row++) {
        double sum[D] = {0};
        for (int other = 0; other < (by_key ? ROWS : COLUMNS); other++) {
            const int i = by_key ? other : row, j = by_key ? row : other;
            double weight = 0;
            if (!has(i, j))
                continue;
            for (int t = 0; t < D; t++)
                weight += 0.5 * (double)a[i * D + t] * (double)b[j * D + t];
            for (int t = 0; t < D; t++)
                sum[t] += weight * (double)(by_key ? a : b)[other * D + t];
        }
        for (int t = 0; t < D; t++) {
            const double off = (double)x[row * D + t] - sum[t];
            largest = off > largest ? off : -off > largest ? -off : largest;
        }
    }
    return largest;
}

START_TEST(products_are_sums_over_edges)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_graph graph = graph_of(shapes[_i], ROWS, COLUMNS, &arena);
    float *a = sbmt_arena_reals(&arena, ROWS * D), *b = sbmt_arena_reals(&arena, COLUMNS * D);
    float *to_rows = sbmt_arena_zalloc(&arena, ROWS * D, sizeof *to_rows);
    float *to_keys = sbmt_arena_zalloc(&arena, COLUMNS * D, sizeof *to_keys);
    for (int i = 0; i < ROWS * D; i++)
        a[i] = number(1, i);
    for (int j = 0; j < COLUMNS * D; j++)
        b[j] = number(2, j);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    begin(&walk, &graph, &arena);
    float *weight = sbmt_arena_reals(&arena, (size_t)walk.most_edges + 16);
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_dot(&block, D, a, D, b, D, 0.5F, weight);
        sbmt_block_turn(&walk, &block);
        sbmt_block_gather(&block, D, weight, b, D, to_rows, D);
        sbmt_block_gather_turned(&block, D, weight, a, D, to_keys, D);
    }
    ck_assert_double_lt(difference(shapes[_i], false, a, b, to_rows), 2e-5);
    ck_assert_double_lt(difference(shapes[_i], true, a, b, to_keys), 2e-5);
    sbmt_arena_finish(&arena);
}
END_TEST

/* What a walk does: rows of blocks, edges, and edges in dense blocks. */
struct work {
    int64_t rows, edges, dense;
};

static struct work work_of(bool (*has)(int i, int j), int n)
{
    struct sbmt_arena arena = {0};
    const struct sbmt_graph graph = graph_of(has, n, n, &arena);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    struct work work = {0};
    begin(&walk, &graph, &arena);
    while (sbmt_block_next(&walk, &block)) {
        work.rows += block.rows;
        work.edges += block.edges;
        work.dense += block.dense != NULL ? block.edges : 0;
    }
    sbmt_arena_finish(&arena);
    return work;
}

/* The rows of a band that are looked at grow with the length, not with its square. */
START_TEST(rows_without_edges_are_passed_over)
{
    ck_assert_int_lt(work_of(is_band, 1024).rows, 7 * 1024);
    ck_assert_int_lt(work_of(is_band, 4096).rows, 7 * 4096);
    ck_assert_int_eq(work_of(is_nothing, 1024).rows, 0);
    ck_assert_int_lt(work_of(is_last_key, 1024).rows, 65);
}
END_TEST

START_TEST(full_pieces_go_by_matrices)
{
    const struct work band = work_of(is_band, 4096), blocks = work_of(is_blocks, 4096);
    const struct work scattered = work_of(is_scattered, 4096);
    ck_assert_double_gt((double)band.dense, 0.8 * (double)band.edges);
    ck_assert_int_eq(blocks.dense, blocks.edges);
    ck_assert_int_eq(scattered.dense, 0);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {every_edge_comes_once, SHAPES},
        {products_are_sums_over_edges, SHAPES},
        {rows_without_edges_are_passed_over, 1},
        {full_pieces_go_by_matrices, 1},
    };
    return sbmt_suite_run_loops("block", tests, (int)(sizeof tests / sizeof tests[0]));
}
