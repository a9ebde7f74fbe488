/* The attention kinds of the registry, set up so that their loss is differentiable. */
#ifndef SBMT_TESTS_GRAD_KINDS_H
#define SBMT_TESTS_GRAD_KINDS_H

#include "core/attention/attention.h"
#include "tests/grad/gradient.h"

/** The options of a kind: its defaults and what the table in kinds.c says. In `arena`. */
void *kind_config(int kind, struct sbmt_arena *arena);

/** Normal numbers with a standard deviation for all parameters. */
void kind_fill(int kind, struct sbmt_params *params, double deviation);

/** Fails the Check test unless the gradient of a parameter agrees with differences, or is none
 * where the loss of the kind, as set up, does not depend on it or where the kind never learns it. A
 * message begins with the kind's name and `where`. */
void kind_expect(int kind, const struct gradient_problem *problem, const struct sbmt_tensor *tensor,
                 real *value, const real *gradient, const char *where);

/** A fixed random graph with 45 % of the edges, instead of those that a kind would draw. Row 3 has
 * no edge. */
extern const struct sbmt_mask_override kind_mask;

#endif
