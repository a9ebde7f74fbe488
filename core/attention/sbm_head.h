/* What the forward and the backward pass of an SBM head share. */
#ifndef SBMT_CORE_ATTENTION_SBM_HEAD_H
#define SBMT_CORE_ATTENTION_SBM_HEAD_H

#include "core/attention/edges.h"
#include "core/attention/membership.h"
#include "core/attention/sbm_config.h"

/** The backward of the attention table; `saved` is a struct sbmt_edges. Memberships are computed
 * again: keeping them would take half as much memory again, and saves 4 % of a training step at
 * n = 16384 and density 0.01, less in shorter sequences (sbmt bench speed). */
bool sbmt_sbm_backward(const void *config, const void *state, const struct sbmt_head *head,
                       struct sbmt_pass *pass, const void *saved, const real *dout,
                       const struct sbmt_head_grad *grad, struct sbmt_error *err);

#endif
