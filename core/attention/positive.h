/* Softmax attention estimated through positive random features (FAVOR+, Choromanski et al. 2021,
 * arXiv 2009.14794, lemma 1 and section 2.3), in time and memory linear in the length.
 *
 * A feature is φ_f(x) = e^{w_f·x − |x|²/2}/√m, for one of m directions w_f and x = q/⁴√d or k/⁴√d,
 * and out_i = Σ_f φ_f(q_i) Σ_j φ_f(k_j) v_j / Σ_f φ_f(q_i) Σ_j φ_f(k_j). What is the same in all of
 * a query's features cancels, and the rest is two softmax attentions, of features over keys, then
 * of queries over features:
 *
 *     a_fj = w_f·k_j − |k_j|²/2,   L_f = log Σ_j e^{a_fj},   u_f = Σ_j softmax_j(a_fj) v_j
 *     out_i = Σ_f softmax_f(w_f·q_i + L_f) u_f
 *
 * So the largest exponent is taken out for each feature over the sequence's own keys, and for each
 * query over the features. Both cancel exactly: nothing is added to the features to keep them from
 * vanishing, no normaliser can, and a sequence's results depend on nothing but itself. (The
 * authors' code takes one largest exponent for all keys and adds 1e-4 to every feature.) */
#ifndef SBMT_CORE_ATTENTION_POSITIVE_H
#define SBMT_CORE_ATTENTION_POSITIVE_H

#include "core/attention/attention.h"

/** What forward leaves for backward, in pass->saved. */
struct sbmt_positive {
    int features;
    const real *directions; /**< (features, d) w_f/⁴√d; the caller's, filled in before forward */
    real *mean;             /**< (features, d) u */
    real *feature_sum;      /**< (features) L */
    real *log_sum;          /**< (n) */
    const real *out;
};

/** out (n, d; the head's stride). */
SBMT_MUST_CHECK bool sbmt_positive_forward(struct sbmt_positive *positive,
                                           const struct sbmt_head *head, struct sbmt_pass *pass,
                                           real *out, struct sbmt_error *err);

/** Adds the gradients of q, k, v, given that of out. */
SBMT_MUST_CHECK bool sbmt_positive_backward(const struct sbmt_positive *positive,
                                            const struct sbmt_head *head, struct sbmt_pass *pass,
                                            const real *dout, const struct sbmt_head_grad *grad,
                                            struct sbmt_error *err);

#endif
