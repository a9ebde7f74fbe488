/* All options of a configuration, one after the other. */
#ifndef SBMT_BENCH_CONFIG_VISIT_H
#define SBMT_BENCH_CONFIG_VISIT_H

#include "core/base/field.h"

/** An option that can be set by itself. */
struct sbmt_config_place {
    const char
        *key; /**< as the command line has it: "train.steps"; a kind is "model.attention.kind" */
    const struct sbmt_field *field;
    const struct sbmt_variant *kind; /**< whose option it is; NULL: of no kind in particular */
};

/** Calls `visit` with every option in the order of the tables, those of each kind behind the kind
 * itself. */
void sbmt_config_visit(const struct sbmt_field *fields,
                       void (*visit)(void *context, const struct sbmt_config_place *place),
                       void *context);

#endif
