/* Memberships of a stochastic block model, backward. */
#include "core/attention/membership.h"

#include "core/attention/membership_mlp.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"
#include "core/nn/activation.h"

/* A linear layer of the MLP on the way back. */
struct backward_layer {
    const real *weight; /* (d, d): outputs, inputs */
    real *dweight, *dbias;
};

static struct backward_layer backward_layer(const struct sbmt_pass *pass, int head,
                                            const struct sbmt_tensor *weight,
                                            const struct sbmt_tensor *bias)
{
    return (struct backward_layer){pass->value + sbmt_membership_part(weight, 2, head),
                                   pass->grad + sbmt_membership_part(weight, 2, head),
                                   pass->grad + sbmt_membership_part(bias, 1, head)};
}

/* From dy (rows, d) of a layer's output, with x its input: dx = dy·W, or += with `add`. */
static void affine_backward(const struct sbmt_membership_mlp *mlp,
                            const struct backward_layer *layer, int rows, const real *x,
                            int x_stride, const real *dy, bool add, real *dx, int dx_stride)
{
    const int d = mlp->d;
    mlp->kernels->product(d, d, rows, true, dy, 1, d, x, x_stride, layer->dweight, d);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < d; j++)
            layer->dbias[j] += dy[(size_t)i * (size_t)d + (size_t)j];
    mlp->kernels->product(rows, d, d, add, dy, d, 1, layer->weight, d, dx, dx_stride);
}

/* Where the gradients of parameters go, and backward's working memory for some rows. */
struct adjoint {
    const struct sbmt_membership_mlp *mlp;
    const real *cluster; /* (k, d) */
    struct backward_layer hidden, output;
    real *dclusters;
    real *dprojected, *dhidden; /* (SBMT_MEMBERSHIP_ROWS, d) */
};

static bool adjoint_init(struct adjoint *a, const struct sbmt_membership_mlp *mlp,
                         const struct sbmt_membership_params *params,
                         const struct sbmt_memberships *m, struct sbmt_pass *pass)
{
    const size_t narrow = SBMT_MEMBERSHIP_ROWS * (size_t)m->d;
    *a = (struct adjoint){
        .mlp = mlp,
        .cluster = m->cluster,
        .hidden = backward_layer(pass, m->head, params->hidden_weight, params->hidden_bias),
        .output = backward_layer(pass, m->head, params->output_weight, params->output_bias),
        .dclusters = pass->grad + sbmt_membership_part(params->clusters, 2, m->head),
        .dprojected = sbmt_arena_reals(pass->scratch, narrow),
        .dhidden = sbmt_arena_reals(pass->scratch, narrow),
    };
    return !pass->scratch->failed;
}

/* x ← x·y·(1 − y): through y = σ(x) for rows of memberships. */
static void sigmoid_backward(const struct sbmt_membership_mlp *mlp, int rows, const real *y,
                             real *x)
{
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < mlp->clusters; v++) {
            const size_t at = (size_t)i * (size_t)mlp->width + (size_t)v;
            x[at] *= y[at] * (1 - y[at]);
        }
}

/* Through σ, Cᵀ and the MLP, from ∂L/∂member (overwritten) of some rows to their input. mlp->hidden
 * and mlp->projected are theirs. */
static void rows_backward(const struct adjoint *a, int rows, const real *input, const real *member,
                          real *dmember, real *dinput)
{
    const struct sbmt_membership_mlp *mlp = a->mlp;
    const struct sbmt_kernels *kernels = mlp->kernels;
    const int d = mlp->d, k = mlp->clusters;
    sigmoid_backward(mlp, rows, member, dmember);
    kernels->product(k, d, rows, true, dmember, 1, mlp->width, mlp->projected, d, a->dclusters, d);
    kernels->product(rows, d, k, false, dmember, mlp->width, 1, a->cluster, d, a->dprojected, d);
    affine_backward(mlp, &a->output, rows, mlp->hidden, d, a->dprojected, false, a->dhidden, d);
    sbmt_relu_backward((size_t)rows * (size_t)d, mlp->hidden, a->dhidden);
    affine_backward(mlp, &a->hidden, rows, input, mlp->stride, a->dhidden, true, dinput,
                    mlp->stride);
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

/* All of dY = dYB·Bᵀ for the pass's probe, if it has one; backward itself needs some rows at a
 * time. `block` is Bᵀ. */
static bool show_query_gradient(const struct sbmt_membership_mlp *mlp,
                                const struct sbmt_memberships *m, const struct sbmt_pass *pass,
                                const real *dmixed, const real *block)
{
    if (pass->probe == NULL)
        return true;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    real *dquery = sbmt_arena_reals(pass->scratch, (size_t)m->n * (size_t)m->width);
    if (dquery == NULL)
        return false;
    sbmt_membership_multiply(mlp, m->n, dmixed, block, dquery);
    sbmt_pass_show_head(pass, "gradient.membership.query", m->head, m->n, m->clusters, m->width,
                        dquery);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* dY = dYB·Bᵀ, dB = Yᵀ·dYB, and on from dY to the queries. */
static bool queries_backward(const struct adjoint *a, const struct sbmt_memberships *m,
                             struct sbmt_pass *pass, const real *dmixed, real *dq)
{
    const struct sbmt_membership_mlp *mlp = a->mlp;
    const int k = m->clusters;
    real *dblock = sbmt_arena_zalloc(pass->scratch, (size_t)k * (size_t)k, sizeof(real));
    real *dquery = sbmt_arena_reals(pass->scratch, SBMT_MEMBERSHIP_ROWS * (size_t)m->width);
    const real *block = sbmt_membership_turned(k, k, m->block, pass->scratch);
    if (dblock == NULL || dquery == NULL || block == NULL ||
        !show_query_gradient(mlp, m, pass, dmixed, block))
        return false;
    for (int first = 0; first < m->n; first += SBMT_MEMBERSHIP_ROWS) {
        const int rows = sbmt_membership_rows(m, first);
        const size_t wide = (size_t)first * (size_t)m->width;
        const size_t input = (size_t)first * (size_t)m->stride;
        sbmt_membership_join(mlp, rows, m->q + input, m->stride, mlp->member);
        sbmt_membership_multiply(mlp, rows, dmixed + wide, block, dquery);
        mlp->kernels->product(k, k, rows, true, mlp->member, 1, m->width, dmixed + wide, m->width,
                              dblock, k);
        rows_backward(a, rows, m->q + input, mlp->member, dquery, dq + input);
    }
    sbmt_pass_show_head(pass, "gradient.block", m->head, k, k, k, dblock);
    block_backward(m, pass, dblock, a->dclusters);
    return true;
}

static void keys_backward(const struct adjoint *a, const struct sbmt_memberships *m, real *dmember,
                          real *dk)
{
    for (int first = 0; first < m->n; first += SBMT_MEMBERSHIP_ROWS) {
        const int rows = sbmt_membership_rows(m, first);
        const size_t wide = (size_t)first * (size_t)m->width;
        const size_t input = (size_t)first * (size_t)m->stride;
        sbmt_membership_project(a->mlp, rows, m->k + input, m->stride);
        rows_backward(a, rows, m->k + input, m->key + wide, dmember + wide, dk + input);
    }
}

bool sbmt_memberships_backward(const struct sbmt_membership_params *params,
                               const struct sbmt_memberships *m, struct sbmt_pass *pass,
                               const real *dmixed, real *dkey, const struct sbmt_head_grad *grad)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct sbmt_membership_mlp mlp;
    struct adjoint adjoint;
    sbmt_pass_show_head(pass, "gradient.membership.key", m->head, m->n, m->clusters, m->width,
                        dkey);
    if (!sbmt_membership_mlp_init(&mlp, params, pass, m, pass->scratch) ||
        !adjoint_init(&adjoint, &mlp, params, m, pass) ||
        !queries_backward(&adjoint, m, pass, dmixed, grad->dq))
        return false;
    keys_backward(&adjoint, m, dkey, grad->dk);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
