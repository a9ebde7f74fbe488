/* Matrix products through BLAS. */
#include "core/kernels/gemm.h"

#include <cblas.h>
#include <string.h>

#include "core/kernels/kernels.h"

#if SBMT_REAL_BITS == 64
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

void sbmt_gemm_init(void)
{
    openblas_set_num_threads(1);
}

const char *sbmt_gemm_description(void)
{
    return openblas_get_config();
}

const char *sbmt_gemm_missed_core(void)
{
    if (strcmp(openblas_get_corename(), "Prescott") != 0)
        return NULL;
    const char *cpu = sbmt_cpu_best();
    return strcmp(cpu, "avx512") == 0 ? "SkylakeX" : strcmp(cpu, "avx2") == 0 ? "Haswell" : NULL;
}

void sbmt_gemm(int m, int n, int p, const real *a, int lda, const real *b, int ldb, real beta,
               real *c, int ldc)
{
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, p, 1, a, lda, b, ldb, beta, c, ldc);
}

void sbmt_gemm_nt(int m, int n, int p, const real *a, int lda, const real *b, int ldb, real beta,
                  real *c, int ldc)
{
    GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, p, 1, a, lda, b, ldb, beta, c, ldc);
}

void sbmt_gemm_tn(int m, int n, int p, const real *a, int lda, const real *b, int ldb, real beta,
                  real *c, int ldc)
{
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, p, 1, a, lda, b, ldb, beta, c, ldc);
}
