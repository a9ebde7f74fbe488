/* All measurements of kernels, one after the other. */
#include "bench/kernel_bench.h"

#include "core/kernels/gemm.h"

bool sbmt_kernel_bench(const struct sbmt_kernel_bench *bench, struct sbmt_error *err)
{
    sbmt_gemm_init();
    return sbmt_bench_table(bench, err) && sbmt_bench_sparse(bench, err) &&
           sbmt_bench_dense(bench, err) && sbmt_bench_graphs(bench, err);
}

void sbmt_kernel_row_json(const struct sbmt_kernel_row *row, double peak, struct sbmt_json *json)
{
    sbmt_json_text(json, "name", row->name);
    sbmt_json_number(json, "d", row->d);
    sbmt_json_number(json, "n", row->n);
    if (row->density >= 0)
        sbmt_json_number(json, "density", row->density);
    sbmt_json_text(json, "unit", row->unit);
    sbmt_json_number(json, "nanoseconds", row->nanoseconds);
    if (row->gflops > 0) {
        sbmt_json_number(json, "gflops", row->gflops);
        sbmt_json_number(json, "share_of_peak", row->gflops / peak);
    }
}
