/* Dense softmax attention, as the model calls it: one head of two, without dropout. */
#include "bench/head_bench.h"
#include "bench/kernel_bench.h"

static void report(const struct sbmt_kernel_bench *bench, const struct sbmt_head_plan *plan,
                   const char *name, double seconds, double work)
{
    const double each = 1e9 * seconds / ((double)plan->n * plan->n);
    const struct sbmt_kernel_row row = {.name = name,
                                        .d = plan->d,
                                        .n = plan->n,
                                        .density = 1,
                                        .unit = "edge",
                                        .nanoseconds = each,
                                        .gflops = work * plan->d / each};
    bench->report(bench->context, &row);
}

bool sbmt_bench_dense(const struct sbmt_kernel_bench *bench, struct sbmt_error *err)
{
    struct sbmt_head_plan plan = {
        .ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, "softmax")),
        .heads = 2,
        .kernels = bench->kernels,
    };
    for (int i = 0; i < bench->lengths_count; i++)
        for (plan.d = 32; plan.d <= 64; plan.d *= 2) {
            struct sbmt_head_times times;
            plan.n = (int)bench->lengths[i];
            if (!sbmt_head_bench(&plan, &times, err))
                return false;
            report(bench, &plan, "dense forward", times.forward, 4);
            report(bench, &plan, "dense backward", times.backward, 10);
        }
    return true;
}
