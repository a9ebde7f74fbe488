/* Attention along the edges of random graphs, and the two products of memberships along them. */
#include "bench/kernel_bench.h"
#include "bench/stopwatch.h"
#include "core/attention/attend.h"
#include "core/attention/membership.h"
#include "core/graph/draw.h"

enum { CLUSTERS = 128, HEADS = 2, WIDEST = 64 };

/* One graph and what lies along it. Heads are columns of a wider matrix, as in a model. */
struct desk {
    const struct sbmt_kernels *kernels;
    struct sbmt_arena *scratch;
    struct sbmt_graph graph;
    struct sbmt_attend attend;
    real *out, *log_sum, *dout, *dq, *dk, *dv;
    real *edge;                              /* a weight for each edge of a block */
    real *mixed, *member, *dmixed, *dmember; /* (n, CLUSTERS) */
    int width;
    bool failed;
};

static void forward(void *context)
{
    struct desk *desk = context;
    if (!sbmt_attend_forward(&desk->attend, &desk->graph, desk->kernels, desk->out, desk->log_sum,
                             desk->scratch))
        desk->failed = true;
}

static void backward(void *context)
{
    struct desk *desk = context;
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(desk->scratch);
    if (!sbmt_block_walk_init(&walk, &desk->graph, desk->kernels, true, desk->scratch) ||
        !sbmt_attend_backward_init(&desk->attend, walk.most_edges, desk->out, desk->dout,
                                   desk->kernels, desk->scratch)) {
        desk->failed = true;
        return;
    }
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_turn(&walk, &block);
        sbmt_attend_backward(&desk->attend, &block, desk->log_sum, desk->dq, desk->dk, desk->dv);
    }
    sbmt_arena_release(desk->scratch, mark);
}

/* Turning is counted here too, though a step turns a block once for all of backward. */
static void memberships(void *context)
{
    struct desk *desk = context;
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(desk->scratch);
    if (!sbmt_block_walk_init(&walk, &desk->graph, desk->kernels, true, desk->scratch)) {
        desk->failed = true;
        return;
    }
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_turn(&walk, &block);
        sbmt_block_gather(&block, CLUSTERS, desk->edge, desk->member, desk->width, desk->dmixed,
                          desk->width);
        sbmt_block_gather_turned(&block, CLUSTERS, desk->edge, desk->mixed, desk->width,
                                 desk->dmember, desk->width);
    }
    sbmt_arena_release(desk->scratch, mark);
}

static real *filled(struct sbmt_arena *arena, size_t count)
{
    real *x = sbmt_arena_reals(arena, count);
    for (size_t i = 0; x != NULL && i < count; i++)
        x[i] = SBMT_R((double)(i * 37 % 101) * 0.002 - 0.1);
    return x;
}

/* A graph whose edges all have the same probability. */
static bool draw(const struct sbmt_kernel_bench *bench, struct desk *desk, int n, double density,
                 struct sbmt_error *err)
{
    real *rows = sbmt_arena_reals(bench->arena, (size_t)n);
    real *columns = sbmt_arena_reals(bench->arena, (size_t)n);
    if (rows == NULL || columns == NULL)
        return sbmt_arena_check(bench->arena, "benchmark", err);
    for (int i = 0; i < n; i++) {
        rows[i] = SBMT_R(density);
        columns[i] = 1;
    }
    struct sbmt_pass pass = {
        .kernels = bench->kernels, .saved = bench->arena, .scratch = desk->scratch, .seed = 1};
    const struct sbmt_edge_law law = {.rows = n,
                                      .columns = n,
                                      .clusters = 1,
                                      .width = 1,
                                      .row_weight = rows,
                                      .column_weight = columns,
                                      .method = SBMT_DRAW_TILES};
    return sbmt_graph_draw(&law, &pass, 0, &desk->graph, err);
}

static bool set(const struct sbmt_kernel_bench *bench, struct desk *desk, int n,
                struct sbmt_error *err)
{
    const size_t wide = (size_t)n * WIDEST * HEADS;
    desk->width = sbmt_membership_width(CLUSTERS);
    const size_t entries = (size_t)n * (size_t)desk->width;
    struct sbmt_arena *arena = bench->arena;
    desk->attend = (struct sbmt_attend){
        .n = n, .q = filled(arena, wide), .k = filled(arena, wide), .v = filled(arena, wide)};
    desk->out = filled(arena, wide);
    desk->log_sum = filled(arena, (size_t)n);
    desk->dout = filled(arena, wide);
    desk->dq = filled(arena, wide);
    desk->dk = filled(arena, wide);
    desk->dv = filled(arena, wide);
    desk->mixed = filled(arena, entries);
    desk->member = filled(arena, entries);
    desk->dmixed = filled(arena, entries);
    desk->dmember = filled(arena, entries);
    struct sbmt_block_walk walk;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(desk->scratch);
    if (sbmt_block_walk_init(&walk, &desk->graph, desk->kernels, false, desk->scratch))
        desk->edge = filled(arena, (size_t)walk.most_edges + 16);
    sbmt_arena_release(desk->scratch, mark);
    return sbmt_arena_check(arena, "benchmark", err) &&
           sbmt_arena_check(desk->scratch, "benchmark", err);
}

/* One operation along all edges; `work` operations an edge and unit of d. */
static void measure(const struct sbmt_kernel_bench *bench, struct desk *desk, const char *name,
                    void (*call)(void *context), int d, double work)
{
    const double n = desk->graph.rows, edges = (double)sbmt_graph_edges(&desk->graph);
    desk->attend.d = d < WIDEST ? d : WIDEST;
    desk->attend.stride = desk->attend.d * HEADS;
    desk->attend.scale = 1 / real_sqrt(SBMT_R(desk->attend.d));
    const double each = 1e9 * sbmt_stopwatch_call(call, desk) / edges;
    const struct sbmt_kernel_row row = {.name = name,
                                        .d = d,
                                        .n = desk->graph.rows,
                                        .density = edges / (n * n),
                                        .unit = "edge",
                                        .nanoseconds = each,
                                        .gflops = work * d / each};
    bench->report(bench->context, &row);
}

static bool measure_graph(const struct sbmt_kernel_bench *bench, struct desk *desk, int n,
                          double density, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(bench->arena);
    if (!draw(bench, desk, n, density, err) || !set(bench, desk, n, err))
        return false;
    for (int d = 32; d <= WIDEST; d *= 2) {
        measure(bench, desk, "sparse forward", forward, d, 4);
        measure(bench, desk, "sparse backward", backward, d, 10);
    }
    measure(bench, desk, "sparse memberships", memberships, CLUSTERS, 4);
    sbmt_arena_release(bench->arena, mark);
    return true;
}

bool sbmt_bench_sparse(const struct sbmt_kernel_bench *bench, struct sbmt_error *err)
{
    struct sbmt_arena scratch = {0};
    struct desk desk = {.kernels = bench->kernels, .scratch = &scratch};
    bool done = true;
    for (int i = 0; i < bench->lengths_count && done; i++)
        for (int j = 0; j < bench->densities_count && done; j++)
            done = measure_graph(bench, &desk, (int)bench->lengths[i], bench->densities[j], err) &&
                   (!desk.failed || sbmt_arena_check(&scratch, "benchmark", err));
    sbmt_arena_finish(&scratch);
    return done;
}
