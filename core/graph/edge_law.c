/* Laws of edges, and lists of drawn ones. */
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

static void *grown(struct sbmt_edge_list *list, const void *old, size_t size, int64_t capacity)
{
    void *array = sbmt_arena_alloc(list->arena, (size_t)capacity * size);
    if (array != NULL && list->count > 0)
        memcpy(array, old, (size_t)list->count * size);
    return array;
}

bool sbmt_edge_list_reserve(struct sbmt_edge_list *list, int64_t more)
{
    if (list->count + more + SBMT_EDGE_SLACK <= list->capacity)
        return true;
    const int64_t capacity = list->count + more + SBMT_EDGE_SLACK + list->capacity / 4;
    int32_t *column = grown(list, list->column, sizeof *column, capacity);
    if (column == NULL)
        return false;
    if (list->weighted) {
        real *weight = grown(list, list->weight, sizeof *weight, capacity);
        if (weight == NULL)
            return false;
        list->weight = weight;
    }
    list->column = column;
    list->capacity = capacity;
    return true;
}

bool sbmt_edge_list_start(struct sbmt_edge_list *list, const struct sbmt_edge_law *law,
                          double expected, struct sbmt_arena *arena)
{
    *list = (struct sbmt_edge_list){
        .arena = arena,
        .weighted = law->kind == SBMT_EDGES_POISSON,
    };
    /* The variance of the number of edges is at most its mean. The row being written needs room
     * too. */
    const double most = (double)law->rows * law->columns;
    const double wanted = expected + 6 * sqrt(expected) + 64;
    return sbmt_edge_list_reserve(list, (int64_t)(wanted < most ? wanted : most) + law->columns);
}
