/* Figures that the text and the JSON of `sbmt inspect` share. */
#include "cli/inspect_report.h"

#include <math.h>
#include <stdlib.h>

#include "core/nn/loss.h"

struct sbmt_inspect_class sbmt_inspect_class_of(const struct sbmt_inspect_report *report, int label,
                                                int class)
{
    const int classes = sbmt_inspection_classes(report->inspection);
    const int labels = report->examined->labels, draws = report->draws;
    const real *logits = report->examined->logits + (size_t)label * (size_t)classes;
    double sum = 0, square = 0, total = 0;
    for (int c = 0; c < classes; c++)
        total += exp((double)logits[c] - (double)logits[class]);
    struct sbmt_inspect_class found = {.logit = (double)logits[class], .probability = 1 / total};
    for (int d = 0; d < draws; d++) {
        const real *drawn = report->draw_logits +
                            ((size_t)d * (size_t)labels + (size_t)label) * (size_t)classes;
        sum += (double)drawn[class];
        found.predicted += sbmt_argmax(classes, drawn) == class;
    }
    found.mean = draws > 0 ? sum / draws : 0;
    for (int d = 0; d < draws; d++) {
        const real *drawn = report->draw_logits +
                            ((size_t)d * (size_t)labels + (size_t)label) * (size_t)classes;
        const double far = (double)drawn[class] - found.mean;
        square += far * far;
    }
    found.deviation = draws > 1 ? sqrt(square / (draws - 1)) : 0;
    return found;
}

void sbmt_inspect_norm(const struct sbmt_inspection *inspection, const struct sbmt_tensor *tensor,
                       double *norm, double *largest)
{
    const real *value = inspection->experiment.params.value + tensor->offset;
    double square = 0;
    *largest = 0;
    for (size_t i = 0; i < tensor->size; i++) {
        square += (double)value[i] * (double)value[i];
        *largest = fmax(*largest, fabs((double)value[i]));
    }
    *norm = sqrt(square);
}

void sbmt_inspect_spread(const struct sbmt_densities *densities, double *mean, double *deviation)
{
    const double count = densities->count;
    *mean = count > 0 ? densities->sum / count : 0;
    const double square = densities->square_sum - count * *mean * *mean;
    *deviation = count > 1 && square > 0 ? sqrt(square / (count - 1)) : 0;
}
