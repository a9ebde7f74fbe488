/* Single values of options as text: reading, writing, describing. */
#ifndef SBMT_BENCH_CONFIG_VALUE_H
#define SBMT_BENCH_CONFIG_VALUE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/field.h"
#include "core/base/str.h"

/** Reads a text into the member of an option that is neither a section nor a variant, and checks
 * its bounds. `quoted`: it stood in quotes, so it is a text whatever it looks like. Strings are
 * copied into `arena`; the plain word `null` gives NULL. Fails with SBMT_ERROR_CONFIG and a message
 * without a place ("expected an integer, got '50k'"). */
SBMT_MUST_CHECK bool sbmt_value_parse(const struct sbmt_field *field, void *member,
                                      const char *text, bool quoted, struct sbmt_arena *arena,
                                      struct sbmt_error *err);

/** Appends the value as a YAML scalar that reads back as the same value. */
void sbmt_value_write(const struct sbmt_field *field, const void *member, struct sbmt_str *out);

/** Appends the default as sbmt_value_write would; a string without one gives `null`. A variant
 * gives the name of its kind. */
void sbmt_value_write_default(const struct sbmt_field *field, struct sbmt_str *out);

/** What a value must be: "an integer", "a number", "true or false", "a text", "one of a, b". */
void sbmt_value_describe(const struct sbmt_field *field, struct sbmt_str *out);

/** The bounds of an int or number as "[1, 4096]"; nothing for other types. */
void sbmt_value_bounds(const struct sbmt_field *field, struct sbmt_str *out);

#endif
