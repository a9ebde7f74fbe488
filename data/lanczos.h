/* Shrinking small grey pictures by Lanczos' windowed sinc of three lobes, separably, in fixed point
 * and with 8 bits between the two passes. The window is as wide as the shrinking asks for, so that
 * this also smooths; at the edges of a picture the weights that are left are scaled to a sum of 1.
 * (Duchon, "Lanczos filtering in one and two dimensions", J. Applied Meteorology 18, 1979.) */
#ifndef SBMT_DATA_LANCZOS_H
#define SBMT_DATA_LANCZOS_H

#include <stdint.h>

enum {
    SBMT_LANCZOS_MOST_OUT = 32, /**< pixels of a side that come out */
    SBMT_LANCZOS_MOST_IN = 64,  /**< and go in: at most twice as many */
    SBMT_LANCZOS_TAPS = 14,
};

/** The weights of one direction. */
struct sbmt_lanczos {
    int in, out;
    int first[SBMT_LANCZOS_MOST_OUT], count[SBMT_LANCZOS_MOST_OUT]; /**< of pixels that go in */
    int32_t weight[SBMT_LANCZOS_MOST_OUT][SBMT_LANCZOS_TAPS];       /**< times 2^22 */
};

/** Weights that make `out` pixels of `in`, with out ≤ in ≤ 2·out. */
void sbmt_lanczos_init(struct sbmt_lanczos *filter, int in, int out);

/** Shrinks a picture of (rows->in, columns->in) pixels into (rows->out, columns->out). */
void sbmt_lanczos_shrink(const struct sbmt_lanczos *rows, const struct sbmt_lanczos *columns,
                         const uint8_t *picture, uint8_t *out);

#endif
