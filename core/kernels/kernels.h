/* The table of kernels: the inner loops that are worth a version for each instruction set.
 *
 * reference.c is the definition, in plain C, and the only version in double. Every other version is
 * checked against it. Integer results (random numbers, selected columns) are the same on all.
 * Matrices are row-major with a leading dimension `ld` in reals; counts may be 0; nothing
 * allocates. */
#ifndef SBMT_CORE_KERNELS_KERNELS_H
#define SBMT_CORE_KERNELS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/base/real.h"
#include "core/base/rng.h"

/** Edges by keys are kept in 32 bits: the row in the lower 12, the edge's place among those by rows
 * in the others. So many rows and edges are turned at once at most. */
enum { SBMT_TURNED_BITS = 12, SBMT_TURNED_ROWS = 1 << 12, SBMT_TURNED_EDGES = 1 << 20 };

/** What thins a row's candidates: see sbmt_kernels.thin. */
struct sbmt_thinning {
    real cap, scale, low, high;
};

/** Candidates that bounds do not decide: their columns, places among those kept and levels y. */
struct sbmt_unsure {
    int count;
    int32_t *column, *place;
    real *level;
};

/** A turned edge. */
static inline uint32_t sbmt_turned(int row, int place)
{
    return (uint32_t)place << SBMT_TURNED_BITS | (uint32_t)row;
}

static inline int sbmt_turned_row(uint32_t turned)
{
    return (int)(turned & (SBMT_TURNED_ROWS - 1));
}

static inline int sbmt_turned_place(uint32_t turned)
{
    return (int)(turned >> SBMT_TURNED_BITS);
}

struct sbmt_kernels {
    const char *cpu; /**< "c", "avx2" or "avx512" */

    /** Blocks first … first+blocks−1 of a row of random numbers: 4·blocks words into `out`, number
     * i of the row (see sbmt_rng_bits) at i − 4·first. */
    void (*random_bits)(struct sbmt_rng_key key, uint32_t row, uint32_t first, int blocks,
                        uint32_t *out);

    real (*sum)(int count, const real *x);
    real (*dot)(int count, const real *x, const real *y);
    /** The largest of x; −SBMT_REAL_MAX for none. */
    real (*max)(int count, const real *x);
    /** x ← e^{x·scale − shift}; returns the sum. Exponents beyond −87 and 88 may count as these. */
    real (*exp_sum)(int count, real *x, real scale, real shift);
    /** x ← ln x, for normal numbers above 0. */
    void (*log)(int count, real *x);
    /** x ← 1/(1 + e^{−x}). */
    void (*sigmoid)(int count, real *x);
    /** y = x·Φ(x), the exact GELU (Hendrycks & Gimpel 2016). */
    void (*gelu)(int count, const real *x, real *y);
    /** dx = dy·(Φ(x) + x·φ(x)). dx may be dy. */
    void (*gelu_backward)(int count, const real *x, const real *dy, real *dx);
    /** Zeroes x_i where half-word i of `bits` (low half first) is below `threshold`, else scales
     * it. */
    void (*dropout)(int count, const uint32_t *bits, uint32_t threshold, real scale, real *x);
    /** ds = p·(dp − delta)·scale: the softmax adjoint of one row. ds may be dp. */
    void (*softmax_backward)(int count, const real *p, const real *dp, real delta, real scale,
                             real *ds);

    /** Standard exponential variates: out = −ln(1 − u) with u = (bits + ½)·2⁻³² in (0, 1), one for
     * each word of `bits`. Accurate to a few ulp for small u, so that rare events keep their rates.
     */
    void (*exponential)(int count, const uint32_t *bits, real *out);

    /** Writes every j with x_j > threshold to `columns`, ascending, and returns how many. There is
     * room for count + 16, and what lies behind the results is undefined. */
    int (*above)(int count, const real *x, real threshold, int32_t *columns);

    /** Bounds of Σ r_v·z_v for all z within least ≤ z ≤ most, where r = weight − scale·share has
     * both signs: bounds[0] the least, bounds[1] the largest; bounds[2] = Σ weight_v·most_v. */
    void (*rest_bounds)(int count, const real *weight, const real *share, real scale,
                        const real *least, const real *most, real bounds[3]);

    /** Candidates of one row's edges: with h_j half-word j of `bits` (low half first) and
     * x_j = scale·along_j, sets bit j of `edges` (whole words of 32, low bits first) where
     * h_j < 2¹⁶·(x_j + high), clears the others, and returns how many are set. Candidates without
     * h_j + 1 ≤ 2¹⁶·(x_j + low) are unsure: they go to `unsure`, ascending, which has room for
     * `count`, and their number to *unsure_count. */
    int (*scan)(int count, const real *along, real scale, real low, real high, const uint32_t *bits,
                uint32_t *edges, int32_t *unsure, int *unsure_count);

    /** Goes from candidate to candidate: a wait, a standard exponential variate, leads
     * ⌊wait·per_gap⌋ + 1 columns on from *at. Writes the columns below `limit` to `columns`, as far
     * as the `count` waits lead, and returns how many; *at becomes the last. There is room for 16
     * more, and what lies behind the results is undefined. */
    int (*skip)(int count, const real *wait, real per_gap, int limit, int *at, int32_t *columns);

    /** Thins `count` candidates: with y_e = cap·u_e, u_e the unit number of bits_e (sbmt_rng_unit),
     * and x_e = scale·along[columns_e], keeps those with y_e < x_e + high in `columns`, in their
     * order, and returns how many. Those of them without y_e < x_e + low go to `unsure`. All have
     * room for 16 more, and what lies behind the results is undefined. */
    int (*thin)(int count, int32_t *columns, const uint32_t *bits, const real *along,
                const struct sbmt_thinning *by, struct sbmt_unsure *unsure);

    /** Writes first + j for every bit j that is set in `words` words of `bits`, low bits first, to
     * `places`, ascending, and returns how many. There is room for 16 more, and what lies behind
     * the results is undefined. */
    int (*set_bits)(int words, const uint32_t *bits, int32_t first, int32_t *places);

    /** out_e = scale·x_j for every bit j that is set in `words` words of `bits`, ascending; returns
     * how many. x has 32 numbers a word, all of which may be read. There is room for 16 more, and
     * what lies behind the results is undefined. */
    int (*collect)(int words, const uint32_t *bits, real scale, const real *x, real *out);
    /** The reverse: out_j is the next of x where bit j is set, and 0 where not. Up to 16 more of x
     * may be read. */
    void (*spread)(int words, const uint32_t *bits, const real *x, real *out);
    /** x_j ← filler for every bit j that is not set in `words` words of `bits`; returns the sum of
     * the numbers that stay. x has 32 a word. */
    real (*keep)(int words, const uint32_t *bits, real filler, real *x);

    /** Turns at most SBMT_TURNED_ROWS rows of bits, row i from bits + i·stride on: for every column
     * below `columns`, ascending, the rows i that have its bit, ascending, go to `turned` with the
     * place next_i++. Column j has turned[begin[j]] … turned[begin[j+1]−1] (begin: columns + 1).
     * There is room for 16 more in `turned`, and for whole sixteens in `next` (rows). */
    void (*turn_bits)(int rows, int columns, const uint32_t *bits, int stride, int32_t *next,
                      int *begin, uint32_t *turned);

    /** c (m, n) = a·b, or += with `add`: a_ip is a[i·row_step + p·depth_step] for p < depth, so a
     * is stored by rows or by columns, and b is (depth, n). For tiles in cache: nothing is copied.
     */
    void (*product)(int m, int n, int depth, bool add, const real *a, int row_step, int depth_step,
                    const real *b, int ldb, real *c, int ldc);

    /** Transforms of four complex numbers (Cochran et al. 1967), `count` side by side: row p of the
     * real and the imaginary parts is at p·step, and row q of both results at q·count:
     * out_q = w_q·Σ_p (−i)^{pq}·x_p, with w_q = w[q] + i·w[4+q]. w_0 is taken as 1. */
    void (*butterfly)(int count, size_t step, const real *re, const real *im, const real w[8],
                      real *out_re, real *out_im);

    /** out_e = scale · row·matrix[columns_e], for (d) rows. */
    void (*gather_dot)(int d, int count, const int32_t *columns, const real *row,
                       const real *matrix, int ld, real scale, real *out);
    /** out (d) += Σ_e weight_e · matrix[columns_e] over `count` edges. */
    void (*gather_add)(int d, int count, const int32_t *columns, const real *weight,
                       const real *matrix, int ld, real *out);
    /** The same of turned edges: out += Σ_e weight[place_e] · matrix[row_e]. */
    void (*gather_add_turned)(int d, int count, const uint32_t *turned, const real *weight,
                              const real *matrix, int ld, real *out);
};

/** The best instruction set that this machine and this build have. */
const char *sbmt_cpu_best(void);

/** The table for an instruction set: "c", "avx2", "avx512", or NULL for the best. NULL with
 *  SBMT_ERROR_USAGE where the name is unknown or the machine lacks it. */
const struct sbmt_kernels *sbmt_kernels_get(const char *cpu, struct sbmt_error *err);

#endif
