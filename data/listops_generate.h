/* ListOps, generated: the published procedure of Long Range Arena with a seed.
 *
 * A tree is drawn from the root down. A node at depth 1 … max_depth − 1 is an operator with
 * `operator_probability` and a digit otherwise; at max_depth it is a digit. An operator has 2 …
 * max_args arguments. A tree counts if its length (1 per digit, 2 per operator: itself and its
 * closing bracket) lies strictly between min_length and max_length. (Procedure and defaults:
 * google-research/long-range-arena, lra_benchmarks/data/listops.py, there without a seed.) */
#ifndef SBMT_DATA_LISTOPS_GENERATE_H
#define SBMT_DATA_LISTOPS_GENERATE_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/base/field.h"
#include "core/base/log.h"
#include "data/generation.h"

/** What to generate; filled by sbmt_fields_defaults and the command line. */
struct sbmt_listops_options {
    const char *out;      /**< data root; files go to <out>/listops/. Required */
    int train, val, test; /**< expressions per split; 0 writes a file with a header only */
    int seed;
    int max_depth, max_args;
    int min_length, max_length; /**< exclusive bounds, in tokens without parentheses */
    double operator_probability;
    bool force; /**< replace files that exist */
};

/** The rows of struct sbmt_listops_options. */
extern const struct sbmt_field sbmt_listops_fields[];

/** Writes <out>/listops/basic_train.tsv, basic_val.tsv and basic_test.tsv in the official format:
 * the header `Source<TAB>Target`, CRLF, all parentheses. The three appear when all are complete.
 *
 * No expression occurs twice, within a split or across splits. The same options give the same
 * bytes. Splits are drawn in the order test, val, train, so test and val files do not depend on
 * `train`, and a larger train file begins with the smaller one. `watch` and `log` may be NULL.
 * Fails with SBMT_ERROR_USAGE for options that contradict each other or (without `force`) a file
 * that exists, SBMT_ERROR_DATA if such expressions are too rare to be found, SBMT_ERROR_IO if
 * writing fails. */
SBMT_MUST_CHECK bool sbmt_listops_generate(const struct sbmt_listops_options *options,
                                           const struct sbmt_generation_watch *watch,
                                           const struct sbmt_log *log, struct sbmt_error *err);

#endif
