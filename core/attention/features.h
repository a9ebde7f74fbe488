/* Attention through a feature map φ, in time and memory linear in the length:
 *
 *     out_i = φ(q_i)·S,  S = Σ_j φ(k_j)ᵀ v_j,      or over  φ(q_i)·z,  z = Σ_j φ(k_j),  normalised
 *
 * (Katharopoulos et al. 2020, arXiv 2006.16236, equations 5 and 6). Kinds differ in φ alone. The
 * features are made for a block of rows at a time, and made again in backward: nothing of n rows
 * and φ's width is ever kept. There are no attention weights that dropout could act on. */
#ifndef SBMT_CORE_ATTENTION_FEATURES_H
#define SBMT_CORE_ATTENTION_FEATURES_H

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"

/** Reals from a row of `width` features to the next: a little more, so that columns do not compete
 * for the same lines of the cache. */
int sbmt_features_stride(int width);

/** Rows of queries or keys whose features are made together. */
struct sbmt_feature_block {
    const struct sbmt_kernels *kernels;
    int n, first, rows; /**< the sequence's tokens, and which of them: first … first+rows−1 */
    int d, stride;      /**< of x and dx */
    int y_stride;       /**< of y and dy */
};

/** A feature map. x and dx are at the block's first row. */
struct sbmt_feature_map {
    int width;           /**< features of a row */
    const void *context; /**< the map's own, handed to both */

    /** y (rows, width) = φ(x), for x (rows, d). */
    void (*forward)(const void *context, const struct sbmt_feature_block *block, const real *x,
                    real *y);
    /** Adds the gradient of x to dx, given y and its gradient dy, which may be overwritten. */
    void (*backward)(const void *context, const struct sbmt_feature_block *block, const real *x,
                     const real *y, real *dy, real *dx);
};

/** What is computed. */
struct sbmt_features {
    struct sbmt_feature_map map;
    bool normalise;
    real floor; /**< the least that a normaliser φ(q_i)·z may be; it has no gradient where it is
                   less. Above 0 where φ can vanish */
};

/** What forward leaves for backward, in pass->saved. */
struct sbmt_features_saved {
    real *sums;  /**< (width, d) S */
    real *total; /**< (width) z */
    real *rate;  /**< (n) 1/normaliser; negative where that is the floor. NULL: not normalised */
    const real *out;
};

/** out (n, d; the head's stride). */
SBMT_MUST_CHECK bool sbmt_features_forward(const struct sbmt_features *features,
                                           const struct sbmt_head *head, struct sbmt_pass *pass,
                                           struct sbmt_features_saved *saved, real *out,
                                           struct sbmt_error *err);

/** Adds the gradients of q, k, v, given that of out. */
SBMT_MUST_CHECK bool sbmt_features_backward(const struct sbmt_features *features,
                                            const struct sbmt_head *head, struct sbmt_pass *pass,
                                            const struct sbmt_features_saved *saved,
                                            const real *dout, const struct sbmt_head_grad *grad,
                                            struct sbmt_error *err);

/** Operations and bytes kept of one head forward, without the making of features. */
struct sbmt_cost sbmt_features_cost(int width, bool normalise, int n, int d);

#endif
