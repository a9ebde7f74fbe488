/* Vector kernels along the edges of a graph's row. Part of vector_kernels.h. */
#ifndef SBMT_CORE_KERNELS_VECTOR_EDGES_H
#define SBMT_CORE_KERNELS_VECTOR_EDGES_H

#include "core/kernels/vector_rows.h"

/* Dot products of LANES gathered rows at a time: their partial sums are added across by one
 * transposition. `blocks` is a constant where the functions below instantiate it, so that the row
 * stays in registers. */
static inline __attribute__((always_inline)) void
gather_dot_blocks(const int blocks, int count, const int32_t *columns, const float *row,
                  const float *matrix, int ld, float scale, float *out)
{
    int e = 0;
    for (; e < count; e += LANES) {
        const int filled = count - e < LANES ? count - e : LANES;
        vec partial[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            const int32_t column = columns[e + (lane < filled ? lane : 0)];
            const float *other = matrix + (size_t)column * (size_t)ld;
            partial[lane] = v_mul(v_load(row), v_load(other));
            for (int b = 1; b < blocks; b++)
                partial[lane] = v_fma(v_load(row + b * LANES), v_load(other + b * LANES),
                                      partial[lane]);
        }
        const vec totals = v_mul(v_totals(partial), v_set(scale));
        if (filled == LANES)
            v_store(out + e, totals);
        else
            v_store_part(out + e, filled, totals);
    }
}

static void gather_dot(int d, int count, const int32_t *columns, const float *row,
                       const float *matrix, int ld, float scale, float *out)
{
    if (d == 32) {
        gather_dot_blocks(32 / LANES, count, columns, row, matrix, ld, scale, out);
    } else if (d == 64) {
        gather_dot_blocks(64 / LANES, count, columns, row, matrix, ld, scale, out);
    } else if (d > 0 && d % LANES == 0) {
        gather_dot_blocks(d / LANES, count, columns, row, matrix, ld, scale, out);
    } else {
        for (int e = 0; e < count; e++)
            out[e] = scale * dot(d, row, matrix + (size_t)columns[e] * (size_t)ld);
    }
}

/* The products below walk a row of d reals in slices that fit the registers: a slice's sums, or its
 * source, stay there for all edges. */
enum { SLICE = 64 / LANES, HALF_SLICE = 32 / LANES };

static inline __attribute__((always_inline)) const float *row_of(const float *matrix,
                                                                 int32_t column, size_t ld)
{
    return matrix + (size_t)column * ld;
}

static inline __attribute__((always_inline)) void
gather_add_slice(const int blocks, int count, const int32_t *columns, const float *weight,
                 const float *matrix, size_t ld, float *out)
{
    vec total[SLICE];
    for (int b = 0; b < blocks; b++)
        total[b] = v_load(out + b * LANES);
    for (int e = 0; e < count; e++) {
        const float *row = row_of(matrix, columns[e], ld);
        const vec w = v_set(weight[e]);
        for (int b = 0; b < blocks; b++)
            total[b] = v_fma(w, v_load(row + b * LANES), total[b]);
    }
    for (int b = 0; b < blocks; b++)
        v_store(out + b * LANES, total[b]);
}

/* Columns from `from` on, for widths that are no multiple of the lanes. */
static void gather_add_rest(int from, int d, int count, const int32_t *columns, const float *weight,
                            const float *matrix, size_t ld, float *out)
{
    for (int j = from; j < d; j++) {
        float total = out[j];
        for (int e = 0; e < count; e++)
            total += weight[e] * row_of(matrix, columns[e], ld)[j];
        out[j] = total;
    }
}

static void gather_add(int d, int count, const int32_t *columns, const float *weight,
                       const float *matrix, int ld, float *out)
{
    const size_t step = (size_t)ld;
    int j = 0;
    for (; j + 64 <= d; j += 64)
        gather_add_slice(SLICE, count, columns, weight, matrix + j, step, out + j);
    for (; j + 32 <= d; j += 32)
        gather_add_slice(HALF_SLICE, count, columns, weight, matrix + j, step, out + j);
    for (; j + LANES <= d; j += LANES)
        gather_add_slice(1, count, columns, weight, matrix + j, step, out + j);
    gather_add_rest(j, d, count, columns, weight, matrix, step, out);
}

static inline __attribute__((always_inline)) void
scatter_add_slice(const int blocks, int count, const int32_t *columns, const float *weight,
                  const float *row, float *matrix, size_t ld)
{
    vec source[SLICE];
    for (int b = 0; b < blocks; b++)
        source[b] = v_load(row + b * LANES);
    for (int e = 0; e < count; e++) {
        float *target = matrix + (size_t)columns[e] * ld;
        const vec w = v_set(weight[e]);
        for (int b = 0; b < blocks; b++)
            v_store(target + b * LANES, v_fma(w, source[b], v_load(target + b * LANES)));
    }
}

static void scatter_add_rest(int from, int d, int count, const int32_t *columns,
                             const float *weight, const float *row, float *matrix, size_t ld)
{
    for (int e = 0; e < count; e++)
        for (int j = from; j < d; j++)
            matrix[(size_t)columns[e] * ld + (size_t)j] += weight[e] * row[j];
}

static void scatter_add(int d, int count, const int32_t *columns, const float *weight,
                        const float *row, float *matrix, int ld)
{
    const size_t step = (size_t)ld;
    int j = 0;
    for (; j + 64 <= d; j += 64)
        scatter_add_slice(SLICE, count, columns, weight, row + j, matrix + j, step);
    for (; j + 32 <= d; j += 32)
        scatter_add_slice(HALF_SLICE, count, columns, weight, row + j, matrix + j, step);
    for (; j + LANES <= d; j += LANES)
        scatter_add_slice(1, count, columns, weight, row + j, matrix + j, step);
    scatter_add_rest(j, d, count, columns, weight, row, matrix, step);
}

static inline __attribute__((always_inline)) void
exchange_slice(const int blocks, int count, const int32_t *columns, const float *weight,
               const float *row, const float *from, float *out, float *to, size_t ld)
{
    vec total[HALF_SLICE], source[HALF_SLICE];
    for (int b = 0; b < blocks; b++) {
        total[b] = v_load(out + b * LANES);
        source[b] = v_load(row + b * LANES);
    }
    for (int e = 0; e < count; e++) {
        const size_t at = (size_t)columns[e] * ld;
        const vec w = v_set(weight[e]);
        for (int b = 0; b < blocks; b++) {
            total[b] = v_fma(w, v_load(from + at + b * LANES), total[b]);
            v_store(to + at + b * LANES, v_fma(w, source[b], v_load(to + at + b * LANES)));
        }
    }
    for (int b = 0; b < blocks; b++)
        v_store(out + b * LANES, total[b]);
}

static void exchange(int d, int count, const int32_t *columns, const float *weight,
                     const float *row, const float *from, float *out, float *to, int ld)
{
    const size_t step = (size_t)ld;
    int j = 0;
    for (; j + 32 <= d; j += 32)
        exchange_slice(HALF_SLICE, count, columns, weight, row + j, from + j, out + j, to + j,
                       step);
    for (; j + LANES <= d; j += LANES)
        exchange_slice(1, count, columns, weight, row + j, from + j, out + j, to + j, step);
    gather_add_rest(j, d, count, columns, weight, from, step, out);
    scatter_add_rest(j, d, count, columns, weight, row, to, step);
}

#endif
