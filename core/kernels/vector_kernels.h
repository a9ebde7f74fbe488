/* The vector kernels, written once for any number of lanes.
 *
 * Included at the foot of avx2.c and avx512.c, which define LANES, the types vec and ivec, and the
 * v_ and i_ operations above the inclusion, and SBMT_KERNELS_TABLE. Everything here is static, so
 * no code for one instruction set can be linked into another. */

#include "core/kernels/plain_loops.h"
#include "core/kernels/vector_butterfly.h"
#include "core/kernels/vector_edges.h"
#include "core/kernels/vector_functions.h"
#include "core/kernels/vector_products.h"
#include "core/kernels/vector_rows.h"
#include "core/kernels/vector_skips.h"

extern const struct sbmt_kernels SBMT_KERNELS_TABLE;
const struct sbmt_kernels SBMT_KERNELS_TABLE = {
    .cpu = SBMT_KERNELS_NAME,
    .random_bits = random_bits,
    .sum = sum,
    .dot = dot,
    .max = max,
    .exp_sum = exp_sum,
    .log = logarithm,
    .sigmoid = sigmoid,
    .gelu = gelu,
    .gelu_backward = gelu_backward,
    .dropout = dropout,
    .softmax_backward = softmax_backward,
    .exponential = exponential,
    .above = above,
    .rest_bounds = rest_bounds,
    .scan = scan,
    .skip = skip,
    .thin = thin,
    .set_bits = set_bits,
    .collect = collect,
    .spread = spread,
    .keep = keep,
    .turn_bits = turn_bits,
    .product = product,
    .butterfly = butterfly,
    .gather_dot = gather_dot,
    .gather_add = gather_add,
    .gather_add_turned = gather_add_turned,
};
