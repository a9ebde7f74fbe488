/* The checks of single kernels: each runs a kernel of a set over many sizes and records failures.
 */
#ifndef SBMT_TESTS_KERNELS_CHECKS_H
#define SBMT_TESTS_KERNELS_CHECKS_H

#include "tests/kernels/trial.h"

/* check_rows.c */
void check_sum(struct trial *trial);
void check_dot(struct trial *trial);
void check_max(struct trial *trial);
void check_above(struct trial *trial);
void check_dropout(struct trial *trial);
void check_softmax_backward(struct trial *trial);

/* check_functions.c */
void check_exp_sum(struct trial *trial);
void check_log(struct trial *trial);
void check_sigmoid(struct trial *trial);
void check_gelu(struct trial *trial);
void check_gelu_backward(struct trial *trial);
void check_exponential(struct trial *trial);

/* check_skips.c */
void check_skip(struct trial *trial);
void check_thin(struct trial *trial);

/* check_edges.c */
void check_random_bits(struct trial *trial);
void check_rest_bounds(struct trial *trial);
void check_scan(struct trial *trial);
void check_set_bits(struct trial *trial);
void check_collect(struct trial *trial);
void check_spread(struct trial *trial);
void check_keep(struct trial *trial);
void check_turn_bits(struct trial *trial);
void check_butterfly(struct trial *trial);
void check_product(struct trial *trial);
void check_gather_dot(struct trial *trial);
void check_gather_add(struct trial *trial);
void check_gather_add_turned(struct trial *trial);

/** Lengths of rows: all up to four vectors of the widest set, and some around powers of two. A list
 *  that ends with −1. */
extern const int check_sizes[];

#endif
