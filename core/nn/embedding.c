/* Token embeddings plus learned positions. */
#include "core/nn/embedding.h"

#include <stddef.h>

void sbmt_embedding_forward(int n, int d, const int32_t *tokens, const real *words,
                            const real *positions, real *x)
{
    for (int i = 0; i < n; i++) {
        const real *word = words + (size_t)tokens[i] * (size_t)d;
        const real *position = positions + (size_t)i * (size_t)d;
        for (int j = 0; j < d; j++)
            x[(size_t)i * (size_t)d + (size_t)j] = word[j] + position[j];
    }
}

void sbmt_embedding_backward(int n, int d, const int32_t *tokens, const real *dx, real *dwords,
                             real *dpositions)
{
    for (int i = 0; i < n; i++) {
        const real *row = dx + (size_t)i * (size_t)d;
        real *dword = dwords + (size_t)tokens[i] * (size_t)d;
        real *dposition = dpositions + (size_t)i * (size_t)d;
        for (int j = 0; j < d; j++) {
            dword[j] += row[j];
            dposition[j] += row[j];
        }
    }
}
