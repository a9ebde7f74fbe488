/* Features of pairs. */
#include "core/model/pair.h"

int sbmt_pair_width(const struct sbmt_model_config *config)
{
    return (config->pair_features == SBMT_PAIR_NLI ? 4 : 2) * config->dim;
}

void sbmt_pair_forward(const struct sbmt_model_config *config, real *row)
{
    if (config->pair_features == SBMT_PAIR_CONCAT)
        return;
    const int dim = config->dim;
    const real *a = row, *b = a + dim;
    real *product = row + 2 * dim, *difference = product + dim;
    for (int j = 0; j < dim; j++) {
        product[j] = a[j] * b[j];
        difference[j] = a[j] - b[j];
    }
}

void sbmt_pair_backward(const struct sbmt_model_config *config, const real *row, real *drow)
{
    if (config->pair_features == SBMT_PAIR_CONCAT)
        return;
    const int dim = config->dim;
    const real *a = row, *b = a + dim;
    const real *dproduct = drow + 2 * dim, *ddifference = dproduct + dim;
    real *da = drow, *db = da + dim;
    for (int j = 0; j < dim; j++) {
        da[j] += dproduct[j] * b[j] + ddifference[j];
        db[j] += dproduct[j] * a[j] - ddifference[j];
    }
}
