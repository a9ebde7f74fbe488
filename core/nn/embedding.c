/* Embeddings. */
#include "core/nn/embedding.h"

#include <stddef.h>

void sbmt_embedding_forward(int n, int d, const int32_t *index, const real *table, real *x)
{
    for (int i = 0; i < n; i++) {
        const real *from = table + (size_t)(index != NULL ? index[i] : i) * (size_t)d;
        real *to = x + (size_t)i * (size_t)d;
        for (int j = 0; j < d; j++)
            to[j] += from[j];
    }
}

void sbmt_embedding_backward(int n, int d, const int32_t *index, const real *dx, real *dtable)
{
    for (int i = 0; i < n; i++) {
        const real *from = dx + (size_t)i * (size_t)d;
        real *to = dtable + (size_t)(index != NULL ? index[i] : i) * (size_t)d;
        for (int j = 0; j < d; j++)
            to[j] += from[j];
    }
}
