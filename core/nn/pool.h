/* Pooling: a sequence of vectors becomes one. */
#ifndef SBMT_CORE_NN_POOL_H
#define SBMT_CORE_NN_POOL_H

#include "core/base/real.h"

/** out (d) = the sum of the first `count` rows of x (n, d), divided by `divisor`: mean pooling with
 *  count = divisor = n, the first token with both 1, and the published mean over a padded length
 * with that length as divisor. */
void sbmt_pool_forward(int count, int d, real divisor, const real *x, real *out);

/** dx (n, d) is overwritten: dout/divisor in the first `count` rows, 0 in the others. */
void sbmt_pool_backward(int n, int count, int d, real divisor, const real *dout, real *dx);

#endif
