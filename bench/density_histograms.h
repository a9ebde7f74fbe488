/* Densities of graphs, head by head, as TensorBoard's histograms. */
#ifndef SBMT_BENCH_DENSITY_HISTOGRAMS_H
#define SBMT_BENCH_DENSITY_HISTOGRAMS_H

#include "bench/tensorboard.h"
#include "core/pass.h"

/** The densities of an evaluation. */
struct sbmt_head_densities {
    int layers, heads;
    struct sbmt_densities *of; /**< (layers, heads); borrowed */
};

/** Writes "dev/density/layer 0 head 1" and the like. Heads without graphs are left out, and where
 * none has any there is no event. */
SBMT_MUST_CHECK bool sbmt_density_histograms(struct sbmt_tensorboard *board,
                                             const struct sbmt_head_densities *densities,
                                             int64_t step, double wall_time,
                                             struct sbmt_error *err);

#endif
