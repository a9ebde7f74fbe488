/* One head's softmax attention along the edges of a given graph. */
#include "core/attention/edges.h"

#include "core/attention/shown.h"

/* The share of pairs with an edge from which on all pairs take less time than the edges (sbmt bench
 * speed at n = 2048: 0.47 with AVX-512, 0.53 with AVX2). */
static const double pairs_share = 0.48;

bool sbmt_edges_by_pairs(const struct sbmt_graph *graph)
{
    const double pairs = (double)graph->rows * graph->columns;
    return graph->bits != NULL && graph->weight == NULL &&
           (double)sbmt_graph_edges(graph) > pairs_share * pairs;
}

/* Scores over √d, dropout in training; along the edges and by pairs. */
static struct sbmt_attend along_edges(const struct sbmt_head *head, const struct sbmt_pass *pass)
{
    return (struct sbmt_attend){
        .n = head->n,
        .d = head->d,
        .stride = head->stride,
        .q = head->q,
        .k = head->k,
        .v = head->v,
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
        .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
        .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
    };
}

static struct sbmt_dense_attend by_pairs(const struct sbmt_head *head, const struct sbmt_pass *pass,
                                         const struct sbmt_graph *graph)
{
    struct sbmt_dense_attend attend = sbmt_dense_head(head, pass);
    attend.pairs = graph->bits;
    attend.pair_words = graph->words;
    return attend;
}

static bool attend_forward(const struct sbmt_edges *edges, const struct sbmt_head *head,
                           const struct sbmt_pass *pass, real *out)
{
    if (sbmt_edges_by_pairs(&edges->graph)) {
        const struct sbmt_dense_attend attend = by_pairs(head, pass, &edges->graph);
        return sbmt_dense_attend_forward(&attend, pass->kernels, out, head->stride, edges->log_sum,
                                         pass->scratch);
    }
    struct sbmt_attend attend = along_edges(head, pass);
    return sbmt_attend_forward(&attend, &edges->graph, pass->kernels, out, edges->log_sum,
                               pass->scratch);
}

bool sbmt_edges_forward(struct sbmt_edges *edges, const struct sbmt_head *head,
                        struct sbmt_pass *pass, real *out, struct sbmt_error *err)
{
    edges->log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    edges->out = out;
    if (edges->log_sum == NULL || !attend_forward(edges, head, pass, out))
        return sbmt_pass_check(pass, "attention along edges", err);
    if (pass->probe != NULL && !sbmt_shown_edges(&edges->graph, edges->log_sum, head, pass))
        return sbmt_pass_check(pass, "attention along edges", err);
    const double count = (double)sbmt_graph_edges(&edges->graph);
    pass->stats->edges += count;
    sbmt_pass_count_density(pass, head->index, count / sbmt_pass_pairs(pass, head->n));
    return true;
}

static bool backward_by_pairs(const struct sbmt_edges *edges, const struct sbmt_head *head,
                              struct sbmt_pass *pass, const real *dout,
                              const struct sbmt_head_grad *grad,
                              const struct sbmt_edges_watch *watch)
{
    const struct sbmt_dense_attend attend = by_pairs(head, pass, &edges->graph);
    const struct sbmt_rows out = {edges->out, head->stride}, gradient = {dout, head->stride};
    struct sbmt_dense_grad to = {.dq = grad->dq, .dk = grad->dk, .dv = grad->dv};
    if (watch != NULL) {
        to.watch = watch->tile;
        to.context = watch->context;
    }
    return sbmt_dense_attend_backward(&attend, pass->kernels, out, edges->log_sum, gradient, &to,
                                      pass->scratch);
}

static bool backward_along_edges(const struct sbmt_edges *edges, const struct sbmt_head *head,
                                 struct sbmt_pass *pass, const real *dout,
                                 const struct sbmt_head_grad *grad,
                                 const struct sbmt_edges_watch *watch)
{
    struct sbmt_attend attend = along_edges(head, pass);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    if (!sbmt_block_walk_init(&walk, &edges->graph, pass->kernels, true, pass->scratch) ||
        !sbmt_attend_backward_init(&attend, walk.most_edges, edges->out, dout, pass->kernels,
                                   pass->scratch))
        return false;
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_turn(&walk, &block);
        sbmt_attend_backward(&attend, &block, edges->log_sum, grad->dq, grad->dk, grad->dv);
        if (watch != NULL)
            watch->block(watch->context, &block, &attend);
    }
    return true;
}

bool sbmt_edges_backward(const struct sbmt_edges *edges, const struct sbmt_head *head,
                         struct sbmt_pass *pass, const real *dout,
                         const struct sbmt_head_grad *grad, const struct sbmt_edges_watch *watch,
                         struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const bool done = sbmt_edges_by_pairs(&edges->graph)
                          ? backward_by_pairs(edges, head, pass, dout, grad, watch)
                          : backward_along_edges(edges, head, pass, dout, grad, watch);
    if (!done)
        return sbmt_pass_check(pass, "attention along edges", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
