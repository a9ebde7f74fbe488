/* Sinkhorn balancing: a matrix of any numbers becomes one that is nearly doubly stochastic, by
 * normalising rows and columns of its exponentials in turn (Sinkhorn 1964), in the log domain as in
 * Mena et al. 2018, arXiv 1802.08665. */
#ifndef SBMT_CORE_NN_BALANCE_H
#define SBMT_CORE_NN_BALANCE_H

#include "core/base/arena.h"
#include "core/kernels/kernels.h"

/** A balancing of (m, m) logits; rows are normalised first, columns last. */
struct sbmt_balance {
    int m, iterations; /**< an iteration normalises rows, then columns */
    real *steps;       /**< (2·iterations + 1, m, m): the logits, and what each step made of the
                          one before, turned, so that every step is one of rows */
    real *result;      /**< (m, m) the last step's exponentials */
};

/** Allocates in `arena`. False when memory is out (the arena's sticky failure). */
bool sbmt_balance_init(struct sbmt_balance *balance, int m, int iterations,
                       struct sbmt_arena *arena);

/** Computes steps and result from the logits, which are the first m·m of `steps`. */
void sbmt_balance_forward(struct sbmt_balance *balance, const struct sbmt_kernels *kernels);

/** dx (m, m): the gradient of the result becomes that of the logits. False when scratch memory is
 * out (the arena's sticky failure). */
bool sbmt_balance_backward(const struct sbmt_balance *balance, const struct sbmt_kernels *kernels,
                           real *dx, struct sbmt_arena *scratch);

#endif
