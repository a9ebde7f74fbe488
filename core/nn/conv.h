/* Depthwise convolution along a sequence (Wu et al. 2019, section 2, arXiv 1901.10430): every
 * channel with a filter, centred, of odd width; what lies outside the sequence counts as 0.
 *
 * y_ic = Σ_w filter_cw · x_{i + w − (width − 1)/2, c}: no filter is turned round, as in torch. */
#ifndef SBMT_CORE_NN_CONV_H
#define SBMT_CORE_NN_CONV_H

#include "core/base/arena.h"
#include "core/kernels/kernels.h"

/** One use of a convolution. Borrowed. */
struct sbmt_conv {
    int n, channels;
    int width;          /**< of the filters, odd */
    const real *filter; /**< (channels, width) */
    int filter_stride;  /**< from a channel's filter to the next; 0: one filter for all channels */
};

/** Adds the convolution of x (n, channels; rows x_stride apart) to y. False when scratch memory is
 * out (the arena's sticky failure). */
bool sbmt_conv_forward(const struct sbmt_conv *conv, const struct sbmt_kernels *kernels,
                       const real *x, int x_stride, real *y, int y_stride,
                       struct sbmt_arena *scratch);

/** Adds to dx (stride of x) and to dfilter (stride of the filters), given dy. False as forward. */
bool sbmt_conv_backward(const struct sbmt_conv *conv, const struct sbmt_kernels *kernels,
                        const real *x, int x_stride, const real *dy, int dy_stride, real *dx,
                        real *dfilter, struct sbmt_arena *scratch);

#endif
