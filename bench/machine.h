/* What this machine can do at best: the measures that kernels are compared with. */
#ifndef SBMT_BENCH_MACHINE_H
#define SBMT_BENCH_MACHINE_H

#include "core/io/json.h"

/** Measured on one thread. */
struct sbmt_machine {
    double gemm;      /**< GFLOP/s of the fastest sgemm in cache, 2 operations a multiply-add */
    int gemm_size;    /**< its matrices are (size, size) */
    double read;      /**< GB/s of a sum over an array beyond all caches */
    double triad;     /**< GB/s of a = b + s·c over such arrays, 12 bytes an element */
    double megabytes; /**< size of each of these arrays */
};

/** Measures it, in about a second. */
SBMT_MUST_CHECK bool sbmt_machine_measure(struct sbmt_machine *machine, struct sbmt_error *err);

/** Sets gemm_gflops, gemm_size, read_gbytes, triad_gbytes and array_mbytes. */
void sbmt_machine_json(const struct sbmt_machine *machine, struct sbmt_json *json);

#endif
