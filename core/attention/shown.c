/* What kinds show a probe of the pairs they attend along. */
#include "core/attention/shown.h"

#include "core/kernels/kernels.h"

/* Some keys of a query. */
struct keys {
    int query, count;
    const int32_t *key;
};

static void rate_keys(const struct sbmt_edge_law *law, const struct sbmt_pass *pass,
                      struct keys keys, real *probability)
{
    const real *row = law->row_weight + (size_t)keys.query * (size_t)law->width;
    pass->kernels->gather_dot(law->clusters, keys.count, keys.key, row, law->column_weight,
                              law->width, 1, probability);
    sbmt_edge_law_mean(law, keys.count, probability);
}

static void score_keys(const struct sbmt_head *head, const struct sbmt_pass *pass, struct keys keys,
                       real *score)
{
    const real *query = head->q + (size_t)keys.query * (size_t)head->stride;
    pass->kernels->gather_dot(head->d, keys.count, keys.key, query, head->k, head->stride,
                              1 / real_sqrt(SBMT_R(head->d)), score);
}

/* log Σ f·e^s with the factors f, NULL: 1. */
static real log_sum_of(int count, const real *factor, const real *score)
{
    double largest = -INFINITY, sum = 0;
    for (int e = 0; e < count; e++)
        largest = fmax(largest, (double)score[e]);
    for (int e = 0; e < count; e++)
        sum += (factor != NULL ? (double)factor[e] : 1) * exp((double)score[e] - largest);
    return sum > 0 ? SBMT_R(largest + log(sum)) : 0;
}

/* From scores s to f·e^{s − log_sum}. */
static void weigh_keys(int count, const real *factor, real log_sum, real *score)
{
    for (int e = 0; e < count; e++)
        score[e] = real_exp(score[e] - log_sum) * (factor != NULL ? factor[e] : 1);
}

static void show_ends(const struct sbmt_pass *pass, const struct sbmt_head *head, int64_t edges,
                      const int32_t *ends)
{
    sbmt_pass_show(pass, (struct sbmt_probed){
                             .name = "edges",
                             .layer = pass->layer,
                             .head = head->index,
                             .rows = edges,
                             .columns = 2,
                             .stride = 2,
                             .index = ends,
                         });
}

bool sbmt_shown_edges(const struct sbmt_graph *graph, const real *log_sum,
                      const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const int64_t count = sbmt_graph_edges(graph);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    int32_t *column = sbmt_arena_alloc(pass->scratch, (size_t)graph->columns * sizeof *column);
    int32_t *ends = sbmt_arena_alloc(pass->scratch, 2 * (size_t)count * sizeof *ends);
    real *weight = sbmt_arena_reals(pass->scratch, (size_t)count);
    if (column == NULL || ends == NULL || weight == NULL)
        return false;
    for (int i = 0; i < graph->rows; i++) {
        const int64_t first = graph->offset[i];
        const struct keys keys = {i, sbmt_graph_row(graph, i, column), column};
        const real *factor = graph->weight != NULL ? graph->weight + first : NULL;
        score_keys(head, pass, keys, weight + first);
        weigh_keys(keys.count, factor, log_sum[i], weight + first);
        for (int e = 0; e < keys.count; e++) {
            ends[2 * (first + e)] = i;
            ends[2 * (first + e) + 1] = column[e];
        }
    }
    show_ends(pass, head, count, ends);
    sbmt_pass_show_head(pass, "weight", head->index, count, 1, 1, weight);
    if (graph->weight != NULL)
        sbmt_pass_show_head(pass, "multiplicity", head->index, count, 1, 1, graph->weight);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

bool sbmt_shown_probabilities(const struct sbmt_edge_law *law, const struct sbmt_graph *graph,
                              const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const int64_t count = sbmt_graph_edges(graph);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    int32_t *column = sbmt_arena_alloc(pass->scratch, (size_t)graph->columns * sizeof *column);
    real *probability = sbmt_arena_reals(pass->scratch, (size_t)count);
    if (column == NULL || probability == NULL)
        return false;
    for (int i = 0; i < graph->rows; i++) {
        const struct keys keys = {i, sbmt_graph_row(graph, i, column), column};
        rate_keys(law, pass, keys, probability + graph->offset[i]);
    }
    sbmt_pass_show_head(pass, "probability", head->index, count, 1, 1, probability);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

bool sbmt_shown_pairs(const struct sbmt_edge_law *law, const struct sbmt_head *head,
                      struct sbmt_pass *pass)
{
    const int n = head->n;
    const size_t pairs = (size_t)n * (size_t)n;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    int32_t *column = sbmt_arena_alloc(pass->scratch, (size_t)n * sizeof *column);
    real *weight = sbmt_arena_reals(pass->scratch, pairs);
    real *probability = sbmt_arena_reals(pass->scratch, law != NULL ? pairs : 0);
    if (column == NULL || weight == NULL || probability == NULL)
        return false;
    for (int j = 0; j < n; j++)
        column[j] = j;
    for (int i = 0; i < n; i++) {
        const struct keys keys = {i, n, column};
        real *rates = law != NULL ? probability + (size_t)i * (size_t)n : NULL;
        real *row = weight + (size_t)i * (size_t)n;
        if (law != NULL)
            rate_keys(law, pass, keys, rates);
        score_keys(head, pass, keys, row);
        weigh_keys(n, rates, log_sum_of(n, rates, row), row);
    }
    sbmt_pass_show_head(pass, "weight", head->index, n, n, n, weight);
    if (law != NULL)
        sbmt_pass_show_head(pass, "probability", head->index, n, n, n, probability);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
