/* SBM attention (Cho et al. 2022, arXiv 2210.15541): every head draws a graph from a
 * mixed-membership block model of its queries and keys and attends along its edges only; a
 * straight-through estimator carries gradients from the drawn edges to their probabilities. */
#include <math.h>

#include "core/attention/expected.h"
#include "core/attention/sbm_head.h"
#include "core/attention/shown.h"
#include "core/graph/draw.h"

/* A tensor of the membership MLP, with a leading axis of heads where each has its own. */
static const struct sbmt_tensor *add_mlp(const struct sbmt_sbm_config *config, int heads, int d,
                                         struct sbmt_params *params, const char *prefix,
                                         const char *name, int rank)
{
    const int64_t shape[3] = {heads, d, d};
    const struct sbmt_init init = {SBMT_INIT_UNIFORM, 1 / sqrt(d)}; /* torch's default for Linear */
    if (config->membership_mlp == SBMT_MEMBERSHIP_LAYER)
        return sbmt_params_add_under(params, prefix, name, rank, shape + 1, init);
    const struct sbmt_tensor *tensor = sbmt_params_add_under(params, prefix, name, rank + 1, shape,
                                                             init);
    if (rank == 1)
        sbmt_params_exempt(params, tensor);
    return tensor;
}

/* Kaiming_normal over (heads, k, d), or orthogonal with a mean square length of 1. */
static struct sbmt_init cluster_init(const struct sbmt_sbm_config *config, int d)
{
    const double k = config->clusters;
    if (config->cluster_init == SBMT_CLUSTERS_NORMAL)
        return (struct sbmt_init){SBMT_INIT_NORMAL, sqrt(2.0 / (k * d))};
    return (struct sbmt_init){SBMT_INIT_ORTHOGONAL, k > d ? sqrt(k / d) : 1};
}

static bool init(const void *config_in, const struct sbmt_attention_shape *shape,
                 const char *prefix, struct sbmt_params *params, void *state,
                 struct sbmt_error *err)
{
    (void)err;
    const int heads = shape->heads, d = shape->d;
    const struct sbmt_sbm_config *config = config_in;
    struct sbmt_membership_params *m = state;
    if (config->graph == SBMT_SBM_RANDOM)
        return true;
    const int64_t cube[3] = {heads, config->clusters, d};
    *m = (struct sbmt_membership_params){
        .hidden_weight = add_mlp(config, heads, d, params, prefix, "membership.dense.weight", 2),
        .hidden_bias = add_mlp(config, heads, d, params, prefix, "membership.dense.bias", 1),
        .output_weight = add_mlp(config, heads, d, params, prefix, "membership.output.weight", 2),
        .output_bias = add_mlp(config, heads, d, params, prefix, "membership.output.bias", 1),
        .clusters = sbmt_params_add_under(params, prefix, "clusters", 3, cube,
                                          cluster_init(config, d)),
    };
    if (config->freeze_clusters) {
        const struct sbmt_tensor *const frozen[] = {m->hidden_weight, m->hidden_bias,
                                                    m->output_weight, m->output_bias, m->clusters};
        for (int i = 0; i < 5; i++)
            sbmt_params_fix(params, frozen[i]);
    }
    return true;
}

/* Without clusters a law is its shift alone: every pair alike. Its weights are empty, but some
 * pointers are wanted. */
static struct sbmt_edge_law random_law(const struct sbmt_sbm_config *config,
                                       const struct sbmt_head *head)
{
    return (struct sbmt_edge_law){
        .rows = head->n,
        .columns = head->n,
        .width = 1,
        .row_weight = head->q,
        .column_weight = head->k,
        .shift = SBMT_R(config->density),
        .kind = SBMT_EDGES_BERNOULLI,
    };
}

static struct sbmt_edge_law block_law(const struct sbmt_sbm_config *config,
                                      const struct sbmt_memberships *m)
{
    static const enum sbmt_edge_kind kinds[] = {
        [SBMT_SBM_BERNOULLI] = SBMT_EDGES_BERNOULLI,
        [SBMT_SBM_POISSON] = SBMT_EDGES_POISSON,
        [SBMT_SBM_POISSON_SIMPLE] = SBMT_EDGES_POISSON_SIMPLE,
    };
    return (struct sbmt_edge_law){
        .rows = m->n,
        .columns = m->n,
        .clusters = m->clusters,
        .width = m->width,
        .row_weight = m->mixed,
        .column_weight = m->key,
        .shift = SBMT_R(config->exploration),
        .kind = kinds[config->graph],
    };
}

static bool expected_forward(const struct sbmt_edge_law *law, const struct sbmt_head *head,
                             struct sbmt_pass *pass, real *out, struct sbmt_error *err)
{
    double edges;
    if (!sbmt_expected_forward(law, head, pass, out, &edges) ||
        (pass->probe != NULL && !sbmt_shown_pairs(law, head, pass)))
        return sbmt_pass_check(pass, "SBM attention", err);
    pass->stats->edges += (double)head->n * head->n;
    sbmt_pass_count_density(pass, head->index, edges / sbmt_pass_pairs(pass, head->n));
    return true;
}

static bool drawn_forward(const struct sbmt_edge_law *law, const struct sbmt_head *head,
                          struct sbmt_pass *pass, struct sbmt_edges *saved, real *out,
                          struct sbmt_error *err)
{
    if (!sbmt_graph_draw(law, pass, head->index, &saved->graph, err) ||
        !sbmt_edges_forward(saved, head, pass, out, err))
        return false;
    return pass->probe == NULL || sbmt_shown_probabilities(law, &saved->graph, head, pass) ||
           sbmt_pass_check(pass, "SBM attention", err);
}

static void show_memberships(const struct sbmt_memberships *m, const struct sbmt_pass *pass)
{
    const int n = m->n, k = m->clusters;
    sbmt_pass_show_head(pass, "membership.query", m->head, n, k, m->width, m->query);
    sbmt_pass_show_head(pass, "membership.key", m->head, n, k, m->width, m->key);
    sbmt_pass_show_head(pass, "block", m->head, k, k, k, m->block);
}

static bool forward(const void *config_in, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    const struct sbmt_sbm_config *config = config_in;
    const bool random = config->graph == SBMT_SBM_RANDOM;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_edges *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    struct sbmt_memberships memberships;
    if (saved == NULL || (!random && !sbmt_memberships_forward(state, head, config->clusters, pass,
                                                               pass->scratch, &memberships)))
        return sbmt_pass_check(pass, "SBM attention", err);
    *saved_out = saved;
    if (!random)
        show_memberships(&memberships, pass);
    const struct sbmt_edge_law law = random ? random_law(config, head)
                                            : block_law(config, &memberships);
    const bool expected = config->mask == SBMT_MASK_EXPECTED && !pass->training;
    const bool done = expected ? expected_forward(&law, head, pass, out, err)
                               : drawn_forward(&law, head, pass, saved, out, err);
    sbmt_arena_release(pass->scratch, mark);
    return done;
}

static int draws(const void *config)
{
    return ((const struct sbmt_sbm_config *)config)->mask_samples;
}

static bool counts_padding(const void *config)
{
    return ((const struct sbmt_sbm_config *)config)->count_padding;
}

/* The graph as it is kept (core/graph/graph.h), and a sum a row. Operations without those of
 * drawing, which compares numbers more than it multiplies. */
static struct sbmt_cost cost(const void *config_in, int n, int d, double density)
{
    const struct sbmt_sbm_config *config = config_in;
    const double tokens = n, pairs = tokens * n, edges = density * pairs;
    struct sbmt_cost cost = {
        .flops = 4 * edges * d,
        .bytes = 12 * tokens + fmin(4 * edges, pairs / 8),
    };
    if (config->graph == SBMT_SBM_RANDOM)
        return cost;
    const double k = config->clusters;
    cost.flops += 2 * (4 * tokens * d * d + 2 * tokens * k * d + k * k * d + tokens * k * k);
    return cost;
}

extern const struct sbmt_attention_ops sbmt_attention_sbm;
const struct sbmt_attention_ops sbmt_attention_sbm = {
    .variant = {.name = "sbm",
                .doc =
                    "attention along the edges of a graph drawn from a mixed-membership stochastic "
                    "block model (Cho et al. 2022)",
                .fields = sbmt_sbm_fields,
                .config_size = sizeof(struct sbmt_sbm_config)},
    .complexity = "O(edges·d + n·k·(d + k))",
    .state_size = sizeof(struct sbmt_membership_params),
    .check = sbmt_sbm_check,
    .draws = draws,
    .counts_padding = counts_padding,
    .init = init,
    .forward = forward,
    .backward = sbmt_sbm_backward,
    .cost = cost,
};
