/* Where hidden dropout happens: each site has random numbers of its own. */
#ifndef SBMT_CORE_MODEL_SITES_H
#define SBMT_CORE_MODEL_SITES_H

/** The numbers are part of what a seed means: never renumber. */
enum sbmt_dropout_site {
    SBMT_SITE_EMBEDDING = 0, /**< after token and position embeddings */
    SBMT_SITE_ATTENTION = 1, /**< output of the attention block */
    SBMT_SITE_HIDDEN = 2,    /**< after GELU */
    SBMT_SITE_OUTPUT = 3,    /**< output of the feed-forward block */
};

#endif
