/* Where hidden dropout happens: each site has random numbers of its own. */
#ifndef SBMT_CORE_MODEL_SITES_H
#define SBMT_CORE_MODEL_SITES_H

/** The numbers are part of what a seed means: never renumber. Those of the model's ends belong to
 * no layer: they count as one after the last. */
enum sbmt_dropout_site {
    SBMT_SITE_EMBEDDING = 0, /**< of the model: after the embeddings */
    SBMT_SITE_ATTENTION = 1, /**< output of the attention block */
    SBMT_SITE_HIDDEN = 2,    /**< after the activation of the feed-forward block */
    SBMT_SITE_OUTPUT = 3,    /**< output of the feed-forward block */
    SBMT_SITE_FEATURES = 4,  /**< of the model: what a classifier reads */
    SBMT_SITE_POOLED = 5,    /**< of the model: what a classifier's last layer reads */
};

#endif
