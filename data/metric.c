/* Metrics by name, and those of classes. */
#include "data/metric.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/base/str.h"

static const struct sbmt_metric *const metrics[] = {
    &sbmt_metric_accuracy, &sbmt_metric_f1,       &sbmt_metric_matthews,
    &sbmt_metric_pearson,  &sbmt_metric_spearman,
};

enum { METRICS = sizeof metrics / sizeof metrics[0] };

const struct sbmt_metric *sbmt_metric_at(int index)
{
    return index >= 0 && index < METRICS ? metrics[index] : NULL;
}

const struct sbmt_metric *sbmt_metric_find(const char *name, struct sbmt_error *err)
{
    const char *nearest = NULL;
    int distance = 0;
    struct sbmt_str all = {0};
    for (int i = 0; i < METRICS; i++) {
        if (strcmp(metrics[i]->name, name) == 0) {
            sbmt_str_finish(&all);
            return metrics[i];
        }
        sbmt_str_nearest(name, metrics[i]->name, &nearest, &distance);
        sbmt_str_printf(&all, "%s%s", i > 0 ? ", " : "", metrics[i]->name);
    }
    if (nearest != NULL)
        sbmt_fail(err, SBMT_ERROR_CONFIG, "unknown metric '%.80s'; did you mean '%s'?", name,
                  nearest);
    else
        sbmt_fail(err, SBMT_ERROR_CONFIG, "unknown metric '%.80s'; the metrics are %s", name,
                  all.failed ? "others" : all.text);
    sbmt_str_finish(&all);
    return NULL;
}

static bool accuracy(const struct sbmt_answers *answers, struct sbmt_arena *scratch,
                     struct sbmt_metric_value *value, struct sbmt_error *err)
{
    (void)scratch, (void)err;
    int64_t right = 0;
    for (int64_t i = 0; i < answers->count; i++)
        right += answers->label[i] == answers->prediction[i];
    *value = (struct sbmt_metric_value){0};
    if (answers->count > 0)
        *value = (struct sbmt_metric_value){(double)right / (double)answers->count, true};
    return true;
}

static bool f1(const struct sbmt_answers *answers, struct sbmt_arena *scratch,
               struct sbmt_metric_value *value, struct sbmt_error *err)
{
    (void)scratch, (void)err;
    int64_t both = 0, sum = 0;
    for (int64_t i = 0; i < answers->count; i++) {
        both += answers->label[i] == 1 && answers->prediction[i] == 1;
        sum += (answers->label[i] == 1) + (answers->prediction[i] == 1);
    }
    *value = (struct sbmt_metric_value){0};
    if (sum > 0)
        *value = (struct sbmt_metric_value){2.0 * (double)both / (double)sum, true};
    return true;
}

/* With n examples, c of them right, and t and p how often each class is label and prediction:
 * (n·c − Σ t·p) / √((n² − Σ p²)(n² − Σ t²)). All three sums are at most n², exact in 64 bits. */
static bool matthews(const struct sbmt_answers *answers, struct sbmt_arena *scratch,
                     struct sbmt_metric_value *value, struct sbmt_error *err)
{
    const size_t classes = (size_t)answers->classes;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    int64_t *labels = sbmt_arena_zalloc(scratch, classes, sizeof *labels);
    int64_t *predictions = sbmt_arena_zalloc(scratch, classes, sizeof *predictions);
    if (!sbmt_arena_check(scratch, "metric", err))
        return false;
    const int64_t n = answers->count;
    int64_t right = 0;
    for (int64_t i = 0; i < n; i++) {
        const int32_t label = answers->label[i], prediction = answers->prediction[i];
        assert(label >= 0 && label < answers->classes);
        assert(prediction >= 0 && prediction < answers->classes);
        labels[label]++;
        predictions[prediction]++;
        right += label == prediction;
    }
    int64_t covariance = n * right, of_labels = n * n, of_predictions = n * n;
    for (size_t k = 0; k < classes; k++) {
        covariance -= labels[k] * predictions[k];
        of_labels -= labels[k] * labels[k];
        of_predictions -= predictions[k] * predictions[k];
    }
    sbmt_arena_release(scratch, mark);
    *value = (struct sbmt_metric_value){0};
    if (of_labels > 0 && of_predictions > 0)
        *value = (struct sbmt_metric_value){
            (double)covariance / (sqrt((double)of_labels) * sqrt((double)of_predictions)), true};
    return true;
}

const struct sbmt_metric sbmt_metric_accuracy = {
    .name = "accuracy",
    .doc = "share of the predictions that are right",
    .higher_is_better = true,
    .answer = SBMT_ANSWER_CLASS,
    .compute = accuracy,
};

const struct sbmt_metric sbmt_metric_f1 = {
    .name = "f1",
    .doc = "harmonic mean of precision and recall of class 1",
    .higher_is_better = true,
    .answer = SBMT_ANSWER_CLASS,
    .compute = f1,
};

const struct sbmt_metric sbmt_metric_matthews = {
    .name = "matthews",
    .doc = "correlation of labels and predictions (Matthews 1975; Gorodkin 2004)",
    .higher_is_better = true,
    .answer = SBMT_ANSWER_CLASS,
    .compute = matthews,
};
