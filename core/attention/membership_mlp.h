/* What the forward and the backward of memberships share: the way from some rows of queries or keys
 * to their memberships. */
#ifndef SBMT_CORE_ATTENTION_MEMBERSHIP_MLP_H
#define SBMT_CORE_ATTENTION_MEMBERSHIP_MLP_H

#include "core/attention/membership.h"

/** Rows that are worked on together, layer after layer: they stay in a core's cache. All products
 * go by the kernel for tiles and not by BLAS, which copies its operands and clears its results
 * first: with 32 to 128 columns that is a good part of the work, and of a training step at n = 4096
 * and density 0.02 some 7 % (sbmt bench speed). */
enum { SBMT_MEMBERSHIP_ROWS = 96 };

/** A head's parameters as forward multiplies by them, and working memory for SBMT_MEMBERSHIP_ROWS
 * rows of one side, queries or keys. */
struct sbmt_membership_mlp {
    const struct sbmt_kernels *kernels;
    int d, stride, clusters, width;
    const real *hidden_weight, *output_weight; /**< (d, d) turned */
    const real *hidden_bias, *output_bias;     /**< (d) */
    const real *cluster;                       /**< (d, k) turned */
    real *hidden;                              /**< (rows, d) after ReLU */
    real *projected;                           /**< (rows, d) the MLP's output */
    real *member;                              /**< (rows, width) Y, where it is not wanted whole */
};

/** Where the part of a head begins in a tensor that has a leading axis of heads, or all of one that
 * has the rank `shared`. */
size_t sbmt_membership_part(const struct sbmt_tensor *tensor, int shared, int head);

/** The (columns, rows) of a matrix (rows, columns), in the arena; NULL when memory is out. */
real *sbmt_membership_turned(int rows, int columns, const real *matrix, struct sbmt_arena *arena);

/** For the head of `m`, in the arena. False when memory is out (its sticky failure). */
bool sbmt_membership_mlp_init(struct sbmt_membership_mlp *mlp,
                              const struct sbmt_membership_params *params,
                              const struct sbmt_pass *pass, const struct sbmt_memberships *m,
                              struct sbmt_arena *arena);

/** From rows of q or k (rows, d; x_stride apart) to mlp->hidden and mlp->projected. */
void sbmt_membership_project(const struct sbmt_membership_mlp *mlp, int rows, const real *x,
                             int x_stride);

/** And on to their memberships (rows, k; `width` apart). */
void sbmt_membership_join(const struct sbmt_membership_mlp *mlp, int rows, const real *x,
                          int x_stride, real *member);

/** out (rows, k) = x·matrix, for memberships x, or what has their shape, and a matrix (k, k). */
void sbmt_membership_multiply(const struct sbmt_membership_mlp *mlp, int rows, const real *x,
                              const real *matrix, real *out);

/** How many rows there are from `first` on, SBMT_MEMBERSHIP_ROWS at most. */
static inline int sbmt_membership_rows(const struct sbmt_memberships *m, int first)
{
    return m->n - first < SBMT_MEMBERSHIP_ROWS ? m->n - first : SBMT_MEMBERSHIP_ROWS;
}

#endif
