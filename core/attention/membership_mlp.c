/* From queries or keys to memberships, some rows at a time. */
#include "core/attention/membership_mlp.h"

#include <string.h>

#include "core/kernels/kernels.h"
#include "core/nn/activation.h"

size_t sbmt_membership_part(const struct sbmt_tensor *tensor, int shared, int head)
{
    return tensor->rank > shared ? sbmt_tensor_part(tensor, head) : tensor->offset;
}

real *sbmt_membership_turned(int rows, int columns, const real *matrix, struct sbmt_arena *arena)
{
    real *out = sbmt_arena_reals(arena, (size_t)rows * (size_t)columns);
    for (int j = 0; out != NULL && j < columns; j++)
        for (int i = 0; i < rows; i++)
            out[(size_t)j * (size_t)rows + (size_t)i] =
                matrix[(size_t)i * (size_t)columns + (size_t)j];
    return out;
}

bool sbmt_membership_mlp_init(struct sbmt_membership_mlp *mlp,
                              const struct sbmt_membership_params *params,
                              const struct sbmt_pass *pass, const struct sbmt_memberships *m,
                              struct sbmt_arena *arena)
{
    const int d = m->d;
    const size_t narrow = SBMT_MEMBERSHIP_ROWS * (size_t)d;
    *mlp = (struct sbmt_membership_mlp){
        .kernels = pass->kernels,
        .d = d,
        .stride = m->stride,
        .clusters = m->clusters,
        .width = m->width,
        .hidden_weight = sbmt_membership_turned(
            d, d, pass->value + sbmt_membership_part(params->hidden_weight, 2, m->head), arena),
        .output_weight = sbmt_membership_turned(
            d, d, pass->value + sbmt_membership_part(params->output_weight, 2, m->head), arena),
        .hidden_bias = pass->value + sbmt_membership_part(params->hidden_bias, 1, m->head),
        .output_bias = pass->value + sbmt_membership_part(params->output_bias, 1, m->head),
        .cluster = sbmt_membership_turned(m->clusters, d, m->cluster, arena),
        .hidden = sbmt_arena_reals(arena, narrow),
        .projected = sbmt_arena_reals(arena, narrow),
        .member = sbmt_arena_reals(arena, SBMT_MEMBERSHIP_ROWS * (size_t)m->width),
    };
    return !arena->failed;
}

/* y = x·w + bias for `rows` rows of d. */
static void affine(const struct sbmt_membership_mlp *mlp, int rows, const real *x, int x_stride,
                   const real *w, const real *bias, real *y)
{
    const int d = mlp->d;
    for (int i = 0; i < rows; i++)
        memcpy(y + (size_t)i * (size_t)d, bias, (size_t)d * sizeof *y);
    mlp->kernels->product(rows, d, d, true, x, x_stride, 1, w, d, y, d);
}

void sbmt_membership_project(const struct sbmt_membership_mlp *mlp, int rows, const real *x,
                             int x_stride)
{
    affine(mlp, rows, x, x_stride, mlp->hidden_weight, mlp->hidden_bias, mlp->hidden);
    sbmt_relu_forward((size_t)rows * (size_t)mlp->d, mlp->hidden);
    affine(mlp, rows, mlp->hidden, mlp->d, mlp->output_weight, mlp->output_bias, mlp->projected);
}

void sbmt_membership_join(const struct sbmt_membership_mlp *mlp, int rows, const real *x,
                          int x_stride, real *member)
{
    sbmt_membership_project(mlp, rows, x, x_stride);
    mlp->kernels->product(rows, mlp->clusters, mlp->d, false, mlp->projected, mlp->d, 1,
                          mlp->cluster, mlp->clusters, member, mlp->width);
    for (int i = 0; i < rows; i++)
        mlp->kernels->sigmoid(mlp->clusters, member + (size_t)i * (size_t)mlp->width);
}

void sbmt_membership_multiply(const struct sbmt_membership_mlp *mlp, int rows, const real *x,
                              const real *matrix, real *out)
{
    const int k = mlp->clusters, width = mlp->width;
    mlp->kernels->product(rows, k, k, false, x, width, 1, matrix, k, out, width);
}
