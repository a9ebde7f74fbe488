/* Numbers of a head as pixels, in an arena: `grey` is NULL when memory is out (its sticky failure).
 */
#ifndef SBMT_BENCH_PICTURE_PIXELS_H
#define SBMT_BENCH_PICTURE_PIXELS_H

#include "bench/capture.h"
#include "bench/svg_pixels.h"

/** The most pixels of a side; larger matrices are averaged over squares. */
enum { SBMT_MOST_PIXELS = 512 };

/** Queries by keys: white where there is no edge, else from light to dark by the root of the weight
 * as a share of its query's largest, so that small weights are seen. */
struct sbmt_pixels sbmt_pixels_of_pairs(const struct sbmt_pairs *pairs, struct sbmt_arena *arena);

/** A matrix, its least number white and its largest black; *least and *most receive them. */
struct sbmt_pixels sbmt_pixels_of_matrix(const struct sbmt_captured *matrix, double *least,
                                         double *most, struct sbmt_arena *arena);

/** Numbers at places of a picture of some width and height, 0 black and the largest white; places
 * not named are black. */
struct sbmt_pixels sbmt_pixels_of_places(int count, const double *value, const int32_t *place,
                                         int width, int height, struct sbmt_arena *arena);

#endif
