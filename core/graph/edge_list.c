/* Graphs being drawn. */
#include "core/graph/edge_list.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/kernels/kernels.h"

static void *grown(const struct sbmt_edge_list *list, const void *old, size_t size,
                   int64_t capacity)
{
    void *array = sbmt_arena_alloc(list->arena, (size_t)capacity * size);
    if (array != NULL && list->count > 0)
        memcpy(array, old, (size_t)list->count * size);
    return array;
}

/* Room for `more` edges and the slack behind them, in what is kept for each edge. */
static bool reserve(struct sbmt_edge_list *list, int64_t more)
{
    const bool kept = list->bits == NULL || list->weighted;
    if (!kept || list->count + more + SBMT_EDGE_SLACK <= list->capacity)
        return true;
    const int64_t capacity = list->count + more + SBMT_EDGE_SLACK + list->capacity / 4;
    if (list->bits == NULL)
        list->column = grown(list, list->column, sizeof *list->column, capacity);
    if (list->weighted)
        list->weight = grown(list, list->weight, sizeof *list->weight, capacity);
    list->capacity = capacity;
    return !list->arena->failed;
}

bool sbmt_edge_list_start(struct sbmt_edge_list *list, const struct sbmt_edge_law *law,
                          double expected, struct sbmt_pass *pass)
{
    struct sbmt_arena *saved = pass->saved, *scratch = pass->scratch;
    const double pairs = (double)law->rows * law->columns;
    const size_t rows = (size_t)law->rows, columns = (size_t)law->columns;
    *list = (struct sbmt_edge_list){
        .arena = saved,
        .kernels = pass->kernels,
        .rows = law->rows,
        .columns = law->columns,
        .words = sbmt_graph_words(law->columns),
        .weighted = law->kind == SBMT_EDGES_POISSON,
        .offset = sbmt_arena_zalloc(saved, rows + 1, sizeof *list->offset),
    };
    if (32 * expected > pairs) {
        list->bits = sbmt_arena_zalloc(saved, rows * (size_t)list->words, sizeof *list->bits);
        list->buffer = sbmt_arena_alloc(scratch, (columns + SBMT_EDGE_SLACK) * sizeof(int32_t));
        if (list->bits == NULL || list->buffer == NULL)
            return false;
    } else {
        list->row_bits = sbmt_arena_alloc(scratch, (size_t)list->words * sizeof *list->row_bits);
        if (list->row_bits == NULL)
            return false;
    }
    /* The variance of the number of edges is at most its mean. The row being written needs room
     * too. */
    const double wanted = expected + 6 * sqrt(expected) + 64;
    const int64_t most = (int64_t)(wanted < pairs ? wanted : pairs) + law->columns;
    return list->offset != NULL && reserve(list, most);
}

int32_t *sbmt_edge_list_row(struct sbmt_edge_list *list)
{
    if (!reserve(list, list->columns))
        return NULL;
    return list->bits != NULL ? list->buffer : list->column + list->count;
}

static uint32_t *next_bits(const struct sbmt_edge_list *list)
{
    return list->bits != NULL ? list->bits + (size_t)list->row * (size_t)list->words
                              : list->row_bits;
}

void sbmt_edge_list_end_row(struct sbmt_edge_list *list, int count, const int32_t *multiplicity)
{
    const int32_t *column = list->bits != NULL ? list->buffer : list->column + list->count;
    if (list->bits != NULL) {
        uint32_t *bits = next_bits(list);
        for (int e = 0; e < count; e++)
            bits[column[e] / 32] |= 1U << (column[e] % 32);
    }
    for (int e = 0; list->weighted && e < count; e++)
        list->weight[list->count + e] = SBMT_R(multiplicity != NULL ? multiplicity[column[e]] : 1);
    list->count += count;
    list->offset[++list->row] = list->count;
}

uint32_t *sbmt_edge_list_bits(struct sbmt_edge_list *list)
{
    assert(!list->weighted);
    return reserve(list, list->columns) ? next_bits(list) : NULL;
}

void sbmt_edge_list_end_bits(struct sbmt_edge_list *list, int count)
{
    if (list->bits == NULL)
        list->kernels->set_bits(list->words, list->row_bits, 0, list->column + list->count);
    list->count += count;
    list->offset[++list->row] = list->count;
}

struct sbmt_graph sbmt_edge_list_graph(const struct sbmt_edge_list *list)
{
    return (struct sbmt_graph){
        .rows = list->rows,
        .columns = list->columns,
        .offset = list->offset,
        .column = list->column,
        .weight = list->weight,
        .bits = list->bits,
        .words = list->words,
    };
}
