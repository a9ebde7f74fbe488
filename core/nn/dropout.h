/* Dropout with masks from counters: forward and backward apply the same function. */
#ifndef SBMT_CORE_NN_DROPOUT_H
#define SBMT_CORE_NN_DROPOUT_H

#include "core/base/arena.h"
#include "core/kernels/kernels.h"

/** A dropout rate as the kernels want it: elements whose 16 random bits are below `threshold`
 * become 0, the others are multiplied by `scale`. The rate is rounded to 1/65536 and the scale fits
 * it exactly. */
struct sbmt_dropout {
    uint32_t threshold;
    real scale;
};

struct sbmt_dropout sbmt_dropout_make(double rate);

/** Applies dropout in place to x (n, d), rows `stride` apart; row i uses row i of the key's
 * numbers. A threshold of 0 does nothing. False when scratch memory is out (the arena's sticky
 * failure). */
bool sbmt_dropout_apply(const struct sbmt_kernels *kernels, struct sbmt_dropout dropout,
                        struct sbmt_rng_key key, int n, int d, real *x, int stride,
                        struct sbmt_arena *scratch);

#endif
