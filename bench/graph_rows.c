/* Drawing graphs from a block model of 128 clusters by each method. */
#include <math.h>

#include "bench/kernel_bench.h"
#include "bench/stopwatch.h"
#include "core/attention/membership.h"
#include "core/base/rng.h"
#include "core/graph/draw.h"

enum { CLUSTERS = 128 };

struct desk {
    struct sbmt_edge_law law;
    struct sbmt_pass pass;
    double edges;
    struct sbmt_error *err;
    bool failed;
};

static void draw(void *context)
{
    struct desk *desk = context;
    struct sbmt_graph graph;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(desk->pass.saved);
    if (sbmt_graph_draw(&desk->law, &desk->pass, 0, &graph, desk->err))
        desk->edges = (double)sbmt_graph_edges(&graph);
    else
        desk->failed = true;
    sbmt_arena_release(desk->pass.saved, mark);
}

/* Memberships within ±spread of their mean, with products of the mean `density`. */
static const real *weights(struct sbmt_arena *arena, int n, double density, double spread,
                           uint32_t side)
{
    const int width = sbmt_membership_width(CLUSTERS);
    const struct sbmt_rng_key key = {{7, side}};
    const double mean = sqrt(density / CLUSTERS);
    real *x = sbmt_arena_zalloc(arena, (size_t)n * (size_t)width, sizeof *x);
    for (int i = 0; x != NULL && i < n; i++)
        for (int v = 0; v < CLUSTERS; v++) {
            const double u = (double)sbmt_rng_unit(sbmt_rng_bits(key, (uint32_t)i, (uint32_t)v));
            x[(size_t)i * (size_t)width + (size_t)v] = SBMT_R(mean * (1 + spread * (2 * u - 1)));
        }
    return x;
}

/* The time of a pair. */
static void measure(const struct sbmt_kernel_bench *bench, struct desk *desk, const char *name,
                    enum sbmt_edge_method method)
{
    const int n = desk->law.rows;
    desk->law.method = method;
    const double nanoseconds = 1e9 * sbmt_stopwatch_call(draw, desk);
    if (desk->failed)
        return;
    const double pairs = (double)n * n, each = nanoseconds / pairs;
    const struct sbmt_kernel_row row = {
        .name = name,
        .d = CLUSTERS,
        .n = n,
        .density = desk->edges / pairs,
        .unit = "pair",
        .nanoseconds = each,
    };
    bench->report(bench->context, &row);
}

/* Memberships near their initialisation, and uneven ones. */
static const struct {
    const char *name;
    enum sbmt_edge_method method;
    double spread;
} ways[] = {
    {"graph by tiles", SBMT_DRAW_TILES, 0.03},
    {"graph by skips", SBMT_DRAW_SKIPS, 0.03},
    {"graph by process", SBMT_DRAW_PROCESS, 0.03},
    {"graph by tiles, uneven", SBMT_DRAW_TILES, 0.5},
    {"graph by skips, uneven", SBMT_DRAW_SKIPS, 0.5},
    {"graph by process, uneven", SBMT_DRAW_PROCESS, 0.5},
};

static bool measure_way(const struct sbmt_kernel_bench *bench, struct desk *desk, int way, int n,
                        double density)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(bench->arena);
    const double spread = ways[way].spread;
    desk->law = (struct sbmt_edge_law){
        .rows = n,
        .columns = n,
        .clusters = CLUSTERS,
        .width = sbmt_membership_width(CLUSTERS),
        .row_weight = weights(bench->arena, n, density, spread, 0),
        .column_weight = weights(bench->arena, n, density, spread, 1)};
    if (!sbmt_arena_check(bench->arena, "benchmark", desk->err))
        return false;
    measure(bench, desk, ways[way].name, ways[way].method);
    sbmt_arena_release(bench->arena, mark);
    return !desk->failed;
}

static bool measure_law(const struct sbmt_kernel_bench *bench, struct desk *desk, int n,
                        double density)
{
    bool done = true;
    for (int way = 0; way < (int)(sizeof ways / sizeof ways[0]) && done; way++)
        done = measure_way(bench, desk, way, n, density);
    return done;
}

bool sbmt_bench_graphs(const struct sbmt_kernel_bench *bench, struct sbmt_error *err)
{
    struct sbmt_arena scratch = {0};
    struct desk desk = {
        .pass = {.kernels = bench->kernels, .saved = bench->arena, .scratch = &scratch, .seed = 1},
        .err = err};
    bool done = true;
    for (int i = 0; i < bench->lengths_count && done; i++)
        for (int j = 0; j < bench->densities_count && done; j++)
            done = measure_law(bench, &desk, (int)bench->lengths[i], bench->densities[j]);
    sbmt_arena_finish(&scratch);
    return done;
}
