/* One head's softmax attention along the edges of a given graph. */
#include "core/attention/edges.h"

#include "core/attention/shown.h"

struct sbmt_attend sbmt_edges_attend(const struct sbmt_head *head, const struct sbmt_pass *pass)
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

bool sbmt_edges_forward(struct sbmt_edges *edges, const struct sbmt_head *head,
                        struct sbmt_pass *pass, real *out, struct sbmt_error *err)
{
    struct sbmt_attend attend = sbmt_edges_attend(head, pass);
    edges->log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    edges->out = out;
    if (edges->log_sum == NULL || !sbmt_attend_forward(&attend, &edges->graph, pass->kernels, out,
                                                       edges->log_sum, pass->scratch))
        return sbmt_pass_check(pass, "attention along edges", err);
    if (pass->probe != NULL && !sbmt_shown_edges(&edges->graph, edges->log_sum, head, pass))
        return sbmt_pass_check(pass, "attention along edges", err);
    const double count = (double)sbmt_graph_edges(&edges->graph);
    pass->stats->edges += count;
    sbmt_pass_count_density(pass, head->index, count / sbmt_pass_pairs(pass, head->n));
    return true;
}

bool sbmt_edges_backward(const struct sbmt_edges *edges, const struct sbmt_head *head,
                         struct sbmt_pass *pass, const real *dout,
                         const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_attend attend = sbmt_edges_attend(head, pass);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    if (!sbmt_block_walk_init(&walk, &edges->graph, pass->kernels, true, pass->scratch) ||
        !sbmt_attend_backward_init(&attend, walk.most_edges, edges->out, dout, pass->kernels,
                                   pass->scratch))
        return sbmt_pass_check(pass, "attention along edges", err);
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_turn(&walk, &block);
        sbmt_attend_backward(&attend, &block, edges->log_sum, grad->dq, grad->dk, grad->dv);
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
