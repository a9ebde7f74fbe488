/* Losses: cross-entropy of logits against a class, squared error of a number. */
#ifndef SBMT_CORE_NN_LOSS_H
#define SBMT_CORE_NN_LOSS_H

#include "core/base/real.h"

/** The cross-entropy in nats of logits (classes) against `label`. dlogits (classes), if not NULL,
 *  receives scale·(softmax − one-hot). */
double sbmt_cross_entropy(int classes, const real *logits, int label, real scale, real *dlogits);

/** (found − expected)². *dfound, if not NULL, receives scale·2(found − expected). */
double sbmt_squared_error(real found, double expected, real scale, real *dfound);

/** The first index of the largest value. */
int sbmt_argmax(int count, const real *x);

#endif
