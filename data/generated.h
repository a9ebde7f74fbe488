/* Data sets of tasks whose examples are made from random numbers: no files, and the same examples
 * whenever and wherever they are asked for. */
#ifndef SBMT_DATA_GENERATED_H
#define SBMT_DATA_GENERATED_H

#include "data/dataset.h"

/** Opens a data set whose task, form, split and seed are set: makes all examples of a split that is
 * not endless, and logs how its labels are distributed. On failure the data set holds no memory. */
SBMT_MUST_CHECK bool sbmt_generated_open(struct sbmt_dataset *dataset, const struct sbmt_log *log,
                                         struct sbmt_error *err);

/** Makes example `index` of a split into `tokens` and `label`, as sbmt_generator.make does. Those
 * of train follow from the seed, those of dev and test are the same under every seed. */
int sbmt_generated_example(const struct sbmt_task *task, enum sbmt_split split, uint64_t seed,
                           int64_t index, int32_t *tokens, int32_t *label);

#endif
