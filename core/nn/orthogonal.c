/* Random matrices with orthogonal rows or columns. */
#include "core/nn/orthogonal.h"

#include <math.h>
#include <stdbool.h>

/* Four sums side by side, so that additions need not wait for each other. */
static double product(int64_t length, const double *x, const double *y)
{
    double sum[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= length; i += 4)
        for (int s = 0; s < 4; s++)
            sum[s] += x[i + s] * y[i + s];
    for (; i < length; i++)
        sum[0] += x[i] * y[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Gram–Schmidt, each vector twice, which leaves products of rounding size. Makes `count` vectors of
 * `length` ≥ count orthonormal. */
static void orthonormalise(int64_t count, int64_t length, double *vectors)
{
    for (int64_t a = 0; a < count; a++) {
        double *vector = vectors + a * length;
        for (int pass = 0; pass < 2; pass++) {
            for (int64_t b = 0; b < a; b++) {
                const double *other = vectors + b * length;
                const double along = product(length, vector, other);
                for (int64_t i = 0; i < length; i++)
                    vector[i] -= along * other[i];
            }
            const double norm = sqrt(product(length, vector, vector));
            for (int64_t i = 0; i < length; i++)
                vector[i] /= norm;
        }
    }
}

static void fill_normal(int64_t count, struct sbmt_rng_key key, uint64_t first, double *out)
{
    for (int64_t i = 0; i < count; i++) {
        const uint64_t number = first + (uint64_t)i;
        out[i] = sbmt_rng_normal(key, (uint32_t)(number >> 32), (uint32_t)number);
    }
}

void sbmt_orthogonal_matrix(int64_t rows, int64_t columns, double scale, struct sbmt_rng_key key,
                            uint64_t first, double *work, real *value)
{
    const bool wide = rows <= columns;
    const int64_t count = wide ? rows : columns, length = wide ? columns : rows;
    fill_normal(count * length, key, first, work);
    orthonormalise(count, length, work);
    for (int64_t a = 0; a < count; a++)
        for (int64_t i = 0; i < length; i++)
            value[wide ? a * columns + i : i * columns + a] = SBMT_R(scale * work[a * length + i]);
}

size_t sbmt_orthogonal_rows_work(int64_t columns)
{
    return (size_t)columns * (size_t)(columns + 1);
}

/* The length of a normal vector is independent of all directions, and these are all that making
 * vectors orthonormal looks at: so a row is given back the length of its own normal vector. */
static void fill_rows(int64_t rows, int64_t columns, double length, double *work, real *value)
{
    double *norm = work + columns * columns;
    for (int64_t a = 0; a < rows; a++)
        norm[a] = length > 0 ? length
                             : sqrt(product(columns, work + a * columns, work + a * columns));
    orthonormalise(rows, columns, work);
    for (int64_t a = 0; a < rows; a++)
        for (int64_t i = 0; i < columns; i++)
            value[a * columns + i] = SBMT_R(norm[a] * work[a * columns + i]);
}

void sbmt_orthogonal_rows(int64_t rows, int64_t columns, double length, struct sbmt_rng_key key,
                          uint64_t first, double *work, real *value)
{
    for (int64_t row = 0; row < rows; row += columns) {
        const int64_t count = rows - row < columns ? rows - row : columns;
        fill_normal(count * columns, key, first + (uint64_t)(row * columns), work);
        fill_rows(count, columns, length, work, value + row * columns);
    }
}
