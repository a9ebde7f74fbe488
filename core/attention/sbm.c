/* SBM attention (Cho et al. 2022, arXiv 2210.15541): every head draws a graph from a
 * mixed-membership block model of its queries and keys and attends along its edges only; a
 * straight-through estimator carries gradients from the drawn edges to their probabilities. */
#include <stdio.h>

#include "core/attention/sbm_head.h"
#include "core/graph/draw.h"

bool sbmt_sbm_out_of_memory(struct sbmt_pass *pass, struct sbmt_error *err)
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
    const struct sbmt_sbm_config *config = config_in;
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

static struct sbmt_edge_law edge_law(const struct sbmt_sbm_config *config,
                                     const struct sbmt_memberships *m)
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

struct sbmt_attend sbmt_sbm_attend(const struct sbmt_head *head, const struct sbmt_pass *pass)
{
    return (struct sbmt_attend){
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
    const struct sbmt_sbm_config *config = config_in;
    struct sbmt_sbm_saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    if (saved == NULL || log_sum == NULL ||
        !sbmt_memberships_forward(state, head, config->clusters, pass, pass->saved,
                                  &saved->memberships))
        return sbmt_sbm_out_of_memory(pass, err);
    const struct sbmt_edge_law law = edge_law(config, &saved->memberships);
    if (!sbmt_graph_draw(&law, pass, head->index, &saved->graph, err))
        return false;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_attend attend = sbmt_sbm_attend(head, pass);
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    if (!sbmt_block_walk_init(&walk, &saved->graph, pass->kernels, pass->scratch) ||
        !sbmt_attend_init(&attend, walk.most_edges, pass->scratch))
        return sbmt_sbm_out_of_memory(pass, err);
    while (sbmt_block_next(&walk, &block))
        sbmt_attend_forward(&attend, &block, out, log_sum);
    count_edges(pass->stats, &saved->graph);
    saved->log_sum = log_sum;
    *saved_out = saved;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    const double k = ((const struct sbmt_sbm_config *)config_in)->clusters;
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
                .fields = sbmt_sbm_fields,
                .config_size = sizeof(struct sbmt_sbm_config)},
    .state_size = sizeof(struct sbmt_membership_params),
    .init = init,
    .forward = forward,
    .backward = sbmt_sbm_backward,
    .cost = cost,
};
