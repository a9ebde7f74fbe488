/* Block models whose graphs have a given density, for measurements at that density. */
#ifndef SBMT_BENCH_BLOCK_DENSITY_H
#define SBMT_BENCH_BLOCK_DENSITY_H

#include "core/train/step.h"

/** The parameters have block models: their density can be set. */
bool sbmt_block_density_applies(const struct sbmt_params *params);

/** Changes fresh parameters so that graphs of the batch have the density on average, in evaluation.
 *
 * With a unit vector u, every cluster gets +u and the output bias of the membership MLP gets +t·u.
 * B then stays nearly uniform, since all entries of C·Cᵀ grow by nearly the same, and Y and Z
 * become σ(t) up to the variation that the initial weights give them: P ≈ σ(t)² + δ. The t that
 * gives the density is found by bisection, each time measuring the batch. Fails with
 * SBMT_ERROR_CONFIG where no t does, as for a density below δ. */
SBMT_MUST_CHECK bool sbmt_block_density_set(struct sbmt_params *params,
                                            struct sbmt_stepper *stepper,
                                            const struct sbmt_batch *batch, double density,
                                            struct sbmt_error *err);

#endif
