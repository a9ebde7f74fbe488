/* Centroids of a head. */
#include "core/attention/centroids.h"

#include "core/attention/selection.h"
#include "core/kernels/gemm.h"
#include "core/nn/loss.h"

bool sbmt_centroids_take(const struct sbmt_centroids *centroids, int n, struct sbmt_rows x,
                         int most, int32_t *taken, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const int count = centroids->count, d = centroids->d;
    real *product = sbmt_arena_reals(scratch, (size_t)count * (size_t)n);
    sbmt_rank *rank = sbmt_arena_alloc(scratch, (size_t)n * sizeof *rank);
    if (scratch->failed)
        return false;
    sbmt_gemm_nt(count, n, d, centroids->x, d, x.x, x.stride, 0, product, n);
    for (int c = 0; c < count; c++)
        sbmt_select_largest(n, product + (size_t)c * (size_t)n, most,
                            taken + (size_t)c * (size_t)most, rank);
    sbmt_arena_release(scratch, mark);
    return true;
}

bool sbmt_centroids_pull(const struct sbmt_centroids *centroids, int n, struct sbmt_rows x,
                         real weight, real *gradient, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const int count = centroids->count, d = centroids->d;
    real *product = sbmt_arena_reals(scratch, (size_t)n * (size_t)count);
    if (product == NULL)
        return false;
    sbmt_gemm_nt(n, count, d, x.x, x.stride, centroids->x, d, 0, product, count);
    for (int i = 0; i < n; i++) {
        const int nearest = sbmt_argmax(count, product + (size_t)i * (size_t)count);
        const real *vector = x.x + (size_t)i * (size_t)x.stride;
        const real *centroid = centroids->x + (size_t)nearest * (size_t)d;
        real *sum = gradient + (size_t)nearest * (size_t)d;
        for (int j = 0; j < d; j++)
            sum[j] += weight * (centroid[j] - vector[j]);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}
