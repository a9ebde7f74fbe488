/* The options of `attention: {kind: sbm, …}`. */
#ifndef SBMT_CORE_ATTENTION_SBM_CONFIG_H
#define SBMT_CORE_ATTENTION_SBM_CONFIG_H

#include "core/base/error.h"
#include "core/base/field.h"

enum sbmt_sbm_graph { SBMT_SBM_BERNOULLI };
enum sbmt_sbm_ste { SBMT_STE_SCORE, SBMT_STE_PLAIN, SBMT_STE_CLIPPED };
enum sbmt_sbm_density { SBMT_DENSITY_SAMPLED, SBMT_DENSITY_EXPECTED };

struct sbmt_sbm_config {
    int clusters;
    int graph; /**< enum sbmt_sbm_graph */
    int ste;   /**< enum sbmt_sbm_ste */
    double exploration, density_weight;
    int density_gradient; /**< enum sbmt_sbm_density */
};

/** The table of these options. */
extern const struct sbmt_field sbmt_sbm_fields[];

#endif
