/* Backward of SBM attention: from the output to q, k, v along the edges, and by the
 * straight-through estimator (arXiv 2210.15541) from the edges to their probabilities
 * and the memberships behind them. */
#include <assert.h>

#include "core/attention/sbm_head.h"

/* Backward's working state. From `memberships` on it is for memberships that learn. */
struct adjoint {
    const struct sbmt_sbm_config *config;
    const struct sbmt_edges *saved;
    const struct sbmt_kernels *kernels;
    struct sbmt_attend attend;
    struct sbmt_block_walk walk;
    real *edge; /* ∂L/∂P of a block's edges */
    struct sbmt_memberships memberships;
    real *dmixed, *dkey; /* (n, k) ∂L/∂(YB), ∂L/∂Z */
    bool *near_one;      /* (n) whether a probability of the row may reach 1 */
    real density_share;  /* λ/(L·H·b·pairs) */
};

/* What the memberships' gradients need. */
static bool membership_init(struct adjoint *a, const void *state, const struct sbmt_head *head,
                            struct sbmt_pass *pass)
{
    const struct sbmt_memberships *m = &a->memberships;
    if (!sbmt_memberships_forward(state, head, a->config->clusters, pass, pass->scratch,
                                  &a->memberships))
        return false;
    const int n = m->n, k = m->clusters;
    const size_t entries = (size_t)n * (size_t)m->width;
    a->dmixed = sbmt_arena_zalloc(pass->scratch, entries, sizeof(real));
    a->dkey = sbmt_arena_zalloc(pass->scratch, entries, sizeof(real));
    a->near_one = sbmt_arena_alloc(pass->scratch, (size_t)n * sizeof *a->near_one);
    real *largest = sbmt_arena_zalloc(pass->scratch, (size_t)k, sizeof(real));
    if (a->dmixed == NULL || a->dkey == NULL || a->near_one == NULL || largest == NULL)
        return false;
    for (int j = 0; j < n; j++)
        for (int v = 0; v < k; v++) {
            const real z = m->key.member[(size_t)j * (size_t)m->width + (size_t)v];
            largest[v] = z > largest[v] ? z : largest[v];
        }
    for (int i = 0; i < n; i++)
        a->near_one[i] = a->kernels->dot(k, m->mixed + (size_t)i * (size_t)m->width, largest) +
                             SBMT_R(a->config->exploration) >=
                         1;
    const double graphs = (double)pass->layers * pass->heads * pass->batch_count;
    a->density_share = SBMT_R(a->config->density_weight / (graphs * sbmt_pass_pairs(pass, n)));
    return true;
}

/* What only the walk along the edges needs, which comes last so that it can be given back first. */
static bool walk_init(struct adjoint *a, const struct sbmt_head *head, const real *dout,
                      struct sbmt_pass *pass)
{
    a->attend = sbmt_edges_attend(head, pass);
    if (!sbmt_block_walk_init(&a->walk, &a->saved->graph, pass->kernels, true, pass->scratch) ||
        !sbmt_attend_backward_init(&a->attend, a->walk.most_edges, a->saved->out, dout,
                                   pass->kernels, pass->scratch))
        return false;
    a->edge = sbmt_arena_reals(pass->scratch, (size_t)a->walk.most_edges + 16);
    return a->edge != NULL;
}

/* ∂L/∂P of the block's edges, into a->edge: the straight-through estimator. */
static void edge_gradient(const struct adjoint *a, int count)
{
    const real *score = a->attend.score, *dscore = a->attend.dscore;
    const bool sampled = a->config->density_gradient == SBMT_DENSITY_SAMPLED;
    const real share = sampled ? a->density_share : 0;
    switch ((enum sbmt_sbm_ste)a->config->ste) {
    case SBMT_STE_SCORE:
        for (int e = 0; e < count; e++)
            a->edge[e] = dscore[e] * score[e] + share;
        break;
    case SBMT_STE_PLAIN:
        for (int e = 0; e < count; e++)
            a->edge[e] = dscore[e] + share;
        break;
    case SBMT_STE_CLIPPED:
        for (int e = 0; e < count; e++) {
            const real g = dscore[e];
            a->edge[e] = (g > 1 ? 1 : g < -1 ? -1 : g) + share;
        }
        break;
    }
}

/* min(P + δ, 1) passes no gradient where it is 1. Nearly all rows need not look. */
static void stop_at_one(const struct adjoint *a, const struct sbmt_block *block)
{
    const struct sbmt_memberships *m = &a->memberships;
    const int k = m->clusters;
    const real shift = SBMT_R(a->config->exploration);
    real *probability = a->attend.weight;
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int32_t *column = sbmt_block_row(block, i, &count);
        const real *mixed = m->mixed + (size_t)(block->first + i) * (size_t)m->width;
        if (count == 0 || !a->near_one[block->first + i])
            continue;
        a->kernels->gather_dot(k, count, column, mixed, m->key.member, m->width, 1, probability);
        for (int e = 0; e < count; e++)
            if (probability[e] + shift >= 1)
                a->edge[block->begin[i] + e] = 0;
    }
}

/* The two sparse products with G = ∂L/∂P on the edges:  d(YB) = G·Z,  dZ = Gᵀ·(YB). */
static void membership_gradient(const struct adjoint *a, const struct sbmt_block *block)
{
    const struct sbmt_memberships *m = &a->memberships;
    edge_gradient(a, block->edges);
    if (a->config->graph == SBMT_SBM_BERNOULLI)
        stop_at_one(a, block);
    sbmt_block_gather(block, m->clusters, a->edge, m->key.member, m->width, a->dmixed, m->width);
    sbmt_block_gather_turned(block, m->clusters, a->edge, m->mixed, m->width, a->dkey, m->width);
}

/* The expected density Σ P/pairs = (1ᵀYB)(Zᵀ1)/pairs, differentiated exactly, at O(nk). */
static bool expected_density(const struct adjoint *a, struct sbmt_pass *pass)
{
    const struct sbmt_memberships *m = &a->memberships;
    const int n = m->n, k = m->clusters;
    real *mixed_sum = sbmt_arena_zalloc(pass->scratch, (size_t)k, sizeof(real));
    real *key_sum = sbmt_arena_zalloc(pass->scratch, (size_t)k, sizeof(real));
    if (mixed_sum == NULL || key_sum == NULL)
        return false;
    for (int i = 0; i < n; i++)
        for (int v = 0; v < k; v++) {
            const size_t at = (size_t)i * (size_t)m->width + (size_t)v;
            mixed_sum[v] += m->mixed[at];
            key_sum[v] += m->key.member[at];
        }
    for (int i = 0; i < n; i++)
        for (int v = 0; v < k; v++) {
            const size_t at = (size_t)i * (size_t)m->width + (size_t)v;
            a->dmixed[at] += a->density_share * key_sum[v];
            a->dkey[at] += a->density_share * mixed_sum[v];
        }
    return true;
}

/* From ∂L/∂(YB) and ∂L/∂Z to clusters, MLP, queries and keys. */
static bool finish_memberships(const struct adjoint *a, const void *state, struct sbmt_pass *pass,
                               const struct sbmt_head_grad *grad)
{
    if (a->config->density_gradient == SBMT_DENSITY_EXPECTED && !expected_density(a, pass))
        return false;
    return sbmt_memberships_backward(state, &a->memberships, pass, a->dmixed, a->dkey, grad);
}

bool sbmt_sbm_backward(const void *config_in, const void *state, const struct sbmt_head *head,
                       struct sbmt_pass *pass, const void *saved_in, const real *dout,
                       const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    struct adjoint a = {.config = config_in, .saved = saved_in, .kernels = pass->kernels};
    struct sbmt_block block;
    const bool learns = sbmt_sbm_learns(a.config);
    assert(a.saved->graph.offset != NULL);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (learns && !membership_init(&a, state, head, pass))
        return sbmt_pass_check(pass, "SBM attention", err);
    const struct sbmt_arena_mark walk_mark = sbmt_arena_mark(pass->scratch);
    if (!walk_init(&a, head, dout, pass))
        return sbmt_pass_check(pass, "SBM attention", err);
    while (sbmt_block_next(&a.walk, &block)) {
        sbmt_block_turn(&a.walk, &block);
        sbmt_attend_backward(&a.attend, &block, a.saved->log_sum, grad->dq, grad->dk, grad->dv);
        if (learns)
            membership_gradient(&a, &block);
    }
    sbmt_arena_release(pass->scratch, walk_mark);
    if (learns && !finish_memberships(&a, state, pass, grad))
        return sbmt_pass_check(pass, "SBM attention", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
