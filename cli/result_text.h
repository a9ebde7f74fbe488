/* Results as text: an aligned row, or a line of JSON. */
#ifndef SBMT_CLI_RESULT_TEXT_H
#define SBMT_CLI_RESULT_TEXT_H

#include "bench/result.h"

/** Appends the row of a finished run and where its files are. */
void sbmt_result_text_run(const struct sbmt_result *result, const char *folder,
                          struct sbmt_str *out);

/** Appends the row of an evaluation. */
void sbmt_result_text_eval(const struct sbmt_result *result, struct sbmt_str *out);

/** Appends either as one line of JSON: the keys of result.json, "split" and "run". */
void sbmt_result_text_json(const struct sbmt_result *result, const char *folder,
                           struct sbmt_str *out);

#endif
