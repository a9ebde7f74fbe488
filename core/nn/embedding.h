/* Token embeddings plus learned positions. */
#ifndef SBMT_CORE_NN_EMBEDDING_H
#define SBMT_CORE_NN_EMBEDDING_H

#include <stdint.h>

#include "core/base/real.h"

/** x (n, d) = words[token] + positions[i], for position i = 0 … n−1. */
void sbmt_embedding_forward(int n, int d, const int32_t *tokens, const real *words,
                            const real *positions, real *x);

/** Adds dx (n, d) to dwords[token] and dpositions[i]. */
void sbmt_embedding_backward(int n, int d, const int32_t *tokens, const real *dx, real *dwords,
                             real *dpositions);

#endif
