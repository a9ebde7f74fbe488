/* What the forward and the backward pass of an SBM head share. */
#ifndef SBMT_CORE_ATTENTION_SBM_HEAD_H
#define SBMT_CORE_ATTENTION_SBM_HEAD_H

#include "core/attention/attend.h"
#include "core/attention/membership.h"
#include "core/attention/sbm_config.h"

/** From forward to backward, in pass->saved. Memberships are computed again: they cost little
 * beside the edges, and keeping them would double the memory. */
struct sbmt_sbm_saved {
    struct sbmt_graph graph;
    real *log_sum;   /**< (n) */
    const real *out; /**< the output given to the caller, stride as the head's */
};

/** Softmax along the graph's edges for this head, with the pass's dropout. */
struct sbmt_attend sbmt_sbm_attend(const struct sbmt_head *head, const struct sbmt_pass *pass);

/** Reports that the pass is out of memory. Always false. */
bool sbmt_sbm_out_of_memory(struct sbmt_pass *pass, struct sbmt_error *err);

/** The backward of the attention table. */
bool sbmt_sbm_backward(const void *config, const void *state, const struct sbmt_head *head,
                       struct sbmt_pass *pass, const void *saved, const real *dout,
                       const struct sbmt_head_grad *grad, struct sbmt_error *err);

#endif
