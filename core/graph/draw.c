/* Drawing graphs: which method, and edges that are given instead of drawn. */
#include "core/graph/draw.h"

/* Nanoseconds like those in tiles.c (sbmt bench kernels). */
static const double process_table = 11, process_step = 6, process_candidate = 40;

/* The process pays for its tables, for walking the clusters of every row, and for candidates. */
static double process_cost(const struct sbmt_edge_law *law, double expected)
{
    const double k = law->clusters;
    return law->columns * k * process_table + law->rows * k * process_step +
           expected * process_candidate;
}

static bool copy_given(const struct sbmt_edge_law *law, const struct sbmt_pass *pass, int head,
                       struct sbmt_edge_list *list)
{
    const struct sbmt_mask_override *given = pass->override;
    for (int i = 0; i < law->rows; i++) {
        int32_t *column = sbmt_edge_list_row(list);
        int count = 0;
        if (column == NULL)
            return false;
        for (int j = 0; j < law->columns; j++)
            if (given->mask(given->context, pass->sequence, pass->layer, head, i, j))
                column[count++] = j;
        sbmt_edge_list_end_row(list, count, NULL);
    }
    return true;
}

/* By the method that the law names, or else by the cheapest. */
static bool draw(const struct sbmt_edge_law *law, const struct sbmt_edge_sums *sums,
                 double expected, struct sbmt_pass *pass, struct sbmt_rng_key key,
                 struct sbmt_edge_list *list)
{
    if (law->kind != SBMT_EDGES_BERNOULLI)
        return sbmt_process_draw(law, NULL, pass, key, list);
    struct sbmt_tiles tiles;
    if (!sbmt_tiles_plan(&tiles, law, sums, pass, key))
        return false;
    const bool cheaper = process_cost(law, expected) < tiles.cost;
    if (law->method == SBMT_DRAW_PROCESS || (law->method == SBMT_DRAW_CHEAPEST && cheaper))
        return sbmt_process_draw(law, &tiles, pass, key, list);
    return sbmt_tiles_draw(&tiles, pass, list);
}

static bool draw_or_copy(const struct sbmt_edge_law *law, struct sbmt_pass *pass, int head,
                         struct sbmt_edge_list *list)
{
    const struct sbmt_rng_key key = sbmt_pass_key(pass, SBMT_RNG_GRAPH, head);
    struct sbmt_edge_sums sums;
    if (!sbmt_edge_sums_init(&sums, law, pass->scratch))
        return false;
    const double expected = sbmt_edge_law_expected(law, &sums);
    if (!sbmt_edge_list_start(list, law, expected, pass))
        return false;
    return pass->override != NULL ? copy_given(law, pass, head, list)
                                  : draw(law, &sums, expected, pass, key, list);
}

bool sbmt_graph_draw(const struct sbmt_edge_law *law, struct sbmt_pass *pass, int head,
                     struct sbmt_graph *graph, struct sbmt_error *err)
{
    struct sbmt_edge_list list;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const bool drawn = draw_or_copy(law, pass, head, &list);
    sbmt_arena_release(pass->scratch, mark);
    if (!drawn)
        return sbmt_pass_check(pass, "attention graph", err);
    *graph = sbmt_edge_list_graph(&list);
    return true;
}
