/* Independent edges by tiles: probabilities by a matrix product, compared with uniform numbers. */
#include "core/graph/bernoulli.h"

#include <string.h>

#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

enum { TILE_ROWS = 32 };

/* Columns of the edges drawn so far. */
struct edge_list {
    struct sbmt_arena *arena;
    int32_t *column;
    int64_t count, capacity;
};

/* The expected number of edges, P's clipping at 1 aside: Σ_v (Σ_i rows_iv)(Σ_j columns_jv) + δnm.
 */
static double expected_edges(const struct sbmt_edge_law *law)
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

/* Makes room for `more` edges. A list that was sized by expectation hardly ever moves. */
static bool reserve(struct edge_list *list, int64_t more)
{
    if (list->count + more <= list->capacity)
        return true;
    const int64_t capacity = list->count + more + list->capacity / 4;
    int32_t *column = sbmt_arena_alloc(list->arena, (size_t)capacity * sizeof *column);
    if (column == NULL)
        return false;
    if (list->count > 0)
        memcpy(column, list->column, (size_t)list->count * sizeof *column);
    list->column = column;
    list->capacity = capacity;
    return true;
}

/* Six standard deviations above the expectation (the variance is at most the mean), and room for
 * the row that is being written. */
static bool start(struct edge_list *list, const struct sbmt_edge_law *law)
{
    const double most = (double)law->rows * law->columns;
    const double mean = expected_edges(law);
    const double wanted = mean + 6 * sqrt(mean) + 64;
    return reserve(list, (int64_t)(wanted < most ? wanted : most) + law->columns);
}

static void draw_row(const struct sbmt_edge_law *law, struct sbmt_pass *pass,
                     struct sbmt_rng_key key, int row, const real *probability, uint32_t *bits,
                     struct edge_list *list)
{
    pass->kernels->random_bits(key, (uint32_t)row, 0, (law->columns + 3) / 4, bits);
    list->count += pass->kernels->draw(law->columns, probability, law->shift, bits, 0,
                                       list->column + list->count);
}

static void copy_row(const struct sbmt_pass *pass, int head, int row, int columns,
                     struct edge_list *list)
{
    const struct sbmt_mask_override *given = pass->override;
    for (int j = 0; j < columns; j++)
        if (given->mask(given->context, pass->sequence, pass->layer, head, row, j))
            list->column[list->count++] = j;
}

static bool draw_tiles(const struct sbmt_edge_law *law, struct sbmt_pass *pass, int head,
                       int64_t *offset, struct edge_list *list)
{
    const struct sbmt_rng_key key = sbmt_pass_key(pass, SBMT_RNG_GRAPH, head);
    const size_t width = ((size_t)law->columns + 15) & ~(size_t)15;
    real *tile = sbmt_arena_reals(pass->scratch, TILE_ROWS * width);
    uint32_t *bits = sbmt_arena_alloc(pass->scratch, (width + 4) * sizeof *bits);
    if (tile == NULL || bits == NULL)
        return false;
    offset[0] = 0;
    for (int first = 0; first < law->rows; first += TILE_ROWS) {
        const int count = law->rows - first < TILE_ROWS ? law->rows - first : TILE_ROWS;
        if (pass->override == NULL)
            sbmt_gemm_nt(count, law->columns, law->clusters,
                         law->row_weight + (size_t)first * (size_t)law->width, law->width,
                         law->column_weight, law->width, 0, tile, (int)width);
        for (int i = 0; i < count; i++) {
            if (!reserve(list, law->columns))
                return false;
            if (pass->override != NULL)
                copy_row(pass, head, first + i, law->columns, list);
            else
                draw_row(law, pass, key, first + i, tile + (size_t)i * width, bits, list);
            offset[first + i + 1] = list->count;
        }
    }
    return true;
}

bool sbmt_graph_draw(const struct sbmt_edge_law *law, struct sbmt_pass *pass, int head,
                     struct sbmt_graph *graph, struct sbmt_error *err)
{
    int64_t *offset = sbmt_arena_alloc(pass->saved, ((size_t)law->rows + 1) * sizeof *offset);
    struct edge_list list = {.arena = pass->saved};
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const bool drawn = offset != NULL && start(&list, law) &&
                       draw_tiles(law, pass, head, offset, &list);
    sbmt_arena_release(pass->scratch, mark);
    if (!drawn)
        return sbmt_arena_check(pass->saved, "attention graph", err) &&
               sbmt_arena_check(pass->scratch, "attention graph", err);
    *graph = (struct sbmt_graph){law->rows, law->columns, offset, list.column};
    return true;
}
