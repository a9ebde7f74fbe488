/* The attention kinds of the registry, set up so that their loss is differentiable. */
#ifndef SBMT_TESTS_GRAD_KINDS_H
#define SBMT_TESTS_GRAD_KINDS_H

#include <stdbool.h>

#include "core/attention/attention.h"

/** The options of a kind: its defaults and what the table in kinds.c says. In `arena`. */
void *kind_config(int kind, struct sbmt_arena *arena);

/** True where the loss of the kind, as set up, does not depend on a parameter of this name. */
bool kind_ignores(int kind, const char *parameter);

/** A fixed random graph with 45 % of the edges, instead of those that a kind would draw. Row 3 has
 * no edge. */
extern const struct sbmt_mask_override kind_mask;

#endif
