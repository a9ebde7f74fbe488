/* Sums of the weights of laws, and what they are expected to draw. */
#include "core/graph/edge_law.h"

#include "core/base/integer.h"

enum { ROWS_AT_ONCE = 16, CLUSTERS_AT_ONCE = 64 };

/* Adds up some rows of some clusters as reals, which vectors of a processor do. */
static void add_few(const real *weight, int rows, int width, int clusters, double *sum)
{
    real few[CLUSTERS_AT_ONCE] = {0};
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < clusters; v++)
            few[v] += weight[(size_t)i * (size_t)width + (size_t)v];
    for (int v = 0; v < clusters; v++)
        sum[v] += (double)few[v];
}

static void add_rows(const real *weight, int rows, int width, int clusters, double *sum)
{
    for (int i = 0; i < rows; i += ROWS_AT_ONCE)
        for (int v = 0; v < clusters; v += CLUSTERS_AT_ONCE)
            add_few(weight + (size_t)i * (size_t)width + (size_t)v,
                    sbmt_int_min(rows - i, ROWS_AT_ONCE), width,
                    sbmt_int_min(clusters - v, CLUSTERS_AT_ONCE), sum + v);
}

bool sbmt_edge_sums_init(struct sbmt_edge_sums *sums, const struct sbmt_edge_law *law,
                         struct sbmt_arena *arena)
{
    const size_t k = (size_t)law->clusters;
    sums->rows = sbmt_arena_zalloc(arena, k, sizeof *sums->rows);
    sums->columns = sbmt_arena_zalloc(arena, k, sizeof *sums->columns);
    if (sums->rows == NULL || sums->columns == NULL)
        return false;
    add_rows(law->row_weight, law->rows, law->width, law->clusters, sums->rows);
    add_rows(law->column_weight, law->columns, law->width, law->clusters, sums->columns);
    return true;
}

double sbmt_edge_law_expected(const struct sbmt_edge_law *law, const struct sbmt_edge_sums *sums)
{
    double total = (double)law->shift * law->rows * law->columns;
    for (int v = 0; v < law->clusters; v++)
        total += sums->rows[v] * sums->columns[v];
    return total;
}

void sbmt_edge_law_mean(const struct sbmt_edge_law *law, int count, real *x)
{
    for (int j = 0; j < count; j++) {
        const real p = x[j] + law->shift;
        if (law->kind == SBMT_EDGES_BERNOULLI)
            x[j] = p < 1 ? p : 1;
        else if (law->kind == SBMT_EDGES_POISSON)
            x[j] = p;
        else
            x[j] = SBMT_R(-expm1(-(double)p));
    }
}
