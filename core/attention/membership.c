/* Memberships of a stochastic block model. */
#include "core/attention/membership.h"

#include "core/attention/membership_mlp.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"

int sbmt_membership_width(int clusters)
{
    return (clusters + 31) / 32 * 32 + 16;
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

/* Y·B and Z, some rows at a time. */
static void tiles_forward(const struct sbmt_membership_mlp *mlp, const struct sbmt_memberships *m)
{
    for (int first = 0; first < m->n; first += SBMT_MEMBERSHIP_ROWS) {
        const int rows = sbmt_membership_rows(m, first);
        const size_t wide = (size_t)first * (size_t)m->width;
        const size_t input = (size_t)first * (size_t)m->stride;
        real *query = m->query != NULL ? m->query + wide : mlp->member;
        sbmt_membership_join(mlp, rows, m->q + input, m->stride, query);
        sbmt_membership_multiply(mlp, rows, query, m->block, m->mixed + wide);
        sbmt_membership_join(mlp, rows, m->k + input, m->stride, m->key + wide);
    }
}

bool sbmt_memberships_forward(const struct sbmt_membership_params *params,
                              const struct sbmt_head *head, int clusters,
                              const struct sbmt_pass *pass, struct sbmt_arena *arena,
                              struct sbmt_memberships *m)
{
    const int n = head->n, k = clusters, width = sbmt_membership_width(k);
    const size_t wide = (size_t)n * (size_t)width;
    *m = (struct sbmt_memberships){
        .head = head->index,
        .n = n,
        .d = head->d,
        .stride = head->stride,
        .clusters = k,
        .width = width,
        .q = head->q,
        .k = head->k,
        .cluster = pass->value + sbmt_membership_part(params->clusters, 2, head->index),
        .block = sbmt_arena_reals(arena, (size_t)k * (size_t)k),
        .mixed = sbmt_arena_reals(arena, wide),
        .key = sbmt_arena_reals(arena, wide),
        .query = pass->probe != NULL ? sbmt_arena_reals(arena, wide) : NULL,
    };
    const struct sbmt_arena_mark mark = sbmt_arena_mark(arena);
    struct sbmt_membership_mlp mlp;
    if (!sbmt_membership_mlp_init(&mlp, params, pass, m, arena))
        return false;
    block_forward(pass, m);
    tiles_forward(&mlp, m);
    sbmt_arena_release(arena, mark);
    return true;
}
