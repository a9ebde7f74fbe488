/* The discrete Fourier transform of columns, at any length. */
#ifndef SBMT_CORE_NN_FOURIER_H
#define SBMT_CORE_NN_FOURIER_H

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/kernels/kernels.h"

/** out (n, d) = Re(F·(a + i·b)) with F_jk = e^{−2πi·jk/n}: a, b and out are (n, d), rows `stride`
 * and out_stride apart; out may be neither a nor b. O(n log n) a column at any n. False when
 * scratch memory is out (the arena's sticky failure). */
bool sbmt_fourier_real(const struct sbmt_kernels *kernels, int n, int d, const real *a,
                       const real *b, int stride, real *out, int out_stride,
                       struct sbmt_arena *scratch);

#endif
