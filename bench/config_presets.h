/* What holds before the values of a configuration file, and options that say one thing in two ways.
 */
#ifndef SBMT_BENCH_CONFIG_PRESETS_H
#define SBMT_BENCH_CONFIG_PRESETS_H

#include "bench/config_origin.h"
#include "bench/experiment_config.h"

/** Sets what comes before the values of the file: the defaults of the architecture, what the
 * protocol sets of the task, and what the weights to begin with say. */
SBMT_MUST_CHECK bool sbmt_presets_apply(struct sbmt_experiment_config *config,
                                        const struct sbmt_config_origin *origin,
                                        struct sbmt_arena *arena, struct sbmt_error *err);

/** Where the files use one of two ways, as train.steps and train.epochs, what was said before in
 * the other holds no more. The file that was named comes after what it extends. */
SBMT_MUST_CHECK bool sbmt_presets_file_ways(struct sbmt_experiment_config *config,
                                            const struct sbmt_config_origin *origin,
                                            struct sbmt_arena *arena, struct sbmt_error *err);

/** The same of the overrides, after they have been applied. */
SBMT_MUST_CHECK bool sbmt_presets_override_ways(struct sbmt_experiment_config *config,
                                                const struct sbmt_config_origin *origin,
                                                struct sbmt_arena *arena, struct sbmt_error *err);

#endif
