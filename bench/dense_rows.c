/* Dense softmax attention, as the model calls it: one head, without dropout. */
#include "bench/kernel_bench.h"
#include "bench/stopwatch.h"
#include "core/attention/attention.h"

enum { HEADS = 2, WIDEST = 64, LONGEST = 8192 };

struct desk {
    const struct sbmt_attention_ops *ops;
    struct sbmt_head head;
    struct sbmt_pass pass;
    struct sbmt_stats stats;
    void *saved;
    real *out, *dout;
    struct sbmt_head_grad grad;
    struct sbmt_error *err;
    bool failed;
};

static void forward(void *context)
{
    struct desk *desk = context;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(desk->pass.saved);
    if (!desk->ops->forward(NULL, NULL, &desk->head, &desk->pass, &desk->saved, desk->out,
                            desk->err))
        desk->failed = true;
    sbmt_arena_release(desk->pass.saved, mark);
}

static void backward(void *context)
{
    struct desk *desk = context;
    if (!desk->ops->backward(NULL, NULL, &desk->head, &desk->pass, desk->saved, desk->dout,
                             &desk->grad, desk->err))
        desk->failed = true;
}

static real *filled(struct sbmt_arena *arena)
{
    const size_t count = (size_t)LONGEST * WIDEST * HEADS;
    real *x = sbmt_arena_reals(arena, count);
    for (size_t i = 0; x != NULL && i < count; i++)
        x[i] = SBMT_R((double)(i * 37 % 101) * 0.002 - 0.1);
    return x;
}

static void report(const struct sbmt_kernel_bench *bench, const struct desk *desk, const char *name,
                   double seconds, double work)
{
    const int n = desk->head.n, d = desk->head.d;
    const double each = 1e9 * seconds / ((double)n * n);
    const struct sbmt_kernel_row row = {.name = name,
                                        .d = d,
                                        .n = n,
                                        .density = 1,
                                        .unit = "edge",
                                        .nanoseconds = each,
                                        .gflops = work * d / each};
    bench->report(bench->context, &row);
}

static void measure(const struct sbmt_kernel_bench *bench, struct desk *desk, int n, int d)
{
    desk->head.n = n;
    desk->head.d = d;
    desk->head.stride = d * HEADS;
    const double seconds = sbmt_stopwatch_call(forward, desk);
    report(bench, desk, "dense forward", seconds, 4);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(desk->pass.saved);
    if (!desk->ops->forward(NULL, NULL, &desk->head, &desk->pass, &desk->saved, desk->out,
                            desk->err))
        desk->failed = true;
    else
        report(bench, desk, "dense backward", sbmt_stopwatch_call(backward, desk), 10);
    sbmt_arena_release(desk->pass.saved, mark);
}

bool sbmt_bench_dense(const struct sbmt_kernel_bench *bench, struct sbmt_error *err)
{
    struct sbmt_arena scratch = {0};
    const struct sbmt_arena_mark mark = sbmt_arena_mark(bench->arena);
    struct desk desk = {
        .ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, "softmax")),
        .head = {.q = filled(bench->arena), .k = filled(bench->arena), .v = filled(bench->arena)},
        .out = filled(bench->arena),
        .dout = filled(bench->arena),
        .grad = {filled(bench->arena), filled(bench->arena), filled(bench->arena)},
        .err = err,
    };
    desk.pass = (struct sbmt_pass){.kernels = bench->kernels,
                                   .saved = bench->arena,
                                   .scratch = &scratch,
                                   .stats = &desk.stats,
                                   .batch_count = 1,
                                   .layers = 1,
                                   .heads = HEADS};
    desk.failed = !sbmt_arena_check(bench->arena, "benchmark", err);
    for (int i = 0; i < 3 && !desk.failed; i++)
        for (int d = 32; d <= WIDEST && !desk.failed; d *= 2)
            measure(bench, &desk, sbmt_bench_lengths[i], d);
    sbmt_arena_release(bench->arena, mark);
    sbmt_arena_finish(&scratch);
    return !desk.failed;
}
