/* Attention along a graph that is written down. */
#include "core/attention/pattern.h"

#include "core/attention/edges.h"

int sbmt_pattern_range(int first, int end, int32_t *keys)
{
    for (int j = first; j < end; j++)
        keys[j - first] = j;
    return end > first ? end - first : 0;
}

/* Twice over the rows: to count, then each row into its place. */
bool sbmt_pattern_graph(const struct sbmt_pattern *pattern, int n, struct sbmt_arena *arena,
                        struct sbmt_arena *scratch, struct sbmt_graph *graph)
{
    int64_t *offset = sbmt_arena_zalloc(arena, (size_t)n + 1, sizeof *offset);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    int32_t *keys = sbmt_arena_alloc(scratch, (size_t)n * sizeof *keys);
    if (offset == NULL || keys == NULL)
        return false;
    for (int i = 0; i < n; i++)
        offset[i + 1] = offset[i] + pattern->row(pattern->context, n, i, keys);
    sbmt_arena_release(scratch, mark);
    int32_t *column = sbmt_arena_alloc(arena, (size_t)offset[n] * sizeof *column);
    if (column == NULL)
        return false;
    for (int i = 0; i < n; i++)
        pattern->row(pattern->context, n, i, column + offset[i]);
    *graph = (struct sbmt_graph){.rows = n, .columns = n, .offset = offset, .column = column};
    return true;
}

bool sbmt_pattern_forward(const struct sbmt_pattern *pattern, const struct sbmt_head *head,
                          struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_edges *edges = sbmt_arena_zalloc(pass->saved, 1, sizeof *edges);
    if (edges == NULL ||
        !sbmt_pattern_graph(pattern, head->n, pass->scratch, pass->scratch, &edges->graph))
        return sbmt_pass_check(pass, "attention by a pattern", err);
    if (!sbmt_edges_forward(edges, head, pass, out, err))
        return false;
    edges->graph = (struct sbmt_graph){0};
    *saved = edges;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

bool sbmt_pattern_backward(const struct sbmt_pattern *pattern, const struct sbmt_head *head,
                           struct sbmt_pass *pass, const void *saved, const real *dout,
                           const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_edges edges = *(const struct sbmt_edges *)saved;
    if (!sbmt_pattern_graph(pattern, head->n, pass->scratch, pass->scratch, &edges.graph))
        return sbmt_pass_check(pass, "attention by a pattern", err);
    if (!sbmt_edges_backward(&edges, head, pass, dout, grad, NULL, err))
        return false;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

struct sbmt_cost sbmt_pattern_cost(const void *config, int n, int d, double density)
{
    (void)config;
    return (struct sbmt_cost){.flops = 4 * density * n * n * d, .bytes = 4.0 * n};
}
