/* Vector kernels: products of small matrices. Part of vector_kernels.h. */
#ifndef SBMT_CORE_KERNELS_VECTOR_PRODUCTS_H
#define SBMT_CORE_KERNELS_VECTOR_PRODUCTS_H

/* A tile of TILE_ROWS·2 vectors of sums, the vectors of b and a broadcast fill the registers. */
enum { TILE_ROWS = LANES == 16 ? 12 : 6 };

/* c (rows, vectors·LANES) = a·b, or += with `add`: `rows` and `vectors` are constants where this is
 * instantiated, so that the sums stay in registers. The last vector has `last` lanes. */
static inline __attribute__((always_inline)) void
product_tile(const int rows, const int vectors, const bool whole, int last, bool add, int depth,
             const float *a, size_t row_step, size_t depth_step, const float *b, size_t ldb,
             float *c, size_t ldc)
{
    vec sum[TILE_ROWS][2];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) {
            const float *from = c + (size_t)i * ldc + v * LANES;
            sum[i][v] = !add                       ? v_set(0)
                        : whole || v + 1 < vectors ? v_load(from)
                                                   : v_load_part(from, last);
        }
    for (int p = 0; p < depth; p++) {
        vec right[2];
        for (int v = 0; v < vectors; v++)
            right[v] = whole || v + 1 < vectors ? v_load(b + v * LANES)
                                                : v_load_part(b + v * LANES, last);
        for (int i = 0; i < rows; i++) {
            const vec left = v_set(a[(size_t)i * row_step]);
            for (int v = 0; v < vectors; v++)
                sum[i][v] = v_fma(left, right[v], sum[i][v]);
        }
        a += depth_step;
        b += ldb;
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) {
            float *to = c + (size_t)i * ldc + v * LANES;
            if (whole || v + 1 < vectors)
                v_store(to, sum[i][v]);
            else
                v_store_part(to, last, sum[i][v]);
        }
}

/* Up to two vectors of columns. Rows in groups of TILE_ROWS, then of 2 and 1. */
static inline __attribute__((always_inline)) void
product_columns(const int vectors, const bool whole, int last, int m, bool add, int depth,
                const float *a, size_t row_step, size_t depth_step, const float *b, size_t ldb,
                float *c, size_t ldc)
{
    int i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS)
        product_tile(TILE_ROWS, vectors, whole, last, add, depth, a + (size_t)i * row_step,
                     row_step, depth_step, b, ldb, c + (size_t)i * ldc, ldc);
    for (; i + 2 <= m; i += 2)
        product_tile(2, vectors, whole, last, add, depth, a + (size_t)i * row_step, row_step,
                     depth_step, b, ldb, c + (size_t)i * ldc, ldc);
    if (i < m)
        product_tile(1, vectors, whole, last, add, depth, a + (size_t)i * row_step, row_step,
                     depth_step, b, ldb, c + (size_t)i * ldc, ldc);
}

static void product(int m, int n, int depth, bool add, const float *a, int row_step, int depth_step,
                    const float *b, int ldb, float *c, int ldc)
{
    const size_t rs = (size_t)row_step, ds = (size_t)depth_step, lb = (size_t)ldb, lc = (size_t)ldc;
    int j = 0;
    for (; j + 2 * LANES <= n; j += 2 * LANES)
        product_columns(2, true, LANES, m, add, depth, a, rs, ds, b + j, lb, c + j, lc);
    for (; j + LANES <= n; j += LANES)
        product_columns(1, true, LANES, m, add, depth, a, rs, ds, b + j, lb, c + j, lc);
    if (j < n)
        product_columns(1, false, n - j, m, add, depth, a, rs, ds, b + j, lb, c + j, lc);
}

#endif
