/* Graphs follow the law they name: every edge has its probability, and edges are independent. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/graph/block.h"
#include "core/graph/draw.h"
#include "core/kernels/kernels.h"
#include "tests/suite.h"

enum { N = 37, K = 5, WIDTH = 7, DRAWS = SBMT_SUITE_SANITIZED ? 4000 : 20000 };

/* A law from memberships Y (row), Z (column) and a block matrix B that is not symmetric. */
struct world {
    float member[N * WIDTH], mixed[N * WIDTH], column[N * WIDTH];
    float block[K * K];
    struct sbmt_edge_law law;
    struct sbmt_arena saved, scratch;
    struct sbmt_pass pass;
};

static double unit(uint32_t row, uint32_t index)
{
    return sbmt_rng_unit(sbmt_rng_bits((struct sbmt_rng_key){{77, 78}}, row, index));
}

static void world_init(struct world *world, double shift, double scale,
                       enum sbmt_edge_method method)
{
    memset(world, 0, sizeof *world);
    double sum = 0;
    for (uint32_t e = 0; e < K * K; e++) {
        world->block[e] = (float)pow(unit(0, e), 3);
        sum += (double)world->block[e];
    }
    for (int e = 0; e < K * K; e++)
        world->block[e] = (float)(scale * (double)world->block[e] / sum);
    for (uint32_t i = 0; i < N; i++)
        for (uint32_t v = 0; v < K; v++) {
            world->member[i * WIDTH + v] = (float)pow(unit(1 + i, v), 2);
            world->column[i * WIDTH + v] = (float)pow(unit(100 + i, v), 2);
        }
    for (int i = 0; i < N; i++)
        for (int w = 0; w < K; w++)
            for (int v = 0; v < K; v++)
                world->mixed[i * WIDTH + w] += world->member[i * WIDTH + v] *
                                               world->block[v * K + w];
    world->law = (struct sbmt_edge_law){
        .rows = N,
        .columns = N,
        .clusters = K,
        .width = WIDTH,
        .row_weight = world->mixed,
        .column_weight = world->column,
        .shift = (float)shift,
        .method = method,
    };
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .saved = &world->saved,
        .scratch = &world->scratch,
        .seed = 5,
    };
}

static void world_finish(struct world *world)
{
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

/* The probability of an edge in double: of one at least where edges are parallel. */
static double probability(const struct world *world, int i, int j)
{
    double p = (double)world->law.shift;
    for (int v = 0; v < K; v++)
        p += (double)world->mixed[i * WIDTH + v] * (double)world->column[j * WIDTH + v];
    if (world->law.kind != SBMT_EDGES_BERNOULLI)
        return 1 - exp(-p);
    return p < 1 ? p : 1;
}

/* A draw of `law` as a 0/1 matrix. */
static void draw(struct world *world, const struct sbmt_edge_law *law, uint32_t step, char *edge)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&world->saved);
    struct sbmt_graph graph;
    struct sbmt_error err = {0};
    world->pass.step = step;
    ck_assert_msg(sbmt_graph_draw(law, &world->pass, 1, &graph, &err), "%s", err.message);
    memset(edge, 0, N * N);
    bool ascending = true;
    for (int i = 0; i < N; i++) {
        int32_t columns[N];
        const int count = sbmt_graph_row(&graph, i, columns);
        for (int e = 0; e < count; e++) {
            ascending &= columns[e] > (e == 0 ? -1 : columns[e - 1]) && columns[e] < N;
            edge[i * N + columns[e]] = 1;
        }
    }
    ck_assert(ascending);
    sbmt_arena_release(&world->saved, mark);
}

/* Counts of how often an edge, a pair of edges in a row and a pair in a column were drawn. */
struct counts {
    int edge[N * N], in_row[N * N], in_column[N * N];
    double row_degree_square[N];
};

static void count_draws(struct world *world, const struct sbmt_edge_law *law, struct counts *counts)
{
    char edge[N * N];
    memset(counts, 0, sizeof *counts);
    for (uint32_t s = 0; s < DRAWS; s++) {
        draw(world, law, s, edge);
        for (int i = 0; i < N; i++) {
            int degree = 0;
            for (int j = 0; j < N; j++) {
                counts->edge[i * N + j] += edge[i * N + j];
                counts->in_row[i * N + j] += edge[i * N + j] & edge[i * N + (j + 1) % N];
                counts->in_column[i * N + j] += edge[i * N + j] & edge[(i + 1) % N * N + j];
                degree += edge[i * N + j];
            }
            counts->row_degree_square[i] += (double)degree * degree;
        }
    }
}

/* (χ² − degrees of freedom)/√(2·degrees): a standard normal when counts are binomial with
 * `expected` probabilities. */
static double excess(const int *count, const double *expected)
{
    double chi_square = 0;
    int cells = 0;
    for (int e = 0; e < N * N; e++) {
        const double mean = DRAWS * expected[e], variance = mean * (1 - expected[e]);
        if (variance < 5)
            continue;
        chi_square += (count[e] - mean) * (count[e] - mean) / variance;
        cells++;
    }
    ck_assert_int_gt(cells, N * N / 2);
    return (chi_square - cells) / sqrt(2.0 * cells);
}

static double edge_excess(const struct world *world, const struct counts *counts)
{
    double expected[N * N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            expected[i * N + j] = probability(world, i, j);
    return excess(counts->edge, expected);
}

/* What can be drawn, and how. */
static const struct {
    const char *name;
    enum sbmt_edge_kind kind;
    enum sbmt_edge_method method;
} ways[] = {
    {"tiles", SBMT_EDGES_BERNOULLI, SBMT_DRAW_TILES},
    {"skips", SBMT_EDGES_BERNOULLI, SBMT_DRAW_SKIPS},
    {"process", SBMT_EDGES_BERNOULLI, SBMT_DRAW_PROCESS},
    {"poisson", SBMT_EDGES_POISSON, SBMT_DRAW_CHEAPEST},
    {"poisson-simple", SBMT_EDGES_POISSON_SIMPLE, SBMT_DRAW_CHEAPEST},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

START_TEST(every_edge_has_its_probability)
{
    struct world world;
    static struct counts counts;
    world_init(&world, 0.01, 4, ways[_i].method);
    world.law.kind = ways[_i].kind;
    count_draws(&world, &world.law, &counts);
    const double found = edge_excess(&world, &counts);
    ck_assert_msg(fabs(found) < 4, "%s: %.1f deviations", ways[_i].name, found);
    world_finish(&world);
}
END_TEST

/* Small rates, where tables, thinning and rounding have other proportions. */
START_TEST(sparse_graphs_have_their_probabilities)
{
    struct world world;
    static struct counts counts;
    world_init(&world, 0.002, 0.3, ways[_i].method);
    world.law.kind = ways[_i].kind;
    count_draws(&world, &world.law, &counts);
    const double found = edge_excess(&world, &counts);
    ck_assert_msg(fabs(found) < 4, "%s: %.1f deviations", ways[_i].name, found);
    world_finish(&world);
}
END_TEST

START_TEST(edges_are_independent)
{
    struct world world;
    static struct counts counts;
    world_init(&world, 0.01, 4, ways[_i].method);
    world.law.kind = ways[_i].kind;
    count_draws(&world, &world.law, &counts);
    double in_row[N * N], in_column[N * N];
    for (int i = 0; i < N; i++) {
        double mean = 0, variance = 0;
        for (int j = 0; j < N; j++) {
            const double p = probability(&world, i, j);
            in_row[i * N + j] = p * probability(&world, i, (j + 1) % N);
            in_column[i * N + j] = p * probability(&world, (i + 1) % N, j);
            mean += p;
            variance += p * (1 - p);
        }
        /* The variance of a row's degree is that of independent edges, to 6 standard errors. */
        const double found = counts.row_degree_square[i] / DRAWS - mean * mean;
        const double error = sqrt(2.0 / DRAWS) * variance + 2 * mean * sqrt(variance / DRAWS);
        ck_assert_double_lt(fabs(found - variance), 6 * error);
    }
    ck_assert_double_lt(fabs(excess(counts.in_row, in_row)), 5);
    ck_assert_double_lt(fabs(excess(counts.in_column, in_column)), 5);
    world_finish(&world);
}
END_TEST

/* Both methods draw the same law: the difference of their counts is that of two samples. */
START_TEST(methods_cannot_be_told_apart)
{
    static const enum sbmt_edge_method methods[] = {SBMT_DRAW_SKIPS, SBMT_DRAW_PROCESS};
    struct world tiles, other;
    static struct counts by_tiles, by_other;
    world_init(&tiles, 0.01, 1.5, SBMT_DRAW_TILES);
    world_init(&other, 0.01, 1.5, methods[_i]);
    count_draws(&tiles, &tiles.law, &by_tiles);
    other.pass.seed = 6;
    count_draws(&other, &other.law, &by_other);
    double chi_square = 0;
    int cells = 0;
    for (int e = 0; e < N * N; e++) {
        const double sum = by_tiles.edge[e] + by_other.edge[e];
        const double difference = by_tiles.edge[e] - by_other.edge[e];
        const double share = sum / (2 * DRAWS);
        if (sum * (1 - share) < 10)
            continue;
        chi_square += difference * difference / (sum * (1 - share));
        cells++;
    }
    ck_assert_double_lt(fabs(chi_square - cells) / sqrt(2.0 * cells), 4);
    world_finish(&tiles);
    world_finish(&other);
}
END_TEST

/* The published samplers pair the ends of an edge wrongly, which a symmetric B hides. Here B is not
 * symmetric: a sampler that uses Bᵀ must stand out. */
START_TEST(wrongly_paired_ends_are_caught)
{
    struct world world, wrong;
    static struct counts counts;
    world_init(&world, 0.01, 4, ways[_i].method);
    world_init(&wrong, 0.01, 4, ways[_i].method);
    world.law.kind = wrong.law.kind = ways[_i].kind;
    memset(wrong.mixed, 0, sizeof wrong.mixed);
    for (int i = 0; i < N; i++)
        for (int w = 0; w < K; w++)
            for (int v = 0; v < K; v++)
                wrong.mixed[i * WIDTH + w] += wrong.member[i * WIDTH + v] * wrong.block[w * K + v];
    count_draws(&wrong, &wrong.law, &counts);
    ck_assert_double_gt(edge_excess(&world, &counts), 100);
    world_finish(&world);
    world_finish(&wrong);
}
END_TEST

/* Parallel edges are Poisson: mean and variance of the multiplicities are both P. */
START_TEST(parallel_edges_are_poisson)
{
    struct world world;
    static double sum[N * N], square[N * N];
    world_init(&world, 0.05, 10, SBMT_DRAW_CHEAPEST);
    world.law.kind = SBMT_EDGES_POISSON;
    for (uint32_t s = 0; s < DRAWS; s++) {
        const struct sbmt_arena_mark mark = sbmt_arena_mark(&world.saved);
        struct sbmt_graph graph;
        struct sbmt_error err = {0};
        world.pass.step = s;
        ck_assert(sbmt_graph_draw(&world.law, &world.pass, 1, &graph, &err));
        for (int i = 0; i < N; i++) {
            int32_t columns[N];
            const int count = sbmt_graph_row(&graph, i, columns);
            for (int e = 0; e < count; e++) {
                const double times = (double)graph.weight[graph.offset[i] + e];
                sum[i * N + columns[e]] += times;
                square[i * N + columns[e]] += times * times;
            }
        }
        sbmt_arena_release(&world.saved, mark);
    }
    world.law.kind = SBMT_EDGES_BERNOULLI;
    double chi_square = 0, dispersion = 0;
    for (int e = 0; e < N * N; e++) {
        double rate = (double)world.law.shift;
        for (int v = 0; v < K; v++)
            rate += (double)world.mixed[e / N * WIDTH + v] *
                    (double)world.column[e % N * WIDTH + v];
        const double mean = sum[e] / DRAWS;
        chi_square += (mean - rate) * (mean - rate) * DRAWS / rate;
        dispersion += (square[e] / DRAWS - mean * mean) / rate / (N * N);
    }
    ck_assert_double_lt(fabs(chi_square - N * N) / sqrt(2.0 * N * N), 4);
    ck_assert_double_lt(fabs(dispersion - 1), 0.01);
    world_finish(&world);
}
END_TEST

START_TEST(certain_and_impossible_edges)
{
    struct world world;
    char edge[N * N];
    world_init(&world, 1, 4, ways[_i].method);
    draw(&world, &world.law, 0, edge);
    for (int e = 0; e < N * N; e++)
        ck_assert_int_eq(edge[e], 1);
    world_finish(&world);
    world_init(&world, 0, 0, ways[_i].method);
    draw(&world, &world.law, 0, edge);
    for (int e = 0; e < N * N; e++)
        ck_assert_int_eq(edge[e], 0);
    world_finish(&world);
}
END_TEST

START_TEST(draws_depend_on_the_key_alone)
{
    struct world world;
    char first[N * N], second[N * N];
    world_init(&world, 0.01, 4, ways[_i].method);
    world.law.kind = ways[_i].kind;
    draw(&world, &world.law, 3, first);
    draw(&world, &world.law, 3, second);
    ck_assert_mem_eq(first, second, sizeof first);
    draw(&world, &world.law, 4, second);
    ck_assert(memcmp(first, second, sizeof first) != 0);
    world.pass.layer = 1;
    draw(&world, &world.law, 3, second);
    ck_assert(memcmp(first, second, sizeof first) != 0);
    world_finish(&world);
}
END_TEST

/* The same rows in a graph of fewer rows: what a row draws depends on itself alone. */
START_TEST(a_row_owns_its_numbers)
{
    struct world world;
    world_init(&world, 0.01, 4, ways[_i].method);
    world.law.kind = ways[_i].kind;
    struct sbmt_graph all, some;
    struct sbmt_error err = {0};
    struct sbmt_edge_law part = world.law;
    part.rows = 11;
    ck_assert(sbmt_graph_draw(&world.law, &world.pass, 0, &all, &err));
    ck_assert(sbmt_graph_draw(&part, &world.pass, 0, &some, &err));
    ck_assert_mem_eq(all.offset, some.offset, 12 * sizeof *all.offset);
    for (int i = 0; i < part.rows; i++) {
        int32_t column[N], other[N];
        const int count = sbmt_graph_row(&all, i, column);
        ck_assert_int_eq(sbmt_graph_row(&some, i, other), count);
        ck_assert(memcmp(column, other, (size_t)count * sizeof *column) == 0);
    }
    world_finish(&world);
}
END_TEST

/* The same edges as bits. */
static struct sbmt_graph as_bits(const struct sbmt_graph *list, struct sbmt_arena *arena)
{
    struct sbmt_graph graph = *list;
    const size_t words = (size_t)sbmt_graph_words(list->columns);
    uint32_t *bits = sbmt_arena_zalloc(arena, (size_t)list->rows * words, sizeof *bits);
    for (int i = 0; i < list->rows; i++)
        for (int64_t e = list->offset[i]; e < list->offset[i + 1]; e++)
            bits[(size_t)i * words + (size_t)(list->column[e] / 32)] |= 1U << list->column[e] % 32;
    graph.column = NULL;
    graph.bits = bits;
    graph.words = (int)words;
    return graph;
}

enum { ROWS = 300, COLUMNS = 700, D = 100, NARROW = 60, EMPTY = 5 };

/* What is multiplied, and the sums over edges that come of it. */
struct products {
    float *a, *b;             /* (ROWS, D), (COLUMNS, D) */
    float *to_rows, *to_keys; /* the same shapes */
    double total;             /* of products with b moved by one */
};

static void products_init(struct products *products, struct sbmt_arena *arena)
{
    products->a = sbmt_arena_reals(arena, ROWS * D);
    products->b = sbmt_arena_reals(arena, COLUMNS * D);
    products->to_rows = sbmt_arena_zalloc(arena, ROWS * D, sizeof(float));
    products->to_keys = sbmt_arena_zalloc(arena, COLUMNS * D, sizeof(float));
    products->total = 0;
    for (uint32_t i = 0; i < ROWS * D; i++)
        products->a[i] = (float)unit(9, i) - 0.5F;
    for (uint32_t i = 0; i < COLUMNS * D; i++)
        products->b[i] = (float)unit(10, i) - 0.5F;
}

/* Rows of some density, but for one that is empty. */
static struct sbmt_graph scattered_graph(double density, struct sbmt_arena *arena)
{
    int64_t *offset = sbmt_arena_zalloc(arena, ROWS + 1, sizeof *offset);
    int32_t *column = sbmt_arena_alloc(arena, sizeof *column * ROWS * COLUMNS);
    for (int i = 0; i < ROWS; i++) {
        int64_t e = offset[i];
        for (int j = 0; j < COLUMNS; j++)
            if (i != EMPTY && unit(1000 + (uint32_t)i, (uint32_t)j) < density)
                column[e++] = j;
        offset[i + 1] = e;
    }
    return (struct sbmt_graph){
        .rows = ROWS, .columns = COLUMNS, .offset = offset, .column = column};
}

static void multiply(const struct sbmt_graph *graph, struct products *products,
                     struct sbmt_arena *arena)
{
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    const float *a = products->a, *b = products->b;
    ck_assert(sbmt_block_walk_init(&walk, graph, sbmt_kernels_get(NULL, NULL), true, arena));
    float *weight = sbmt_arena_reals(arena, (size_t)walk.most_edges + 16);
    float *other = sbmt_arena_reals(arena, (size_t)walk.most_edges + 16);
    int64_t edges = 0;
    while (sbmt_block_next(&walk, &block)) {
        ck_assert_int_le(block.edges, walk.most_edges);
        edges += block.edges;
        sbmt_block_dot(&block, NARROW, a, D, b, D, 0.5F, weight);
        sbmt_block_dot(&block, NARROW, a, D, b + 1, D, 1, other);
        sbmt_block_dot(&block, NARROW, a, D, b, D, 0.5F, weight);
        for (int e = 0; e < block.edges; e++)
            products->total += (double)other[e];
        sbmt_block_turn(&walk, &block);
        sbmt_block_gather(&block, D, weight, b, D, products->to_rows, D);
        sbmt_block_gather_turned(&block, D, weight, a, D, products->to_keys, D);
    }
    ck_assert_int_eq(edges, sbmt_graph_edges(graph));
}

/* Plain loops, in double: the total, and one row and one key of the sums. */
static void expect_products(const struct sbmt_graph *listed, const struct products *products)
{
    const float *a = products->a, *b = products->b;
    const int row = 123, key = 456;
    double total = 0, to_row[D] = {0}, to_key[D] = {0};
    for (int i = 0; i < ROWS; i++)
        for (int64_t e = listed->offset[i]; e < listed->offset[i + 1]; e++) {
            const float *query = a + i * D, *other = b + listed->column[e] * D;
            double w = 0;
            for (int j = 0; j < NARROW; j++) {
                w += 0.5 * (double)query[j] * (double)other[j];
                total += (double)query[j] * (double)other[j + 1];
            }
            for (int j = 0; j < D; j++) {
                to_row[j] += i == row ? w * (double)other[j] : 0;
                to_key[j] += listed->column[e] == key ? w * (double)query[j] : 0;
            }
        }
    ck_assert_double_eq_tol(products->total, total, 1e-3);
    for (int j = 0; j < D; j++) {
        ck_assert_double_eq_tol((double)products->to_rows[row * D + j], to_row[j], 2e-5);
        ck_assert_double_eq_tol((double)products->to_keys[key * D + j], to_key[j], 2e-5);
        ck_assert(fpclassify(products->to_rows[EMPTY * D + j]) == FP_ZERO);
    }
}

/* The products along edges against plain loops, on graphs with an empty row: sparse, and so
 * dense that whole matrices are multiplied, listed and as bits. */
START_TEST(products_along_edges)
{
    static const double densities[] = {0.3, 0.01, 0.9, 1};
    struct sbmt_arena arena = {0};
    struct products products;
    const struct sbmt_graph listed = scattered_graph(densities[_i % 4], &arena);
    const struct sbmt_graph graph = _i < 4 ? listed : as_bits(&listed, &arena);
    products_init(&products, &arena);
    multiply(&graph, &products, &arena);
    expect_products(&listed, &products);
    sbmt_arena_finish(&arena);
}
END_TEST

/* A graph takes 32 bits an edge or one bit a pair, whichever is less. */
START_TEST(a_graph_takes_the_least_memory)
{
    static const double shifts[] = {0.01, 0.02, 0.05, 1};
    for (int s = 0; s < 8; s++) {
        struct world world;
        struct sbmt_graph graph;
        struct sbmt_error err = {0};
        world_init(&world, shifts[s % 4], 0, SBMT_DRAW_CHEAPEST);
        world.law.kind = s < 4 ? SBMT_EDGES_BERNOULLI : SBMT_EDGES_POISSON;
        ck_assert(sbmt_graph_draw(&world.law, &world.pass, 0, &graph, &err));
        ck_assert_int_eq(graph.bits != NULL, shifts[s % 4] > 1.0 / 32);
        ck_assert_int_eq(graph.column != NULL, graph.bits == NULL);
        ck_assert_int_eq(graph.weight != NULL, s >= 4);
        world_finish(&world);
    }
}
END_TEST

/* A law of its shift alone: every pair alike, as the control with a random graph has it. */
START_TEST(laws_without_clusters)
{
    static const double shifts[] = {0, 0.2, 0.95, 1};
    static struct counts counts;
    const struct sbmt_edge_law made = {
        .rows = N, .columns = N, .width = 1, .kind = ways[_i].kind, .method = ways[_i].method};
    for (int s = 0; s < 4; s++) {
        struct world world;
        double expected[N * N];
        world_init(&world, shifts[s], 0, ways[_i].method);
        struct sbmt_edge_law law = made;
        law.row_weight = world.mixed;
        law.column_weight = world.column;
        law.shift = (float)shifts[s];
        world.law.kind = law.kind;
        struct sbmt_edge_sums sums;
        ck_assert(sbmt_edge_sums_init(&sums, &law, &world.scratch));
        ck_assert_double_eq_tol(sbmt_edge_law_expected(&law, &sums), shifts[s] * N * N, 1e-4);
        count_draws(&world, &law, &counts);
        const double p = probability(&world, 0, 0);
        for (int e = 0; e < N * N; e++) {
            expected[e] = p;
            ck_assert(p > 0 || counts.edge[e] == 0);
            ck_assert(p < 1 || counts.edge[e] == DRAWS);
        }
        if (p > 0 && p < 1)
            ck_assert_double_lt(fabs(excess(counts.edge, expected)), 4);
        world_finish(&world);
    }
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {every_edge_has_its_probability, WAYS}, {sparse_graphs_have_their_probabilities, WAYS},
        {edges_are_independent, WAYS},          {methods_cannot_be_told_apart, 2},
        {wrongly_paired_ends_are_caught, WAYS}, {parallel_edges_are_poisson, 1},
        {certain_and_impossible_edges, 2},      {draws_depend_on_the_key_alone, WAYS},
        {a_row_owns_its_numbers, WAYS},         {products_along_edges, 8},
        {a_graph_takes_the_least_memory, 1},    {laws_without_clusters, WAYS},
    };
    return sbmt_suite_run_loops("graph", tests, (int)(sizeof tests / sizeof tests[0]));
}
