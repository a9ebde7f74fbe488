/* The options of `attention: {kind: sbm, …}`. */
#ifndef SBMT_CORE_ATTENTION_SBM_CONFIG_H
#define SBMT_CORE_ATTENTION_SBM_CONFIG_H

#include "core/base/error.h"
#include "core/base/field.h"

enum sbmt_sbm_graph {
    SBMT_SBM_BERNOULLI,
    SBMT_SBM_POISSON,
    SBMT_SBM_POISSON_SIMPLE,
    SBMT_SBM_RANDOM, /**< no block model: every pair with the same probability */
};
enum sbmt_sbm_mask { SBMT_MASK_SAMPLED, SBMT_MASK_EXPECTED };
enum sbmt_sbm_ste { SBMT_STE_SCORE, SBMT_STE_PLAIN, SBMT_STE_CLIPPED };
enum sbmt_sbm_density { SBMT_DENSITY_SAMPLED, SBMT_DENSITY_EXPECTED };
enum sbmt_sbm_cluster_init { SBMT_CLUSTERS_NORMAL, SBMT_CLUSTERS_ORTHOGONAL };
enum sbmt_sbm_membership_mlp { SBMT_MEMBERSHIP_LAYER, SBMT_MEMBERSHIP_HEAD };

struct sbmt_sbm_config {
    int clusters;
    int cluster_init;   /**< enum sbmt_sbm_cluster_init */
    int membership_mlp; /**< enum sbmt_sbm_membership_mlp */
    bool freeze_clusters;
    int graph;      /**< enum sbmt_sbm_graph */
    double density; /**< of a random graph */
    int ste;        /**< enum sbmt_sbm_ste */
    double exploration, density_weight;
    int density_gradient; /**< enum sbmt_sbm_density */
    bool count_padding;
    int mask; /**< enum sbmt_sbm_mask */
    int mask_samples;
};

/** The table of these options. */
extern const struct sbmt_field sbmt_sbm_fields[];

/** Rules between these options: what would have no effect is an error. The message begins with the
 * option's key. */
SBMT_MUST_CHECK bool sbmt_sbm_check(const void *config, struct sbmt_error *err);

/** Whether the memberships get gradients: there are some, and they are not frozen. */
bool sbmt_sbm_learns(const struct sbmt_sbm_config *config);

#endif
