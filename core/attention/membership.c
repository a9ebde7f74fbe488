/* Memberships of a stochastic block model, forward and backward. */
#include "core/attention/membership.h"

#include <string.h>

#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"
#include "core/nn/activation.h"
#include "core/nn/linear.h"

int sbmt_membership_width(int clusters)
{
    return (clusters + 31) / 32 * 32 + 16;
}

/* Where the part of a head begins in a tensor that has a leading axis of heads, or all of one that
 * has the rank `shared`. */
static size_t part(const struct sbmt_tensor *tensor, int shared, int head)
{
    return tensor->rank > shared ? sbmt_tensor_part(tensor, head) : tensor->offset;
}

static struct sbmt_linear layer(const struct sbmt_pass *pass, const struct sbmt_memberships *m,
                                const struct sbmt_tensor *weight, const struct sbmt_tensor *bias)
{
    return (struct sbmt_linear){m->n, m->d, m->d, pass->value + part(weight, 2, m->head),
                                pass->value + part(bias, 1, m->head)};
}

static void side_forward(const struct sbmt_membership_params *params, const struct sbmt_pass *pass,
                         const struct sbmt_memberships *m, struct sbmt_membership_side *side)
{
    const int n = m->n, d = m->d;
    const struct sbmt_linear hidden = layer(pass, m, params->hidden_weight, params->hidden_bias);
    const struct sbmt_linear output = layer(pass, m, params->output_weight, params->output_bias);
    sbmt_linear_forward(&hidden, side->input, m->stride, side->hidden, d);
    sbmt_relu_forward((size_t)n * (size_t)d, side->hidden);
    sbmt_linear_forward(&output, side->hidden, d, side->projected, d);
    sbmt_gemm_nt(n, m->clusters, d, side->projected, d, m->cluster, d, 0, side->member, m->width);
    for (int i = 0; i < n; i++)
        pass->kernels->sigmoid(m->clusters, side->member + (size_t)i * (size_t)m->width);
}

/* B = softmax over all k² entries of C·Cᵀ. */
static void block_forward(const struct sbmt_pass *pass, struct sbmt_memberships *m)
{
    const int k = m->clusters, entries = k * k;
    sbmt_gemm_nt(k, k, m->d, m->cluster, m->d, m->cluster, m->d, 0, m->block, k);
    const real largest = pass->kernels->max(entries, m->block);
    const real sum = pass->kernels->exp_sum(entries, m->block, 1, largest);
    for (int i = 0; i < entries; i++)
        m->block[i] /= sum;
}

static bool side_alloc(struct sbmt_membership_side *side, const real *input, int n, int d, int k,
                       struct sbmt_arena *arena)
{
    side->input = input;
    side->hidden = sbmt_arena_reals(arena, (size_t)n * (size_t)d);
    side->projected = sbmt_arena_reals(arena, (size_t)n * (size_t)d);
    side->member = sbmt_arena_reals(arena, (size_t)n * (size_t)sbmt_membership_width(k));
    return side->hidden != NULL && side->projected != NULL && side->member != NULL;
}

bool sbmt_memberships_forward(const struct sbmt_membership_params *params,
                              const struct sbmt_head *head, int clusters,
                              const struct sbmt_pass *pass, struct sbmt_arena *arena,
                              struct sbmt_memberships *m)
{
    const int n = head->n, d = head->d, k = clusters;
    *m = (struct sbmt_memberships){
        .head = head->index,
        .n = n,
        .d = d,
        .stride = head->stride,
        .clusters = k,
        .width = sbmt_membership_width(k),
        .cluster = pass->value + part(params->clusters, 2, head->index),
        .block = sbmt_arena_reals(arena, (size_t)k * (size_t)k),
        .mixed = sbmt_arena_reals(arena, (size_t)n * (size_t)sbmt_membership_width(k)),
    };
    if (!side_alloc(&m->query, head->q, n, d, k, arena) ||
        !side_alloc(&m->key, head->k, n, d, k, arena) || m->block == NULL || m->mixed == NULL)
        return false;
    side_forward(params, pass, m, &m->query);
    side_forward(params, pass, m, &m->key);
    block_forward(pass, m);
    sbmt_gemm(n, k, k, m->query.member, m->width, m->block, k, 0, m->mixed, m->width);
    return true;
}

/* Through σ, Cᵀ and the MLP, from ∂L/∂member (overwritten) to the side's input. `work` is (n, d).
 */
static void side_backward(const struct sbmt_membership_params *params,
                          const struct sbmt_memberships *m, const struct sbmt_pass *pass,
                          const struct sbmt_membership_side *side, real *dmember, real *dclusters,
                          real *work, real *work2, real *dinput)
{
    const int n = m->n, d = m->d, k = m->clusters;
    for (int i = 0; i < n; i++)
        for (int v = 0; v < k; v++) {
            const size_t at = (size_t)i * (size_t)m->width + (size_t)v;
            dmember[at] *= side->member[at] * (1 - side->member[at]);
        }
    sbmt_gemm_tn(k, d, n, dmember, m->width, side->projected, d, 1, dclusters, d);
    sbmt_gemm(n, d, k, dmember, m->width, m->cluster, d, 0, work, d);
    const struct sbmt_linear hidden = layer(pass, m, params->hidden_weight, params->hidden_bias);
    const struct sbmt_linear output = layer(pass, m, params->output_weight, params->output_bias);
    sbmt_linear_backward(&output, side->hidden, d, work, d, 0, work2, d,
                         pass->grad + part(params->output_weight, 2, m->head),
                         pass->grad + part(params->output_bias, 1, m->head));
    sbmt_relu_backward((size_t)n * (size_t)d, side->hidden, work2);
    sbmt_linear_backward(&hidden, side->input, m->stride, work2, d, 1, dinput, m->stride,
                         pass->grad + part(params->hidden_weight, 2, m->head),
                         pass->grad + part(params->hidden_bias, 1, m->head));
}

/* With T = C·Cᵀ and B = softmax(T):  dT = B∘(dB − ΣB∘dB),  dC += (dT + dTᵀ)·C. */
static void block_backward(const struct sbmt_memberships *m, const struct sbmt_pass *pass,
                           real *dblock, real *dclusters)
{
    const int k = m->clusters, entries = k * k;
    const real delta = pass->kernels->dot(entries, m->block, dblock);
    pass->kernels->softmax_backward(entries, m->block, dblock, delta, 1, dblock);
    sbmt_gemm(k, m->d, k, dblock, k, m->cluster, m->d, 1, dclusters, m->d);
    sbmt_gemm_tn(k, m->d, k, dblock, k, m->cluster, m->d, 1, dclusters, m->d);
}

bool sbmt_memberships_backward(const struct sbmt_membership_params *params,
                               const struct sbmt_memberships *m, struct sbmt_pass *pass,
                               real *dmixed, real *dmember_key, const struct sbmt_head_grad *grad)
{
    const int n = m->n, d = m->d, k = m->clusters;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    real *dmember_query = m->mixed; /* which nothing needs any more */
    real *dblock = sbmt_arena_reals(pass->scratch, (size_t)k * (size_t)k);
    real *work = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)d);
    real *work2 = sbmt_arena_reals(pass->scratch, (size_t)n * (size_t)d);
    if (dblock == NULL || work == NULL || work2 == NULL)
        return false;
    real *dclusters = pass->grad + part(params->clusters, 2, m->head);
    sbmt_gemm_nt(n, k, k, dmixed, m->width, m->block, k, 0, dmember_query, m->width);
    sbmt_gemm_tn(k, k, n, m->query.member, m->width, dmixed, m->width, 0, dblock, k);
    sbmt_pass_show_head(pass, "gradient.membership.query", m->head, n, k, m->width, dmember_query);
    sbmt_pass_show_head(pass, "gradient.membership.key", m->head, n, k, m->width, dmember_key);
    sbmt_pass_show_head(pass, "gradient.block", m->head, k, k, k, dblock);
    block_backward(m, pass, dblock, dclusters);
    side_backward(params, m, pass, &m->query, dmember_query, dclusters, work, work2, grad->dq);
    side_backward(params, m, pass, &m->key, dmember_key, dclusters, work, work2, grad->dk);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
