/* Backward of SBM attention: from the output to q, k, v along the edges, or by pairs, and by the
 * straight-through estimator (arXiv 2210.15541) from the edges to their probabilities
 * and the memberships behind them. */
#include <assert.h>

#include "core/attention/sbm_head.h"

/* Working state for memberships that learn. */
struct adjoint {
    const struct sbmt_sbm_config *config;
    const struct sbmt_kernels *kernels;
    struct sbmt_memberships memberships;
    real *dmixed, *dkey; /* (n, k) ∂L/∂(YB), ∂L/∂Z */
    bool *near_one;      /* (n) whether a probability of the row may reach 1 */
    real density_share;  /* λ/(L·H·b·pairs) */
};

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
            const real z = m->key[(size_t)j * (size_t)m->width + (size_t)v];
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

/* ∂L/∂P of `count` edges by the straight-through estimator, into `score`: from s_e/scale and
 * ∂L/∂(s_e/scale). */
static void edge_gradient(const struct adjoint *a, int count, real scale, real *score,
                          const real *dscore)
{
    const bool sampled = a->config->density_gradient == SBMT_DENSITY_SAMPLED;
    const real share = sampled ? a->density_share : 0, by = 1 / scale;
    switch ((enum sbmt_sbm_ste)a->config->ste) {
    case SBMT_STE_SCORE:
        for (int e = 0; e < count; e++)
            score[e] = dscore[e] * score[e] + share;
        break;
    case SBMT_STE_PLAIN:
        for (int e = 0; e < count; e++)
            score[e] = dscore[e] * by + share;
        break;
    case SBMT_STE_CLIPPED:
        for (int e = 0; e < count; e++) {
            const real g = dscore[e] * by;
            score[e] = (g > 1 ? 1 : g < -1 ? -1 : g) + share;
        }
        break;
    }
}

/* min(P + δ, 1) passes no gradient where it is 1. Nearly all rows need not look. `probability` has
 * room for the row's edges and 16 more. */
static void stop_at_one(const struct adjoint *a, int row, int count, const int32_t *column,
                        real *probability, real *gradient)
{
    const struct sbmt_memberships *m = &a->memberships;
    const real shift = SBMT_R(a->config->exploration);
    if (count == 0 || a->config->graph != SBMT_SBM_BERNOULLI || !a->near_one[row])
        return;
    a->kernels->gather_dot(m->clusters, count, column, m->mixed + (size_t)row * (size_t)m->width,
                           m->key, m->width, 1, probability);
    for (int e = 0; e < count; e++)
        if (probability[e] + shift >= 1)
            gradient[e] = 0;
}

/* The two sparse products with G = ∂L/∂P on the edges:  d(YB) = G·Z,  dZ = Gᵀ·(YB). */
static void add_block(void *context, const struct sbmt_block *block,
                      const struct sbmt_attend *attend)
{
    const struct adjoint *a = context;
    const struct sbmt_memberships *m = &a->memberships;
    real *gradient = attend->score;
    edge_gradient(a, block->edges, 1, gradient, attend->dscore);
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int32_t *column = sbmt_block_row(block, i, &count);
        stop_at_one(a, block->first + i, count, column, attend->weight, gradient + block->begin[i]);
    }
    sbmt_block_gather(block, m->clusters, gradient, m->key, m->width, a->dmixed, m->width);
    sbmt_block_gather_turned(block, m->clusters, gradient, m->mixed, m->width, a->dkey, m->width);
}

/* Row i of a tile: its numbers become ∂L/∂P of the pairs with an edge, and 0 of the others. */
static void tile_row(const struct adjoint *a, const struct sbmt_dense_tile *tile, int i,
                     const int32_t *column)
{
    real probability[SBMT_DENSE_TILE_KEYS + 16];
    const int row = tile->first + i;
    const size_t at = (size_t)i * (size_t)tile->stride;
    real *gradient = tile->score + at;
    edge_gradient(a, tile->keys, tile->scale, gradient, tile->dscore + at);
    if (a->config->density_gradient == SBMT_DENSITY_SAMPLED && a->density_share != 0)
        a->kernels->keep(sbmt_graph_words(tile->keys),
                         tile->pairs + (size_t)i * (size_t)tile->pair_words, 0, gradient);
    stop_at_one(a, row, tile->keys, column, probability, gradient);
}

/* The same products where attention goes by pairs. */
static void add_tile(void *context, const struct sbmt_dense_tile *tile)
{
    const struct adjoint *a = context;
    const struct sbmt_memberships *m = &a->memberships;
    const size_t row = (size_t)tile->first * (size_t)m->width;
    const size_t key = (size_t)tile->first_key * (size_t)m->width;
    int32_t column[SBMT_DENSE_TILE_KEYS];
    for (int j = 0; j < tile->keys; j++)
        column[j] = tile->first_key + j;
    for (int i = 0; i < tile->rows; i++)
        tile_row(a, tile, i, column);
    a->kernels->product(tile->rows, m->clusters, tile->keys, true, tile->score, tile->stride, 1,
                        m->key + key, m->width, a->dmixed + row, m->width);
    a->kernels->product(tile->keys, m->clusters, tile->rows, true, tile->score, 1, tile->stride,
                        m->mixed + row, m->width, a->dkey + key, m->width);
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
            key_sum[v] += m->key[at];
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

bool sbmt_sbm_backward(const void *config, const void *state, const struct sbmt_head *head,
                       struct sbmt_pass *pass, const void *saved_in, const real *dout,
                       const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    const struct sbmt_edges *saved = saved_in;
    struct adjoint a = {.config = config, .kernels = pass->kernels};
    const struct sbmt_edges_watch watch = {.context = &a, .block = add_block, .tile = add_tile};
    const bool learns = sbmt_sbm_learns(config);
    assert(saved->graph.offset != NULL);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (learns && !membership_init(&a, state, head, pass))
        return sbmt_pass_check(pass, "SBM attention", err);
    if (!sbmt_edges_backward(saved, head, pass, dout, grad, learns ? &watch : NULL, err))
        return false;
    if (learns && !finish_memberships(&a, state, pass, grad))
        return sbmt_pass_check(pass, "SBM attention", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
