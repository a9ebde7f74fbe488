/* Memberships of a stochastic block model, forward and backward. */
#include "core/attention/membership.h"

#include <string.h>

#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"
#include "core/nn/activation.h"

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

/* Rows that are worked on together, layer after layer: they stay in a core's cache. All products go
 * by the kernel for tiles and not by BLAS, which copies its operands and clears its results first:
 * with 32 to 128 columns that is a good part of the work, and of a training step at n = 4096 and
 * density 0.02 some 7 % (sbmt bench speed). */
enum { TILE_ROWS = 96 };

static int tile_rows(const struct sbmt_memberships *m, int first)
{
    return m->n - first < TILE_ROWS ? m->n - first : TILE_ROWS;
}

/* The (columns, rows) of a matrix (rows, columns). */
static real *turned(int rows, int columns, const real *matrix, struct sbmt_arena *arena)
{
    real *out = sbmt_arena_reals(arena, (size_t)rows * (size_t)columns);
    for (int j = 0; out != NULL && j < columns; j++)
        for (int i = 0; i < rows; i++)
            out[(size_t)j * (size_t)rows + (size_t)i] =
                matrix[(size_t)i * (size_t)columns + (size_t)j];
    return out;
}

/* A head's parameters as forward multiplies by them. */
struct forward_weights {
    const real *hidden, *output; /* (d, d) turned */
    const real *hidden_bias, *output_bias;
    const real *cluster; /* (d, k) turned */
};

static bool turn_weights(const struct sbmt_membership_params *params, const struct sbmt_pass *pass,
                         const struct sbmt_memberships *m, struct sbmt_arena *arena,
                         struct forward_weights *w)
{
    const int d = m->d;
    *w = (struct forward_weights){
        .hidden = turned(d, d, pass->value + part(params->hidden_weight, 2, m->head), arena),
        .output = turned(d, d, pass->value + part(params->output_weight, 2, m->head), arena),
        .hidden_bias = pass->value + part(params->hidden_bias, 1, m->head),
        .output_bias = pass->value + part(params->output_bias, 1, m->head),
        .cluster = turned(m->clusters, d, m->cluster, arena),
    };
    return !arena->failed;
}

/* y = x·w + bias for `rows` rows of d. */
static void affine(const struct sbmt_kernels *kernels, int rows, int d, const real *x, int x_stride,
                   const real *w, const real *bias, real *y)
{
    for (int i = 0; i < rows; i++)
        memcpy(y + (size_t)i * (size_t)d, bias, (size_t)d * sizeof *y);
    kernels->product(rows, d, d, true, x, x_stride, 1, w, d, y, d);
}

static void side_forward(const struct sbmt_kernels *kernels, const struct forward_weights *w,
                         const struct sbmt_memberships *m, struct sbmt_membership_side *side)
{
    const int d = m->d, k = m->clusters;
    for (int first = 0; first < m->n; first += TILE_ROWS) {
        const int rows = tile_rows(m, first);
        real *hidden = side->hidden + (size_t)first * (size_t)d;
        real *projected = side->projected + (size_t)first * (size_t)d;
        real *member = side->member + (size_t)first * (size_t)m->width;
        affine(kernels, rows, d, side->input + (size_t)first * (size_t)m->stride, m->stride,
               w->hidden, w->hidden_bias, hidden);
        sbmt_relu_forward((size_t)rows * (size_t)d, hidden);
        affine(kernels, rows, d, hidden, d, w->output, w->output_bias, projected);
        kernels->product(rows, k, d, false, projected, d, 1, w->cluster, k, member, m->width);
        for (int i = 0; i < rows; i++)
            kernels->sigmoid(k, member + (size_t)i * (size_t)m->width);
    }
}

/* out (n, k) = x·matrix, for memberships x, or what has their shape, and a matrix of (k, k). */
static void multiply(const struct sbmt_kernels *kernels, const struct sbmt_memberships *m,
                     const real *x, const real *matrix, real *out)
{
    const int k = m->clusters;
    for (int first = 0; first < m->n; first += TILE_ROWS)
        kernels->product(tile_rows(m, first), k, k, false, x + (size_t)first * (size_t)m->width,
                         m->width, 1, matrix, k, out + (size_t)first * (size_t)m->width, m->width);
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
    const struct sbmt_arena_mark mark = sbmt_arena_mark(arena);
    struct forward_weights weights;
    if (!turn_weights(params, pass, m, arena, &weights))
        return false;
    side_forward(pass->kernels, &weights, m, &m->query);
    side_forward(pass->kernels, &weights, m, &m->key);
    sbmt_arena_release(arena, mark);
    block_forward(pass, m);
    multiply(pass->kernels, m, m->query.member, m->block, m->mixed);
    return true;
}

/* A linear layer of the MLP on the way back. */
struct backward_layer {
    const real *weight; /* (d, d): outputs, inputs */
    real *dweight, *dbias;
};

static struct backward_layer backward_layer(const struct sbmt_pass *pass, int head,
                                            const struct sbmt_tensor *weight,
                                            const struct sbmt_tensor *bias)
{
    return (struct backward_layer){pass->value + part(weight, 2, head),
                                   pass->grad + part(weight, 2, head),
                                   pass->grad + part(bias, 1, head)};
}

/* From dy (rows, d) of a layer's output, with x its input: dx = dy·W, or += with `add`. */
static void affine_backward(const struct sbmt_kernels *kernels, const struct backward_layer *layer,
                            int rows, int d, const real *x, int x_stride, const real *dy, bool add,
                            real *dx, int dx_stride)
{
    kernels->product(d, d, rows, true, dy, 1, d, x, x_stride, layer->dweight, d);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < d; j++)
            layer->dbias[j] += dy[(size_t)i * (size_t)d + (size_t)j];
    kernels->product(rows, d, d, add, dy, d, 1, layer->weight, d, dx, dx_stride);
}

/* x ← x·y·(1 − y): through y = σ(x) for rows of memberships. */
static void sigmoid_backward(const struct sbmt_memberships *m, int rows, const real *y, real *x)
{
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < m->clusters; v++) {
            const size_t at = (size_t)i * (size_t)m->width + (size_t)v;
            x[at] *= y[at] * (1 - y[at]);
        }
}

/* Through σ, Cᵀ and the MLP, from ∂L/∂member (overwritten) to the side's input. */
static void side_backward(const struct sbmt_membership_params *params,
                          const struct sbmt_memberships *m, const struct sbmt_pass *pass,
                          const struct sbmt_membership_side *side, real *dmember, real *dclusters,
                          real *work, real *dinput)
{
    const int d = m->d, k = m->clusters, stride = m->stride;
    const struct sbmt_kernels *kernels = pass->kernels;
    const struct backward_layer hidden = backward_layer(pass, m->head, params->hidden_weight,
                                                        params->hidden_bias);
    const struct backward_layer output = backward_layer(pass, m->head, params->output_weight,
                                                        params->output_bias);
    real *dprojected = work, *dhidden = work + (size_t)TILE_ROWS * (size_t)d;
    for (int first = 0; first < m->n; first += TILE_ROWS) {
        const int rows = tile_rows(m, first);
        const size_t narrow = (size_t)first * (size_t)d, wide = (size_t)first * (size_t)m->width;
        const size_t input = (size_t)first * (size_t)stride;
        sigmoid_backward(m, rows, side->member + wide, dmember + wide);
        kernels->product(k, d, rows, true, dmember + wide, 1, m->width, side->projected + narrow, d,
                         dclusters, d);
        kernels->product(rows, d, k, false, dmember + wide, m->width, 1, m->cluster, d, dprojected,
                         d);
        affine_backward(kernels, &output, rows, d, side->hidden + narrow, d, dprojected, false,
                        dhidden, d);
        sbmt_relu_backward((size_t)rows * (size_t)d, side->hidden + narrow, dhidden);
        affine_backward(kernels, &hidden, rows, d, side->input + input, stride, dhidden, true,
                        dinput + input, stride);
    }
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
                               const real *dmixed, real *dmember_key,
                               const struct sbmt_head_grad *grad)
{
    const int n = m->n, k = m->clusters;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    real *dmember_query = m->mixed; /* which nothing needs any more */
    real *dblock = sbmt_arena_zalloc(pass->scratch, (size_t)k * (size_t)k, sizeof(real));
    real *work = sbmt_arena_reals(pass->scratch, 2 * TILE_ROWS * (size_t)m->d);
    const real *block = turned(k, k, m->block, pass->scratch);
    if (dblock == NULL || work == NULL || block == NULL)
        return false;
    real *dclusters = pass->grad + part(params->clusters, 2, m->head);
    multiply(pass->kernels, m, dmixed, block, dmember_query);
    for (int first = 0; first < n; first += TILE_ROWS) {
        const size_t wide = (size_t)first * (size_t)m->width;
        pass->kernels->product(k, k, tile_rows(m, first), true, m->query.member + wide, 1, m->width,
                               dmixed + wide, m->width, dblock, k);
    }
    sbmt_pass_show_head(pass, "gradient.membership.query", m->head, n, k, m->width, dmember_query);
    sbmt_pass_show_head(pass, "gradient.membership.key", m->head, n, k, m->width, dmember_key);
    sbmt_pass_show_head(pass, "gradient.block", m->head, k, k, k, dblock);
    block_backward(m, pass, dblock, dclusters);
    side_backward(params, m, pass, &m->query, dmember_query, dclusters, work, grad->dq);
    side_backward(params, m, pass, &m->key, dmember_key, dclusters, work, grad->dk);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}
