/* What a task is measured by: accuracy, F1, the Matthews correlation, and the correlations of
 * Pearson and Spearman, each as scikit-learn and scipy define it. Sums of classes are integers and
 * sums of scores are doubles in the order of the examples: the same answers always give the same
 * bits. */
#ifndef SBMT_DATA_METRIC_H
#define SBMT_DATA_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/model/batch.h"

/** What a task asks for. */
enum sbmt_answer {
    SBMT_ANSWER_CLASS, /**< one of several classes */
    SBMT_ANSWER_SCORE, /**< a number */
};

/** A metric of some answers. A metric that its formula does not define for them (0/0, as in the
 * correlation with what is always the same) is 0 with `defined` false. */
struct sbmt_metric_value {
    double value;
    bool defined;
};

/** One metric. */
struct sbmt_metric {
    const char *name; /**< "f1" */
    const char *doc;  /**< one line */
    bool higher_is_better;
    enum sbmt_answer answer; /**< what it compares */
    /** Fails for want of memory only, which it takes from `scratch` and gives back. */
    bool (*compute)(const struct sbmt_answers *answers, struct sbmt_arena *scratch,
                    struct sbmt_metric_value *value, struct sbmt_error *err);
};

/** Share of the predictions that are right. Undefined for no examples. */
extern const struct sbmt_metric sbmt_metric_accuracy;

/** F1 of class 1: 2·TP / (2·TP + FP + FN). 0 where class 1 is never predicted; undefined where it
 * is neither predicted nor a label. */
extern const struct sbmt_metric sbmt_metric_f1;

/** The correlation of labels and predictions in [−1, 1], for any number of classes (Gorodkin 2004;
 * of two classes, Matthews 1975). Undefined where either is always the same class. */
extern const struct sbmt_metric sbmt_metric_matthews;

/** Pearson's correlation of scores. Undefined where either side is always the same number or any
 * is not finite. */
extern const struct sbmt_metric sbmt_metric_pearson;

/** Pearson's correlation of ranks, equal scores having the mean of their ranks. Undefined as
 * Pearson's is. */
extern const struct sbmt_metric sbmt_metric_spearman;

/** Metric by index, for lists; NULL past the end. */
const struct sbmt_metric *sbmt_metric_at(int index);

/** Metric by name, or NULL with SBMT_ERROR_CONFIG that names the nearest or all. */
const struct sbmt_metric *sbmt_metric_find(const char *name, struct sbmt_error *err);

#endif
