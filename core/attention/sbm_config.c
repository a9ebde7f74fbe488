/* Options of SBM attention. */
#include "core/attention/sbm_config.h"

static const char *const graph_words[] = {"bernoulli", NULL};
static const char *const ste_words[] = {"score", "plain", "clipped", NULL};
static const char *const density_gradient_words[] = {"sampled", "expected", NULL};

#define ROW struct sbmt_sbm_config
const struct sbmt_field sbmt_sbm_fields[] = {
    SBMT_INT(ROW, clusters, 128, 1, 4096, "clusters of the block model, per head"),
    SBMT_CHOICE(ROW, graph, graph_words, SBMT_SBM_BERNOULLI,
                "law of the edges: bernoulli, each edge independently with its probability"),
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
    SBMT_FIELDS_END,
};
