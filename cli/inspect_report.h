/* What `sbmt inspect` found, as text and as JSON. */
#ifndef SBMT_CLI_INSPECT_REPORT_H
#define SBMT_CLI_INSPECT_REPORT_H

#include "bench/mistakes.h"

/** What there is to report; parts that were not asked for are NULL or 0. All borrowed. */
struct sbmt_inspect_report {
    const struct sbmt_inspection *inspection;
    const char *checkpoint;              /**< "best" or "last" */
    bool tensors;                        /**< list the parameters */
    const struct sbmt_eval_result *eval; /**< over some examples */
    struct sbmt_head_densities densities;
    const struct sbmt_examined *examined;
    int draws;
    const real *draw_logits; /**< (draws, labels, classes) */
    const struct sbmt_mistakes *mistakes;
};

/** What is known of a class of an example by several draws of its graphs. */
struct sbmt_inspect_class {
    double logit, probability; /**< of the evaluation */
    double mean, deviation;    /**< of the logits of the draws (divisor draws − 1) */
    int predicted;             /**< draws whose largest logit it has */
};

/** The same of a class of label `label`; the last group is 0 without draws. */
struct sbmt_inspect_class sbmt_inspect_class_of(const struct sbmt_inspect_report *report, int label,
                                                int class);

/** The norm (the root of the sum of squares) and the largest size of a tensor's values. */
void sbmt_inspect_norm(const struct sbmt_inspection *inspection, const struct sbmt_tensor *tensor,
                       double *norm, double *largest);

/** Mean, and standard deviation with the divisor count − 1, of a head's densities. */
void sbmt_inspect_spread(const struct sbmt_densities *densities, double *mean, double *deviation);

/** Appends the report as text for `width` columns. */
void sbmt_inspect_text(const struct sbmt_inspect_report *report, int width, struct sbmt_str *out);

/** Appends it as one JSON object on a line. */
void sbmt_inspect_json(const struct sbmt_inspect_report *report, struct sbmt_str *out);

#endif
