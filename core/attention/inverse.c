/* Pseudo-inverses by Newton–Schulz iterations of third order, forward and backward. */
#include "core/attention/inverse.h"

#include <string.h>

#include "core/base/integer.h"
#include "core/kernels/gemm.h"

static size_t square(const struct sbmt_inverse *inverse)
{
    return (size_t)inverse->size * (size_t)inverse->size;
}

/* Tiles of a matrix that is read across and down at once, small for the cache. */
enum { TILE = 16 };

/* out = a·x + b·xᵀ on a pair of tiles that mirror each other. */
static void mix_tiles(int n, int row, int column, const real *x, real a, real b, real *out)
{
    for (int i = row; i < sbmt_int_min(row + TILE, n); i++)
        for (int j = column; j < sbmt_int_min(column + TILE, i + 1); j++) {
            const size_t here = (size_t)i * (size_t)n + (size_t)j;
            const size_t there = (size_t)j * (size_t)n + (size_t)i;
            const real low = x[here], high = x[there];
            out[here] = a * low + b * high;
            out[there] = a * high + b * low;
        }
}

/* out (n, n) = a·x + b·xᵀ; out may be x. */
static void mix(int n, const real *x, real a, real b, real *out)
{
    for (int row = 0; row < n; row += TILE)
        for (int column = 0; column <= row; column += TILE)
            mix_tiles(n, row, column, x, a, b, out);
}

/* The upper half of x (n, n) from the lower one. */
static void mirror(int n, real *x)
{
    for (int row = 0; row < n; row += TILE)
        for (int column = 0; column <= row; column += TILE)
            for (int i = row; i < sbmt_int_min(row + TILE, n); i++)
                for (int j = column; j < sbmt_int_min(column + TILE, i); j++)
                    x[(size_t)j * (size_t)n + (size_t)i] = x[(size_t)i * (size_t)n + (size_t)j];
}

/* c = a·b (n, n), of which it is known that it is symmetric: computes a little more than half, in
 * parts of b that stay in cache. */
static void product_symmetric(const struct sbmt_kernels *kernels, int n, const real *a,
                              const real *b, real *c)
{
    enum { COLUMNS = 32, DEPTH = 128 };
    for (int column = 0; column < n; column += COLUMNS) {
        const size_t row = (size_t)column * (size_t)n;
        for (int p = 0; p < n; p += DEPTH)
            kernels->product(n - column, sbmt_int_min(n - column, COLUMNS),
                             sbmt_int_min(n - p, DEPTH), p > 0, a + row + p, n, 1,
                             b + (size_t)p * (size_t)n + column, n, c + row + column, n);
    }
    mirror(n, c);
}

/* Z_0 = Aᵀ/‖A‖₁. */
static void start(struct sbmt_inverse *inverse, real *sums)
{
    const int n = inverse->size;
    memset(sums, 0, (size_t)n * sizeof *sums);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            sums[j] += inverse->a[(size_t)i * (size_t)n + (size_t)j];
    inverse->start_column = 0;
    for (int j = 1; j < n; j++)
        if (sums[j] > sums[inverse->start_column])
            inverse->start_column = j;
    inverse->start = 1 / sums[inverse->start_column];
    mix(n, inverse->a, 0, inverse->start, inverse->z);
}

static real *right_of(const struct sbmt_inverse *inverse, int j)
{
    return inverse->right + (size_t)j * (size_t)(inverse->size * inverse->width);
}

/* P = A·Z_j,  F = ¼·(13·I − 15·P + 7·P² − P³),  Z_{j+1} = Z_j·F. */
static void step_forward(const struct sbmt_inverse *inverse, const struct sbmt_kernels *kernels,
                         int j, real *p2, real *p3)
{
    const int n = inverse->size;
    const size_t size = square(inverse), at = (size_t)j * size;
    real *z = inverse->z + at, *p = inverse->p + at, *factor = inverse->factor + at;
    product_symmetric(kernels, n, inverse->a, z, p);
    product_symmetric(kernels, n, p, p, p2);
    product_symmetric(kernels, n, p, p2, p3);
    for (size_t i = 0; i < size; i++)
        factor[i] = SBMT_R(0.25) * (7 * p2[i] - 15 * p[i] - p3[i]);
    for (int i = 0; i < n; i++)
        factor[(size_t)i * (size_t)(n + 1)] += SBMT_R(3.25);
    if (j + 1 < inverse->iterations)
        sbmt_gemm(n, n, n, z, n, factor, n, 0, z + size, n);
}

bool sbmt_inverse_forward(struct sbmt_inverse *inverse, const struct sbmt_kernels *kernels,
                          const real *x, real *y, struct sbmt_arena *saved,
                          struct sbmt_arena *scratch)
{
    const int n = inverse->size, width = inverse->width, steps = inverse->iterations;
    const size_t size = square(inverse), x_size = (size_t)n * (size_t)width;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    inverse->z = sbmt_arena_reals(saved, (size_t)steps * size);
    inverse->p = sbmt_arena_reals(saved, (size_t)steps * size);
    inverse->factor = sbmt_arena_reals(saved, (size_t)steps * size);
    inverse->right = sbmt_arena_reals(saved, (size_t)(steps + 1) * x_size);
    real *work = sbmt_arena_reals(scratch, size), *work2 = sbmt_arena_reals(scratch, size);
    if (saved->failed || scratch->failed)
        return false;
    start(inverse, work);
    for (int j = 0; j < steps; j++)
        step_forward(inverse, kernels, j, work, work2);
    memcpy(right_of(inverse, steps), x, x_size * sizeof *x);
    for (int j = steps - 1; j >= 0; j--)
        sbmt_gemm(n, width, n, inverse->factor + (size_t)j * size, n, right_of(inverse, j + 1),
                  width, 0, right_of(inverse, j), width);
    sbmt_gemm(n, width, n, inverse->z + (size_t)(steps - 1) * size, n, right_of(inverse, steps - 1),
              width, 0, y, width);
    sbmt_arena_release(scratch, mark);
    return true;
}

/* Room for the gradients of an iteration. */
struct work {
    real *dp;           /* (size, size) of P_{j+1}, then of P_j */
    real *dfactor;      /* (size, size) */
    real *once, *twice; /* (size, size) */
    real *left;         /* (size, width) Z_jᵀ·dy */
};

/* The gradient of P_j from that of P_{j+1}, both in work->dp and symmetric; the last iteration has
 * no P_{j+1}. With R = F_{j+1}·…·x, so that the gradient of Z_{j+1} is dy·Rᵀ, and sym(X) = ½·(X +
 * Xᵀ):
 *
 *     dF = sym(Z_jᵀ·dy·Rᵀ + P·dP'),
 *     dP = sym(dP'·F) + ¼·(−15·dF + 7·(P·dF + dF·P) − (P²·dF + P·dF·P + dF·P²)),
 *
 * where the last bracket is X + Xᵀ with X = P·(P·dF + ½·dF·P). */
static void step_backward(const struct sbmt_inverse *inverse, int j, const struct work *work)
{
    const int n = inverse->size, width = inverse->width;
    const size_t size = square(inverse), at = (size_t)j * size;
    const real *p = inverse->p + at, *factor = inverse->factor + at, half = SBMT_R(0.5);
    const bool last = j + 1 == inverse->iterations;
    real *dp = work->dp, *dfactor = work->dfactor, *once = work->once, *twice = work->twice;
    sbmt_gemm_nt(n, n, width, work->left, width, right_of(inverse, j + 1), width, 0, dfactor, n);
    if (!last)
        sbmt_gemm(n, n, n, p, n, dp, n, 1, dfactor, n);
    mix(n, dfactor, half, half, dfactor);
    sbmt_gemm(n, n, n, p, n, dfactor, n, 0, once, n);
    mix(n, once, 1, half, twice);
    for (size_t i = 0; i < size; i++)
        once[i] = SBMT_R(1.75) * once[i] - SBMT_R(1.875) * dfactor[i];
    sbmt_gemm(n, n, n, p, n, twice, n, 0, dfactor, n);
    if (!last)
        sbmt_gemm(n, n, n, dp, n, factor, n, 0, twice, n);
    for (size_t i = 0; i < size; i++)
        dp[i] = once[i] - SBMT_R(0.25) * dfactor[i] + (last ? 0 : half * twice[i]);
    mix(n, dp, 1, 1, dp);
}

static double product_sum(size_t count, const real *x, const real *y)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i] * (double)y[i];
    return sum;
}

/* With Z_0 = c·Aᵀ, P_0 = c·A·Aᵀ and R = F_0·F_1·…·x: dA = c·(R·dyᵀ + 2·dP·A), and by way of
 * c = 1/‖A‖₁, the sum of one column, that column gets −c²·Σ A∘(R·dyᵀ + dP·A). */
static void start_backward(const struct sbmt_inverse *inverse, const real *dy, real *dp, real *da)
{
    const int n = inverse->size, width = inverse->width;
    const size_t size = square(inverse);
    sbmt_gemm_nt(n, n, width, right_of(inverse, 0), width, dy, width, 0, da, n);
    const double first = product_sum(size, inverse->a, da);
    for (size_t i = 0; i < size; i++)
        dp[i] *= 2;
    sbmt_gemm(n, n, n, dp, n, inverse->a, n, 1, da, n);
    const double both = product_sum(size, inverse->a, da);
    for (size_t i = 0; i < size; i++)
        da[i] *= inverse->start;
    const real share = inverse->start * inverse->start * SBMT_R(0.5 * (first + both));
    for (int i = 0; i < n; i++)
        da[(size_t)i * (size_t)n + (size_t)inverse->start_column] -= share;
}

bool sbmt_inverse_backward(const struct sbmt_inverse *inverse, const real *dy, real *dx, real *da,
                           struct sbmt_arena *scratch)
{
    const int n = inverse->size, width = inverse->width, last = inverse->iterations - 1;
    const size_t size = square(inverse);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const struct work work = {
        .dp = sbmt_arena_reals(scratch, size),
        .dfactor = sbmt_arena_reals(scratch, size),
        .once = sbmt_arena_reals(scratch, size),
        .twice = sbmt_arena_reals(scratch, size),
        .left = sbmt_arena_reals(scratch, (size_t)n * (size_t)width),
    };
    if (scratch->failed)
        return false;
    for (int j = last; j >= 0; j--) {
        sbmt_gemm_tn(n, width, n, inverse->z + (size_t)j * size, n, dy, width, 0, work.left, width);
        if (j == last)
            sbmt_gemm(n, width, n, inverse->factor + (size_t)j * size, n, work.left, width, 0, dx,
                      width);
        step_backward(inverse, j, &work);
    }
    start_backward(inverse, dy, work.dp, da);
    sbmt_arena_release(scratch, mark);
    return true;
}

double sbmt_inverse_cost(int size, int iterations, int width)
{
    const double n = size;
    return (2.5 * iterations - 1) * n * n * n + (iterations + 1.0) * n * n * width;
}
