/* Laws of edges, and lists of drawn ones. */
#include "core/graph/edge_law.h"

#include <string.h>

double sbmt_edge_law_expected(const struct sbmt_edge_law *law)
{
    double total = (double)law->shift * law->rows * law->columns;
    for (int v = 0; v < law->clusters; v++) {
        double from_rows = 0, from_columns = 0;
        for (int i = 0; i < law->rows; i++)
            from_rows += (double)law->row_weight[(size_t)i * (size_t)law->width + (size_t)v];
        for (int j = 0; j < law->columns; j++)
            from_columns += (double)law->column_weight[(size_t)j * (size_t)law->width + (size_t)v];
        total += from_rows * from_columns;
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
    if (list->count + more <= list->capacity)
        return true;
    const int64_t capacity = list->count + more + list->capacity / 4;
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
                          struct sbmt_arena *arena)
{
    *list = (struct sbmt_edge_list){
        .arena = arena,
        .weighted = law->kind == SBMT_EDGES_POISSON,
    };
    /* The variance of the number of edges is at most its mean. The row being written needs room
     * too. */
    const double most = (double)law->rows * law->columns;
    const double mean = sbmt_edge_law_expected(law);
    const double wanted = mean + 6 * sqrt(mean) + 64;
    return sbmt_edge_list_reserve(list, (int64_t)(wanted < most ? wanted : most) + law->columns);
}
