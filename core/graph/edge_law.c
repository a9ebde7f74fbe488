/* Sums of the laws of edges. */
#include "core/graph/edge_law.h"

#include <string.h>

enum { CLUSTERS_AT_ONCE = 64 };

void sbmt_edge_weight_sums(const real *weight, int rows, int width, int clusters, double *sum)
{
    memset(sum, 0, (size_t)clusters * sizeof *sum);
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < clusters; v++)
            sum[v] += (double)weight[(size_t)i * (size_t)width + (size_t)v];
}

double sbmt_edge_law_expected(const struct sbmt_edge_law *law)
{
    double total = (double)law->shift * law->rows * law->columns;
    for (int first = 0; first < law->clusters; first += CLUSTERS_AT_ONCE) {
        double from_rows[CLUSTERS_AT_ONCE], from_columns[CLUSTERS_AT_ONCE];
        const int rest = law->clusters - first;
        const int count = rest < CLUSTERS_AT_ONCE ? rest : CLUSTERS_AT_ONCE;
        sbmt_edge_weight_sums(law->row_weight + first, law->rows, law->width, count, from_rows);
        sbmt_edge_weight_sums(law->column_weight + first, law->columns, law->width, count,
                              from_columns);
        for (int v = 0; v < count; v++)
            total += from_rows[v] * from_columns[v];
    }
    return total;
}
