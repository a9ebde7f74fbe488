/* Options of SBM attention. */
#include "core/attention/sbm_config.h"

#include "core/attention/attention.h"

static const char *const graph_words[] = {"bernoulli", "poisson", "poisson-simple", "random", NULL};
static const char *const mask_words[] = {"sampled", "expected", NULL};
static const char *const ste_words[] = {"score", "plain", "clipped", NULL};
static const char *const density_gradient_words[] = {"sampled", "expected", NULL};
static const char *const cluster_init_words[] = {"normal", "orthogonal", NULL};
static const char *const membership_mlp_words[] = {"layer", "head", NULL};

static const double default_density = 0.2;

#define ROW struct sbmt_sbm_config
const struct sbmt_field sbmt_sbm_fields[] = {
    SBMT_INT(ROW, clusters, 128, 1, 4096, "clusters of the block model, per head"),
    SBMT_CHOICE(
        ROW, cluster_init, cluster_init_words, SBMT_CLUSTERS_NORMAL,
        "cluster vectors at the start: normal with standard deviation sqrt(2/(clusters * head "
        "dim)) (the published code), or orthogonal: at right angles and of length 1, or where "
        "there are more clusters than columns the columns at right angles and the vectors' mean "
        "square length 1"),
    SBMT_CHOICE(ROW, membership_mlp, membership_mlp_words, SBMT_MEMBERSHIP_LAYER,
                "the MLP before the memberships: one a layer, which its heads share (published), "
                "or one a head"),
    SBMT_BOOL(ROW, freeze_clusters, false,
              "leave clusters and membership MLP as they start, without gradients to them or "
              "through them to queries and keys (a control)"),
    SBMT_CHOICE(
        ROW, graph, graph_words, SBMT_SBM_BERNOULLI,
        "law of the edges: bernoulli, each edge independently with its probability P; poisson, "
        "Poisson(P) parallel edges, whose number multiplies the edge's weight; poisson-simple, "
        "parallel edges taken as one; random, each edge with probability `density` (a control)"),
    SBMT_NUMBER(ROW, density, default_density, 0, 1, "probability of an edge with graph: random"),
    SBMT_CHOICE(
        ROW, ste, ste_words, SBMT_STE_SCORE,
        "straight-through gradient of an edge: score (the paper), plain, or clipped to [-1, 1] "
        "(the published code)"),
    SBMT_NUMBER(ROW, exploration, 0.01, 0, 1,
                "added to every edge probability, so that no edge stays without gradient for good"),
    SBMT_NUMBER(ROW, density_weight, 0, 0, 1e6,
                "weight of the mean density in the loss (the paper's lambda)"),
    SBMT_CHOICE(
        ROW, density_gradient, density_gradient_words, SBMT_DENSITY_SAMPLED,
        "gradient of the density: on each sampled edge (published), or of the expected density"),
    SBMT_BOOL(ROW, count_padding, false,
              "count a density over the pairs of model.padded_length tokens, as the published code "
              "does, and not over those of the real ones"),
    SBMT_CHOICE(
        ROW, mask, mask_words, SBMT_MASK_SAMPLED,
        "graphs in evaluation: sampled (published), or expected: no graph, every pair weighed by "
        "the edge it can expect, at the cost of dense attention; training samples in any case",
        .evaluation = true),
    SBMT_INT(ROW, mask_samples, 1, 1, SBMT_MOST_DRAWS,
             "graphs an evaluation draws for each example: logits are averaged over them, and the "
             "accuracies of single graphs are reported with their standard deviation",
             .evaluation = true),
    SBMT_FIELDS_END,
};

bool sbmt_sbm_learns(const struct sbmt_sbm_config *config)
{
    return config->graph != SBMT_SBM_RANDOM && !config->freeze_clusters;
}

bool sbmt_sbm_check(const void *config_in, struct sbmt_error *err)
{
    const struct sbmt_sbm_config *config = config_in;
    const bool random = config->graph == SBMT_SBM_RANDOM;
    const bool given = config->density < default_density || config->density > default_density;
    if (given && !random)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "density: is for graph: random only, with graph: %s it is learnt; choose "
                         "that graph or leave the density out",
                         graph_words[config->graph]);
    if (config->freeze_clusters && random)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "freeze_clusters: graph: random has no clusters; leave it out");
    if (config->density_weight > 0 && !sbmt_sbm_learns(config))
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "density_weight: has no effect with %s, where nothing can change the "
                         "density; set it to 0",
                         random ? "graph: random" : "freeze_clusters: true");
    if (config->mask_samples > 1 && config->mask == SBMT_MASK_EXPECTED)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "mask_samples: mask: expected draws no graphs; choose one of the two");
    return true;
}
