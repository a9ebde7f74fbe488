/* What a model answered to each example, as a table. */
#ifndef SBMT_BENCH_PREDICTIONS_H
#define SBMT_BENCH_PREDICTIONS_H

#include "core/base/str.h"
#include "data/dataset.h"

/** Appends the answers to examples of a data set, whose indices they know, a line each below a line
 * of names: index, position where tokens have labels, label where there are any, prediction.
 * Classes have their names, scores the range of the data's files. */
void sbmt_predictions_list(const struct sbmt_dataset *dataset, const struct sbmt_answers *answers,
                           struct sbmt_str *text);

#endif
