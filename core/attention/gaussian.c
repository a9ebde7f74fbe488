/* Kernelised attention, forward and backward.
 *
 * Queries become (q, 1, −‖q‖²/2) and keys (k, −‖k‖²/2, 1): their product is −‖q − k‖²/2. */
#include "core/attention/gaussian.h"

#include <string.h>

#include "core/kernels/gemm.h"

/* Columns beyond the d of a query or key: the squared length of a key meets a 1, and that of a
 * query. */
enum side { QUERY, KEY };
enum { OF_KEY, OF_QUERY, MORE };

/* x (n, d) with its two columns more; NULL when memory is out. */
static real *extend(enum side side, int n, int d, struct sbmt_rows x,
                    const struct sbmt_kernels *kernels, struct sbmt_arena *scratch)
{
    const int own = side == QUERY ? OF_QUERY : OF_KEY, other = side == QUERY ? OF_KEY : OF_QUERY;
    real *extended = sbmt_arena_reals(scratch, (size_t)n * (size_t)(d + MORE));
    if (extended == NULL)
        return NULL;
    for (int i = 0; i < n; i++) {
        const real *from = x.x + (size_t)i * (size_t)x.stride;
        real *to = extended + (size_t)i * (size_t)(d + MORE);
        memcpy(to, from, (size_t)d * sizeof *to);
        to[d + own] = SBMT_R(-0.5) * kernels->dot(d, from, from);
        to[d + other] = 1;
    }
    return extended;
}

/* Adds to dx what is the gradient of x extended: dx += d(x)' − x·d(−‖x‖²/2)'. */
static void extend_backward(enum side side, int n, int d, struct sbmt_rows x, const real *dextended,
                            real *dx)
{
    const int own = side == QUERY ? OF_QUERY : OF_KEY;
    for (int i = 0; i < n; i++) {
        const size_t row = (size_t)i * (size_t)x.stride;
        const real *from = dextended + (size_t)i * (size_t)(d + MORE);
        for (int j = 0; j < d; j++)
            dx[row + (size_t)j] += from[j] - x.x[row + (size_t)j] * from[d + own];
    }
}

/* The same as softmax attention, but for its sums. False when memory is out. */
static bool dense_of(const struct sbmt_dense_attend *gaussian, const struct sbmt_kernels *kernels,
                     struct sbmt_arena *scratch, struct sbmt_dense_attend *attend)
{
    const int d = gaussian->d, wide = d + MORE;
    *attend = (struct sbmt_dense_attend){
        .queries = gaussian->queries,
        .keys = gaussian->keys,
        .d = wide,
        .width = gaussian->width,
        .q = {extend(QUERY, gaussian->queries, d, gaussian->q, kernels, scratch), wide},
        .k = {extend(KEY, gaussian->keys, d, gaussian->k, kernels, scratch), wide},
        .v = gaussian->v,
        .scale = gaussian->scale,
    };
    return attend->q.x != NULL && attend->k.x != NULL;
}

bool sbmt_gaussian_forward(const struct sbmt_dense_attend *gaussian,
                           const struct sbmt_kernels *kernels, real *out, int out_stride,
                           struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    real *log_sum = sbmt_arena_reals(scratch, (size_t)gaussian->queries);
    struct sbmt_dense_attend attend;
    if (log_sum == NULL || !dense_of(gaussian, kernels, scratch, &attend) ||
        !sbmt_dense_attend_forward(&attend, kernels, out, out_stride, log_sum, scratch))
        return false;
    for (int i = 0; i < gaussian->queries; i++) {
        const real sum = real_exp(log_sum[i]);
        for (int j = 0; j < gaussian->width; j++)
            out[(size_t)i * (size_t)out_stride + (size_t)j] *= sum;
    }
    sbmt_arena_release(scratch, mark);
    return true;
}

/* Weights that are not divided have log-sums of 0, and no gradient by way of their sums: as though
 * the output had been 0. */
bool sbmt_gaussian_backward(const struct sbmt_dense_attend *gaussian,
                            const struct sbmt_kernels *kernels, struct sbmt_rows dout,
                            const struct sbmt_dense_grad *grad, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const int queries = gaussian->queries, keys = gaussian->keys, d = gaussian->d;
    const size_t wide = (size_t)(d + MORE);
    struct sbmt_dense_attend attend;
    real *log_sum = sbmt_arena_zalloc(scratch, (size_t)queries, sizeof *log_sum);
    real *zeros = sbmt_arena_zalloc(scratch, (size_t)gaussian->width, sizeof *zeros);
    const struct sbmt_dense_grad to = {
        .dq = sbmt_arena_zalloc(scratch, (size_t)queries * wide, sizeof(real)),
        .dk = sbmt_arena_zalloc(scratch, (size_t)keys * wide, sizeof(real)),
        .dv = grad->dv,
    };
    if (!dense_of(gaussian, kernels, scratch, &attend) || scratch->failed ||
        !sbmt_dense_attend_backward(&attend, kernels, (struct sbmt_rows){zeros, 0}, log_sum, dout,
                                    &to, scratch))
        return false;
    extend_backward(QUERY, queries, d, gaussian->q, to.dq, grad->dq);
    extend_backward(KEY, keys, d, gaussian->k, to.dk, grad->dk);
    sbmt_arena_release(scratch, mark);
    return true;
}

bool sbmt_gaussian_matrix_forward(int n, int d, const real *x, real scale,
                                  const struct sbmt_kernels *kernels, real *kernel,
                                  struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const struct sbmt_rows rows = {x, d};
    const int wide = d + MORE;
    const real *query = extend(QUERY, n, d, rows, kernels, scratch);
    const real *key = extend(KEY, n, d, rows, kernels, scratch);
    if (query == NULL || key == NULL)
        return false;
    sbmt_gemm_nt(n, n, wide, query, wide, key, wide, 0, kernel, n);
    for (int i = 0; i < n; i++)
        kernels->exp_sum(n, kernel + (size_t)i * (size_t)n, scale, 0);
    sbmt_arena_release(scratch, mark);
    return true;
}

bool sbmt_gaussian_matrix_backward(int n, int d, const real *x, real scale,
                                   const struct sbmt_kernels *kernels, const real *kernel,
                                   real *dkernel, real *dx, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const struct sbmt_rows rows = {x, d};
    const int wide = d + MORE;
    const real *query = extend(QUERY, n, d, rows, kernels, scratch);
    const real *key = extend(KEY, n, d, rows, kernels, scratch);
    real *dextended = sbmt_arena_reals(scratch, (size_t)n * (size_t)wide);
    if (query == NULL || key == NULL || dextended == NULL)
        return false;
    for (int i = 0; i < n; i++) {
        real *row = dkernel + (size_t)i * (size_t)n;
        kernels->softmax_backward(n, kernel + (size_t)i * (size_t)n, row, 0, scale, row);
    }
    sbmt_gemm(n, wide, n, dkernel, n, key, wide, 0, dextended, wide);
    extend_backward(QUERY, n, d, rows, dextended, dx);
    sbmt_gemm_tn(n, wide, n, dkernel, n, query, wide, 0, dextended, wide);
    extend_backward(KEY, n, d, rows, dextended, dx);
    sbmt_arena_release(scratch, mark);
    return true;
}
