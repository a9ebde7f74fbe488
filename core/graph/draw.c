/* Drawing graphs: which method, and edges that are given instead of drawn. */
#include "core/graph/draw.h"

/* Nanoseconds on one core of a Zen 3 at 2.4 GHz (sbmt bench kernels); only their ratios matter. */
static const double process_table = 3.0, process_step = 1.5, process_candidate = 20.0;

/* The process pays for its tables, for walking the clusters of every row, and for candidates. */
static double process_cost(const struct sbmt_edge_law *law, double expected)
{
    const double k = law->clusters;
    return law->columns * k * process_table + law->rows * k * process_step +
           expected * process_candidate;
}

static bool use_process(const struct sbmt_edge_law *law, double expected, struct sbmt_pass *pass)
{
    if (law->kind != SBMT_EDGES_BERNOULLI || law->method == SBMT_DRAW_PROCESS)
        return true;
    if (law->method != SBMT_DRAW_CHEAPEST)
        return false;
    return process_cost(law, expected) < sbmt_graph_tiles_cost(law, pass);
}

static bool copy_given(const struct sbmt_edge_law *law, const struct sbmt_pass *pass, int head,
                       int64_t *offset, struct sbmt_edge_list *list)
{
    const struct sbmt_mask_override *given = pass->override;
    for (int i = 0; i < law->rows; i++) {
        if (!sbmt_edge_list_reserve(list, law->columns))
            return false;
        for (int j = 0; j < law->columns; j++)
            if (given->mask(given->context, pass->sequence, pass->layer, head, i, j)) {
                if (list->weighted)
                    list->weight[list->count] = 1;
                list->column[list->count++] = j;
            }
        offset[i + 1] = list->count;
    }
    return true;
}

bool sbmt_graph_draw(const struct sbmt_edge_law *law, struct sbmt_pass *pass, int head,
                     struct sbmt_graph *graph, struct sbmt_error *err)
{
    const struct sbmt_rng_key key = sbmt_pass_key(pass, SBMT_RNG_GRAPH, head);
    int64_t *offset = sbmt_arena_zalloc(pass->saved, (size_t)law->rows + 1, sizeof *offset);
    const double expected = sbmt_edge_law_expected(law);
    struct sbmt_edge_list list;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    bool drawn = offset != NULL && sbmt_edge_list_start(&list, law, expected, pass->saved);
    if (drawn && pass->override != NULL)
        drawn = copy_given(law, pass, head, offset, &list);
    else if (drawn && use_process(law, expected, pass))
        drawn = sbmt_graph_draw_process(law, pass, key, offset, &list);
    else if (drawn)
        drawn = sbmt_graph_draw_tiles(law, pass, key, offset, &list);
    sbmt_arena_release(pass->scratch, mark);
    if (!drawn)
        return sbmt_arena_check(pass->saved, "attention graph", err) &&
               sbmt_arena_check(pass->scratch, "attention graph", err);
    *graph = (struct sbmt_graph){law->rows, law->columns, offset, list.column, list.weight};
    return true;
}
