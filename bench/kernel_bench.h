/* How fast kernels, attention along edges, dense attention and the drawing of graphs are. */
#ifndef SBMT_BENCH_KERNEL_BENCH_H
#define SBMT_BENCH_KERNEL_BENCH_H

#include "core/base/arena.h"
#include "core/io/json.h"
#include "core/kernels/kernels.h"

/** One measurement. */
struct sbmt_kernel_row {
    const char *name;   /**< "gather_dot", "sparse forward", … */
    int d;              /**< head dim, or clusters; 0: it has none */
    int n;              /**< elements or edges of a call of a kernel; tokens of the others */
    double density;     /**< edges/n² of the graph; −1: there is none */
    const char *unit;   /**< what the time is for: "element", "edge" or "pair" */
    double nanoseconds; /**< one thread, median */
    double gflops;      /**< of the products, 2 operations a multiply-add; 0: not meaningful */
};

/** What the measurements share. */
struct sbmt_kernel_bench {
    const struct sbmt_kernels *kernels;
    struct sbmt_arena *arena; /**< working memory */
    /** Of what is measured on sequences; ascending, and whole numbers the first. */
    const double *lengths, *densities;
    int lengths_count, densities_count;
    void (*report)(void *context, const struct sbmt_kernel_row *row);
    void *context;
};

/** Measures everything below. Rows are reported as they are measured. */
SBMT_MUST_CHECK bool sbmt_kernel_bench(const struct sbmt_kernel_bench *bench,
                                       struct sbmt_error *err);

/** kernel_rows.c: every kernel of the table, in cache. */
SBMT_MUST_CHECK bool sbmt_bench_table(const struct sbmt_kernel_bench *bench,
                                      struct sbmt_error *err);

/** sparse_rows.c: attention along the edges of a random graph, forward (4·m·d operations for m
 * edges) and backward (10·m·d), and the exchange of memberships (4·m·k). */
SBMT_MUST_CHECK bool sbmt_bench_sparse(const struct sbmt_kernel_bench *bench,
                                       struct sbmt_error *err);

/** dense_rows.c: softmax attention, forward and backward; its edges are all pairs. */
SBMT_MUST_CHECK bool sbmt_bench_dense(const struct sbmt_kernel_bench *bench,
                                      struct sbmt_error *err);

/** graph_rows.c: drawing graphs from 128 clusters by each method, near their initialisation and
 * uneven. */
SBMT_MUST_CHECK bool sbmt_bench_graphs(const struct sbmt_kernel_bench *bench,
                                       struct sbmt_error *err);

/** Sets the keys of a row; `peak` is the GEMM peak in GFLOP/s. */
void sbmt_kernel_row_json(const struct sbmt_kernel_row *row, double peak, struct sbmt_json *json);

#endif
