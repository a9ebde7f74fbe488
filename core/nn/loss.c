/* Losses. */
#include "core/nn/loss.h"

#include <math.h>
#include <stddef.h>

double sbmt_cross_entropy(int classes, const real *logits, int label, real scale, real *dlogits)
{
    /* In double: the loss of a batch is a sum of these, and finite differences look at it. */
    const double largest = (double)logits[sbmt_argmax(classes, logits)];
    double total = 0;
    for (int c = 0; c < classes; c++)
        total += exp((double)logits[c] - largest);
    if (dlogits != NULL)
        for (int c = 0; c < classes; c++) {
            const double share = exp((double)logits[c] - largest) / total;
            dlogits[c] = scale * SBMT_R(share - (c == label));
        }
    return largest + log(total) - (double)logits[label];
}

double sbmt_squared_error(real found, double expected, real scale, real *dfound)
{
    const double difference = (double)found - expected;
    if (dfound != NULL)
        *dfound = scale * SBMT_R(2 * difference);
    return difference * difference;
}

int sbmt_argmax(int count, const real *x)
{
    int best = 0;
    for (int i = 1; i < count; i++)
        if (x[i] > x[best])
            best = i;
    return best;
}
