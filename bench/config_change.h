/* What an evaluation may change in the configuration of a run. */
#ifndef SBMT_BENCH_CONFIG_CHANGE_H
#define SBMT_BENCH_CONFIG_CHANGE_H

#include "core/base/error.h"
#include "core/base/field.h"

/** Whether each "key=value" names an option that matters in evaluation alone. SBMT_ERROR_USAGE,
 * with the options that do, for another one; the error of sbmt_config_override for what is no
 * option. */
SBMT_MUST_CHECK bool sbmt_config_change_check(const struct sbmt_field *fields, void *config,
                                              const char *const *changes, int count,
                                              struct sbmt_error *err);

#endif
