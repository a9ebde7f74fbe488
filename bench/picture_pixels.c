/* Numbers of a head as pixels. */
#include "bench/picture_pixels.h"

#include <math.h>

enum { WHITE = 255 };

/* How dark the faintest edge is. */
static const double faint = 0.15;

/* Sums over the squares of a matrix that are one pixel each. */
struct squares {
    int rows, columns, width, height;
    double *sum;
};

static int at_most(int count)
{
    return count < SBMT_MOST_PIXELS ? count : SBMT_MOST_PIXELS;
}

static bool squares_make(struct squares *squares, int rows, int columns, struct sbmt_arena *arena)
{
    *squares = (struct squares){rows, columns, at_most(columns), at_most(rows), NULL};
    const size_t size = (size_t)squares->width * (size_t)squares->height;
    squares->sum = sbmt_arena_zalloc(arena, size, sizeof(double));
    return squares->sum != NULL;
}

static size_t square_at(const struct squares *squares, int64_t row, int64_t column)
{
    const int64_t y = row * squares->height / squares->rows;
    const int64_t x = column * squares->width / squares->columns;
    return (size_t)(y * squares->width + x);
}

/* From shares of 1 to pixels, 0 white. */
static struct sbmt_pixels shade(const struct squares *squares, double least, double most,
                                struct sbmt_arena *arena)
{
    struct sbmt_pixels pixels = {squares->width, squares->height, NULL};
    const size_t size = (size_t)squares->width * (size_t)squares->height;
    pixels.grey = sbmt_arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size && pixels.grey != NULL; i++) {
        const double share = most > least ? (squares->sum[i] - least) / (most - least) : 0;
        pixels.grey[i] = (uint8_t)(WHITE - lround(WHITE * share));
    }
    return pixels;
}

/* The number of pairs behind each square, counted without going over all of them. */
static double square_size(int of, int pixels, int pixel)
{
    const int64_t begin = ((int64_t)pixel * of + pixels - 1) / pixels;
    const int64_t end = ((int64_t)(pixel + 1) * of + pixels - 1) / pixels;
    return (double)(end - begin);
}

/* From sums to means; returns the largest. */
static double average(const struct squares *squares)
{
    double largest = 0;
    for (int y = 0; y < squares->height; y++)
        for (int x = 0; x < squares->width; x++) {
            double *sum = &squares->sum[(size_t)y * (size_t)squares->width + (size_t)x];
            *sum /= square_size(squares->rows, squares->height, y) *
                    square_size(squares->columns, squares->width, x);
            largest = fmax(largest, *sum);
        }
    return largest;
}

struct sbmt_pixels sbmt_pixels_of_pairs(const struct sbmt_pairs *pairs, struct sbmt_arena *arena)
{
    struct squares squares;
    const int n = pairs->n;
    double *largest = sbmt_arena_zalloc(arena, (size_t)n, sizeof *largest);
    if (largest == NULL || !squares_make(&squares, n, n, arena))
        return (struct sbmt_pixels){0};
    int query, key;
    for (int64_t e = 0; e < pairs->count; e++) {
        sbmt_pairs_at(pairs, e, &query, &key);
        largest[query] = fmax(largest[query], (double)pairs->weight[e]);
    }
    for (int64_t e = 0; e < pairs->count; e++) {
        sbmt_pairs_at(pairs, e, &query, &key);
        const double share = largest[query] > 0 ? (double)pairs->weight[e] / largest[query] : 0;
        squares.sum[square_at(&squares, query, key)] += faint + (1 - faint) * sqrt(share);
    }
    const double most = average(&squares);
    return shade(&squares, 0, n > SBMT_MOST_PIXELS ? most : 1, arena);
}

struct sbmt_pixels sbmt_pixels_of_matrix(const struct sbmt_captured *matrix, double *least,
                                         double *most, struct sbmt_arena *arena)
{
    struct squares squares;
    const int64_t rows = matrix->rows, columns = matrix->columns;
    if (!squares_make(&squares, (int)rows, (int)columns, arena))
        return (struct sbmt_pixels){0};
    *least = INFINITY;
    *most = -INFINITY;
    for (int64_t i = 0; i < rows * columns; i++) {
        const double value = (double)matrix->value[i];
        squares.sum[square_at(&squares, i / columns, i % columns)] += value;
        *least = fmin(*least, value);
        *most = fmax(*most, value);
    }
    average(&squares);
    return shade(&squares, *least, *most, arena);
}

struct sbmt_pixels sbmt_pixels_of_places(int count, const double *value, const int32_t *place,
                                         int width, int height, struct sbmt_arena *arena)
{
    struct sbmt_pixels pixels = {width, height, NULL};
    const size_t size = (size_t)width * (size_t)height;
    pixels.grey = sbmt_arena_zalloc(arena, size, 1);
    double most = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, value[i]);
    for (int i = 0; i < count && pixels.grey != NULL; i++) {
        const int at = place != NULL ? place[i] : i;
        if (at < (int)size && most > 0)
            pixels.grey[at] = (uint8_t)lround(WHITE * sqrt(value[i] / most));
    }
    return pixels;
}
