/* Training data of published code that evaluates on test: dev is part of it. */
#ifndef SBMT_DATA_WHOLE_TRAIN_H
#define SBMT_DATA_WHOLE_TRAIN_H

#include "data/dataset.h"

/** Adds the examples of dev behind those of an open prepared train, all of which are then in
 * memory, and takes both into its digest. */
SBMT_MUST_CHECK bool sbmt_whole_train(struct sbmt_dataset *train,
                                      const struct sbmt_data_options *options,
                                      struct sbmt_error *err);

#endif
