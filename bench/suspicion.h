/* What in the answers of an evaluation hints at a mistake, told in the log. */
#ifndef SBMT_BENCH_SUSPICION_H
#define SBMT_BENCH_SUSPICION_H

#include "bench/result.h"
#include "core/base/log.h"

/** Classes of which all orders are tried. */
enum { SBMT_SUSPICION_CLASSES = 6 };

/** Warns of answers that are all the same class, naming it and what that gives; of an accuracy no
 * better than naming the most frequent class; and of an order of the classes by which the same
 * answers would be far more often right, as where weights were trained with another order.
 * `answers` are to labels or scores; of a split without labels only the first is told. */
void sbmt_suspicion_report(const struct sbmt_result *result, const struct sbmt_task *task,
                           const struct sbmt_answers *answers, const struct sbmt_log *log);

/** The largest share of the answers that are right when classes are renamed: `order` (classes)
 * receives the class that each prediction should be read as. `right` (classes · classes) counts
 * predictions in rows and labels in columns. */
int64_t sbmt_suspicion_best_order(const int64_t *right, int classes, int *order);

#endif
