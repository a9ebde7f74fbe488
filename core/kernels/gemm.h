/* Matrix products through BLAS, single-threaded: threads are the business of the shard step. */
#ifndef SBMT_CORE_KERNELS_GEMM_H
#define SBMT_CORE_KERNELS_GEMM_H

#include "core/base/real.h"

/** Sets BLAS to one thread. Call before the first product; calling again is harmless. */
void sbmt_gemm_init(void);

/** The BLAS library's own description of itself (version, kernel, threading). */
const char *sbmt_gemm_description(void);

/** What the variable OPENBLAS_CORETYPE should have been when OpenBLAS was loaded: a version that is
 * older than the processor does not know it and computes with its plainest kernels, five times
 * slower than it could. NULL where it has others. */
const char *sbmt_gemm_missed_core(void);

/** c (m, n) = a (m, p)·b (p, n) + beta·c. Leading dimensions in reals. */
void sbmt_gemm(int m, int n, int p, const real *a, int lda, const real *b, int ldb, real beta,
               real *c, int ldc);

/** c (m, n) = a (m, p)·bᵀ with b (n, p), + beta·c. */
void sbmt_gemm_nt(int m, int n, int p, const real *a, int lda, const real *b, int ldb, real beta,
                  real *c, int ldc);

/** c (m, n) = aᵀ·b with a (p, m), b (p, n), + beta·c. */
void sbmt_gemm_tn(int m, int n, int p, const real *a, int lda, const real *b, int ldb, real beta,
                  real *c, int ldc);

#endif
