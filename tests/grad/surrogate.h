/* A second implementation of one SBM head, by plain loops over the formulas of arXiv 2210.15541,
 * whose derivative at the point where it was expanded is the straight-through gradient.
 *
 * A drawn graph M is no differentiable function of its probabilities P. The estimators put
 * something in its place that is: with P⁰ = P at the point of expansion, scores s·(1 + P − P⁰)
 * (score) or s + (P − P⁰) (plain) on the edges of M. Where the gradient that an edge may pass on is
 * bounded (clipped), the surrogate is linear: Σ M·clip(g)·(P − P⁰) with g the gradient of the
 * scores at the point of expansion, beside scores that do not depend on P. An edge drawn w times
 * weighs A ∝ w·e^s; its gradient is that of all w together. */
#ifndef SBMT_TESTS_GRAD_SURROGATE_H
#define SBMT_TESTS_GRAD_SURROGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/real.h"
#include "core/base/rng.h"

enum surrogate_form { SURROGATE_SCORE, SURROGATE_PLAIN, SURROGATE_CLIPPED };

/** A head: everything is borrowed. */
struct surrogate {
    enum surrogate_form form;
    int n, d, clusters, stride;
    const real *q, *k, *v;                         /**< (n, d), rows `stride` apart */
    const real *weight1, *bias1, *weight2, *bias2; /**< the membership MLP, torch's layout */
    const real *cluster;                           /**< (clusters, d) */
    const bool *mask;                              /**< (n, n) */
    const int *multiplicity;                       /**< (n, n) of the edges; NULL: 1 */
    bool unbounded;                                /**< P is a rate and may exceed 1 */
    bool fixed;                                    /**< P depends on nothing */
    double exploration;
    double sampled_share, expected_share; /**< of the density in the loss, on each P */
    const real *w;                        /**< (n, d), rows `stride` apart: the loss is Σ w·out */
    uint32_t dropout_threshold;           /**< of 65536 */
    struct sbmt_rng_key dropout_key;
    bool by_pairs; /**< dropout has a number for each pair and not for each edge */

    /* The point of expansion, (n, n) each: */
    double *probability; /**< P⁰, at most 1 */
    double *dscore;      /**< g */
};

/** Makes the present values the point of expansion. */
void surrogate_expand(struct surrogate *surrogate);

/** The loss. */
double surrogate_loss(const struct surrogate *surrogate);

#endif
