/* Embeddings: rows of a table of vectors. */
#ifndef SBMT_CORE_NN_EMBEDDING_H
#define SBMT_CORE_NN_EMBEDDING_H

#include <stdint.h>

#include "core/base/real.h"

/** Adds rows of a table (…, d) to those of x (n, d): row index[i] to row i, or row i where `index`
 * is NULL. */
void sbmt_embedding_forward(int n, int d, const int32_t *index, const real *table, real *x);

/** Adds dx (n, d) to the same rows of dtable. */
void sbmt_embedding_backward(int n, int d, const int32_t *index, const real *dx, real *dtable);

#endif
