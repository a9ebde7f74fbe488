/* SBM attention (Cho et al. 2022, arXiv 2210.15541): every head draws a graph from a
 * mixed-membership block model of its queries and keys and attends along its edges only; a
 * straight-through estimator carries gradients from the drawn edges to their probabilities. */
#include <stdio.h>

#include "core/attention/attend.h"
#include "core/attention/attention.h"
#include "core/attention/membership.h"
#include "core/graph/draw.h"

/** The options of `attention: {kind: sbm, …}`. */
struct config {
    int clusters;
    int graph; /* enum graph */
    int ste;   /* enum ste */
    double exploration, density_weight;
    int density_gradient; /* enum density_gradient */
};

enum graph { GRAPH_BERNOULLI };
enum ste { STE_SCORE, STE_PLAIN, STE_CLIPPED };
enum density_gradient { DENSITY_SAMPLED, DENSITY_EXPECTED };

static const char *const graph_words[] = {"bernoulli", NULL};
static const char *const ste_words[] = {"score", "plain", "clipped", NULL};
static const char *const density_gradient_words[] = {"sampled", "expected", NULL};

static const struct sbmt_field fields[] = {
    SBMT_INT(struct config, clusters, 128, 1, 4096, "clusters of the block model, per head"),
    SBMT_CHOICE(struct config, graph, graph_words, GRAPH_BERNOULLI,
                "law of the edges: bernoulli, each edge independently with its probability"),
    SBMT_CHOICE(
        struct config, ste, ste_words, STE_SCORE,
        "straight-through gradient of an edge: score (the paper), plain, or clipped to [-1, 1] "
        "(the published code)"),
    SBMT_NUMBER(struct config, exploration, 0.01, 0, 1,
                "added to every edge probability, so that no edge stays without gradient for good"),
    SBMT_NUMBER(struct config, density_weight, 0, 0, 1e6,
                "weight of the mean density in the loss (the paper's lambda)"),
    SBMT_CHOICE(
        struct config, density_gradient, density_gradient_words, DENSITY_SAMPLED,
        "gradient of the density: on each sampled edge (published), or of the expected density"),
    SBMT_FIELDS_END,
};

struct saved {
    struct sbmt_memberships memberships;
    struct sbmt_graph graph;
    real *log_sum; /* (n) */
};

static bool out_of_memory(struct sbmt_pass *pass, struct sbmt_error *err)
{
    return sbmt_arena_check(pass->saved, "SBM attention", err) &&
           sbmt_arena_check(pass->scratch, "SBM attention", err);
}

static const struct sbmt_tensor *add(struct sbmt_params *params, const char *prefix,
                                     const char *name, int rank, const int64_t *shape,
                                     struct sbmt_init init)
{
    char full[256];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    return sbmt_params_add(params, full, rank, shape, init);
}

static bool init(const void *config_in, int heads, int d, const char *prefix,
                 struct sbmt_params *params, void *state, struct sbmt_error *err)
{
    (void)err;
    const struct config *config = config_in;
    struct sbmt_membership_params *m = state;
    /* torch's defaults for Linear, and kaiming_normal over (heads, k, d) for the clusters. */
    const struct sbmt_init linear = {SBMT_INIT_UNIFORM, 1 / sqrt(d)};
    const struct sbmt_init cluster = {SBMT_INIT_NORMAL, sqrt(2.0 / ((double)config->clusters * d))};
    const int64_t square[2] = {d, d}, vector[1] = {d}, cube[3] = {heads, config->clusters, d};
    m->hidden_weight = add(params, prefix, "membership.dense.weight", 2, square, linear);
    m->hidden_bias = add(params, prefix, "membership.dense.bias", 1, vector, linear);
    m->output_weight = add(params, prefix, "membership.output.weight", 2, square, linear);
    m->output_bias = add(params, prefix, "membership.output.bias", 1, vector, linear);
    m->clusters = add(params, prefix, "clusters", 3, cube, cluster);
    return true;
}

static struct sbmt_edge_law edge_law(const struct config *config, const struct sbmt_memberships *m)
{
    return (struct sbmt_edge_law){
        .rows = m->n,
        .columns = m->n,
        .clusters = m->clusters,
        .width = m->width,
        .row_weight = m->mixed,
        .column_weight = m->key.member,
        .shift = SBMT_R(config->exploration),
    };
}

static struct sbmt_attend attend_of(const struct sbmt_head *head, const struct sbmt_pass *pass)
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

static void count_edges(struct sbmt_stats *stats, const struct sbmt_graph *graph)
{
    const double edges = (double)sbmt_graph_edges(graph);
    stats->edges += edges;
    stats->density += edges / ((double)graph->rows * graph->columns);
    stats->density_count += 1;
}

static bool forward(const void *config_in, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct config *config = config_in;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    if (saved == NULL || log_sum == NULL ||
        !sbmt_memberships_forward(state, head, config->clusters, pass, pass->saved,
                                  &saved->memberships))
        return out_of_memory(pass, err);
    const struct sbmt_edge_law law = edge_law(config, &saved->memberships);
    if (!sbmt_graph_draw(&law, pass, head->index, &saved->graph, err))
        return false;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_attend attend = attend_of(head, pass);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    if (!sbmt_block_walk_init(&walk, &saved->graph, pass->kernels, pass->scratch) ||
        !sbmt_attend_init(&attend, walk.most_edges, NULL, pass->scratch))
        return out_of_memory(pass, err);
    while (sbmt_block_next(&walk, &block))
        sbmt_attend_forward(&attend, &block, out, log_sum);
    count_edges(pass->stats, &saved->graph);
    saved->log_sum = log_sum;
    *saved_out = saved;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* Backward's working state. */
struct adjoint {
    const struct config *config;
    const struct saved *saved;
    const struct sbmt_kernels *kernels;
    struct sbmt_attend attend;
    struct sbmt_block_walk walk;
    real *edge;          /* ∂L/∂P of a block's edges */
    real *dmixed, *dkey; /* (n, k) ∂L/∂(YB), ∂L/∂Z */
    real *largest;       /* (k) max_j Z_jv: caps a row's probabilities */
    real density_share;  /* λ/(L·H·b·n²) */
};

static bool adjoint_init(struct adjoint *a, const struct sbmt_head *head, const real *dout,
                         struct sbmt_pass *pass)
{
    const struct sbmt_memberships *m = &a->saved->memberships;
    const int n = m->n, k = m->clusters;
    const size_t entries = (size_t)n * (size_t)m->width;
    a->kernels = pass->kernels;
    a->attend = attend_of(head, pass);
    a->dmixed = sbmt_arena_zalloc(pass->scratch, entries, sizeof(real));
    a->dkey = sbmt_arena_zalloc(pass->scratch, entries, sizeof(real));
    a->largest = sbmt_arena_zalloc(pass->scratch, (size_t)k, sizeof(real));
    if (a->dmixed == NULL || a->dkey == NULL || a->largest == NULL ||
        !sbmt_block_walk_init(&a->walk, &a->saved->graph, pass->kernels, pass->scratch) ||
        !sbmt_block_walk_turns(&a->walk, pass->scratch) ||
        !sbmt_attend_init(&a->attend, a->walk.most_edges, dout, pass->scratch))
        return false;
    a->edge = sbmt_arena_reals(pass->scratch, (size_t)a->walk.most_edges + 16);
    for (int j = 0; j < n; j++)
        for (int v = 0; v < k; v++) {
            const real z = m->key.member[(size_t)j * (size_t)m->width + (size_t)v];
            a->largest[v] = z > a->largest[v] ? z : a->largest[v];
        }
    const double graphs = (double)pass->layers * pass->heads * pass->batch_count;
    a->density_share = SBMT_R(a->config->density_weight / (graphs * n * n));
    return a->edge != NULL;
}

/* ∂L/∂P of the block's edges, into a->edge: the straight-through estimator (METHOD section 3). */
static void edge_gradient(const struct adjoint *a, int count)
{
    const real *score = a->attend.score, *dscore = a->attend.dscore;
    const bool sampled = a->config->density_gradient == DENSITY_SAMPLED;
    const real share = sampled ? a->density_share : 0;
    switch ((enum ste)a->config->ste) {
    case STE_SCORE:
        for (int e = 0; e < count; e++)
            a->edge[e] = dscore[e] * score[e] + share;
        break;
    case STE_PLAIN:
        for (int e = 0; e < count; e++)
            a->edge[e] = dscore[e] + share;
        break;
    case STE_CLIPPED:
        for (int e = 0; e < count; e++) {
            const real g = dscore[e];
            a->edge[e] = (g > 1 ? 1 : g < -1 ? -1 : g) + share;
        }
        break;
    }
}

/* min(P + δ, 1) passes no gradient where it is 1. Rows whose cap stays below 1, nearly all, need
 * not look. */
static void stop_at_one(const struct adjoint *a, const struct sbmt_block *block)
{
    const struct sbmt_memberships *m = &a->saved->memberships;
    const int k = m->clusters;
    const real shift = SBMT_R(a->config->exploration);
    real *probability = a->attend.weight;
    for (int i = 0; i < block->rows; i++) {
        int count;
        const int begin = sbmt_block_row(block, i, &count);
        const real *mixed = m->mixed + (size_t)(block->first + i) * (size_t)m->width;
        if (a->kernels->dot(k, mixed, a->largest) + shift < 1)
            continue;
        a->kernels->gather_dot(k, count, block->column + begin, mixed, m->key.member, m->width, 1,
                               probability);
        for (int e = 0; e < count; e++)
            if (probability[e] + shift >= 1)
                a->edge[begin + e] = 0;
    }
}

/* The two sparse products with G = ∂L/∂P on the edges:  d(YB) = G·Z,  dZ = Gᵀ·(YB). */
static void block_backward(const struct adjoint *a, struct sbmt_block *block,
                           const struct sbmt_head_grad *grad)
{
    const struct sbmt_memberships *m = &a->saved->memberships;
    const int k = m->clusters;
    sbmt_block_turn(&a->walk, block);
    sbmt_attend_backward(&a->attend, block, a->saved->log_sum, grad->dq, grad->dk, grad->dv);
    edge_gradient(a, block->edges);
    stop_at_one(a, block);
    sbmt_block_gather(block, k, a->edge, m->key.member, m->width, a->dmixed, m->width);
    sbmt_block_gather_turned(block, k, a->edge, m->mixed, m->width, a->dkey, m->width);
}

/* The expected density Σ P/n² = (1ᵀYB)(Zᵀ1)/n², differentiated exactly, at O(nk). */
static bool expected_density(const struct adjoint *a, struct sbmt_pass *pass)
{
    const struct sbmt_memberships *m = &a->saved->memberships;
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

static bool backward(const void *config_in, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    struct adjoint a = {.config = config_in, .saved = saved_in};
    struct sbmt_block block;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    if (!adjoint_init(&a, head, dout, pass))
        return out_of_memory(pass, err);
    while (sbmt_block_next(&a.walk, &block))
        block_backward(&a, &block, grad);
    if (a.config->density_gradient == DENSITY_EXPECTED && !expected_density(&a, pass))
        return out_of_memory(pass, err);
    if (!sbmt_memberships_backward(state, &a.saved->memberships, pass, head->index, a.dmixed,
                                   a.dkey, grad))
        return out_of_memory(pass, err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    const double k = ((const struct config *)config_in)->clusters;
    const double tokens = n, edges = density * n * n;
    return (struct sbmt_cost){
        .flops = 2 * (4 * tokens * d * d + 2 * tokens * k * d + k * k * d + tokens * k * k +
                      tokens * tokens * k + 2 * edges * d),
        .bytes = 4 * (4 * tokens * d + 3 * tokens * k + k * k + 2 * tokens + edges),
    };
}

extern const struct sbmt_attention_ops sbmt_attention_sbm;
const struct sbmt_attention_ops sbmt_attention_sbm = {
    .variant = {.name = "sbm",
                .doc =
                    "attention along the edges of a graph drawn from a mixed-membership stochastic "
                    "block model (Cho et al. 2022)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .state_size = sizeof(struct sbmt_membership_params),
    .init = init,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
