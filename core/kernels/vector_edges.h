/* Vector kernels along the edges of a graph's row. Part of vector_kernels.h. */
#ifndef SBMT_CORE_KERNELS_VECTOR_EDGES_H
#define SBMT_CORE_KERNELS_VECTOR_EDGES_H

#include "core/kernels/vector_rows.h"

/* `blocks` is a constant wherever these are instantiated, so that a row, or its sums, stay in
 * registers. */
#define INSTANTIATED static inline __attribute__((always_inline))

INSTANTIATED vec dot_blocks(const int blocks, const vec *row, const float *other)
{
    vec partial = v_mul(row[0], v_load(other));
    for (int b = 1; b < blocks; b++)
        partial = v_fma(row[b], v_load(other + b * LANES), partial);
    return partial;
}

/* Dot products of LANES gathered rows: their partial sums are added across by a transposition. */
INSTANTIATED vec dot_lanes(const int blocks, const int32_t *columns, const vec *row,
                           const float *matrix, size_t ld)
{
    vec group[LANES / 4];
    for (int g = 0; g < LANES / 4; g++) {
        vec partial[4];
        for (int i = 0; i < 4; i++)
            partial[i] = dot_blocks(blocks, row, matrix + (size_t)columns[FOLDED_LANE(g, i)] * ld);
        group[g] = v_fold(partial[0], partial[1], partial[2], partial[3]);
    }
    return v_join(group);
}

enum { MOST_BLOCKS = 128 / LANES, SUMS = 8 };

INSTANTIATED void gather_dot_blocks(const int blocks, int count, const int32_t *columns,
                                    const float *from, const float *matrix, size_t ld, float scale,
                                    float *out)
{
    vec row[MOST_BLOCKS];
    for (int b = 0; b < blocks; b++)
        row[b] = v_load(from + b * LANES);
    int e = 0;
    for (; e + LANES <= count; e += LANES)
        v_store(out + e, v_mul(dot_lanes(blocks, columns + e, row, matrix, ld), v_set(scale)));
    if (e == count)
        return;
    int32_t rest[LANES];
    for (int lane = 0; lane < LANES; lane++)
        rest[lane] = columns[e + lane < count ? e + lane : e];
    v_store_part(out + e, count - e, v_mul(dot_lanes(blocks, rest, row, matrix, ld), v_set(scale)));
}

static void gather_dot(int d, int count, const int32_t *columns, const float *row,
                       const float *matrix, int ld, float scale, float *out)
{
    const size_t step = (size_t)ld;
    if (d == 32) {
        gather_dot_blocks(32 / LANES, count, columns, row, matrix, step, scale, out);
    } else if (d == 64) {
        gather_dot_blocks(64 / LANES, count, columns, row, matrix, step, scale, out);
    } else if (d == 128) {
        gather_dot_blocks(128 / LANES, count, columns, row, matrix, step, scale, out);
    } else {
        for (int e = 0; e < count; e++)
            out[e] = scale * dot(d, row, matrix + (size_t)columns[e] * step);
    }
}

/* Edges are columns, or turned ones: `turned` is a constant wherever these are instantiated. */
INSTANTIATED const float *row_at(const bool turned, const int32_t *edges, int e,
                                 const float *matrix, size_t ld)
{
    const size_t row = turned ? (size_t)sbmt_turned_row((uint32_t)edges[e]) : (size_t)edges[e];
    return matrix + row * ld;
}

INSTANTIATED float weight_at(const bool turned, const int32_t *edges, int e, const float *weight)
{
    return weight[turned ? sbmt_turned_place((uint32_t)edges[e]) : e];
}

/* Sums of `blocks` vectors over the edges, in `sets` interleaved parts: with fewer than eight sums
 * at work the additions would wait for each other. */
INSTANTIATED void gather_add_blocks(const int blocks, const int sets, const bool turned, int count,
                                    const int32_t *edges, const float *weight, const float *matrix,
                                    size_t ld, float *out)
{
    vec sum[SUMS];
    for (int b = 0; b < blocks; b++) {
        sum[b] = v_load(out + b * LANES);
        for (int s = 1; s < sets; s++)
            sum[s * blocks + b] = v_set(0);
    }
    int e = 0;
    for (; e + sets <= count; e += sets)
        for (int s = 0; s < sets; s++) {
            const float *row = row_at(turned, edges, e + s, matrix, ld);
            const vec w = v_set(weight_at(turned, edges, e + s, weight));
            for (int b = 0; b < blocks; b++)
                sum[s * blocks + b] = v_fma(w, v_load(row + b * LANES), sum[s * blocks + b]);
        }
    for (; e < count; e++) {
        const float *row = row_at(turned, edges, e, matrix, ld);
        const vec w = v_set(weight_at(turned, edges, e, weight));
        for (int b = 0; b < blocks; b++)
            sum[b] = v_fma(w, v_load(row + b * LANES), sum[b]);
    }
    for (int b = 0; b < blocks; b++) {
        for (int s = 1; s < sets; s++)
            sum[b] = v_add(sum[b], sum[s * blocks + b]);
        v_store(out + b * LANES, sum[b]);
    }
}

/* Columns from `from` on, for widths that are no multiple of the lanes. */
INSTANTIATED void gather_add_rest(int from, int d, const bool turned, int count,
                                  const int32_t *edges, const float *weight, const float *matrix,
                                  size_t ld, float *out)
{
    for (int j = from; j < d; j++) {
        float total = out[j];
        for (int e = 0; e < count; e++)
            total += weight_at(turned, edges, e, weight) * row_at(turned, edges, e, matrix, ld)[j];
        out[j] = total;
    }
}

INSTANTIATED void gather_add_edges(int d, const bool turned, int count, const int32_t *edges,
                                   const float *weight, const float *matrix, size_t ld, float *out)
{
    int j = 0;
    for (; j + 64 <= d; j += 64)
        gather_add_blocks(64 / LANES, LANES / 8, turned, count, edges, weight, matrix + j, ld,
                          out + j);
    for (; j + 32 <= d; j += 32)
        gather_add_blocks(32 / LANES, LANES / 4, turned, count, edges, weight, matrix + j, ld,
                          out + j);
    for (; j + LANES <= d; j += LANES)
        gather_add_blocks(1, 4, turned, count, edges, weight, matrix + j, ld, out + j);
    gather_add_rest(j, d, turned, count, edges, weight, matrix, ld, out);
}

static void gather_add(int d, int count, const int32_t *columns, const float *weight,
                       const float *matrix, int ld, float *out)
{
    gather_add_edges(d, false, count, columns, weight, matrix, (size_t)ld, out);
}

static void gather_add_turned(int d, int count, const uint32_t *turned, const float *weight,
                              const float *matrix, int ld, float *out)
{
    gather_add_edges(d, true, count, (const int32_t *)turned, weight, matrix, (size_t)ld, out);
}

#endif
