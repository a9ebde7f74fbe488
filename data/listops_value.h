/* The value of a ListOps expression, token by token as it is read from a file. */
#ifndef SBMT_DATA_LISTOPS_VALUE_H
#define SBMT_DATA_LISTOPS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "data/column.h"
#include "data/listops.h"

/** Operators that may be open at the same time; generators open a dozen. */
enum { SBMT_LISTOPS_MOST_OPEN = 1 << 16 };

/** An expression so far. All zero is a valid new one. */
struct sbmt_listops_value {
    struct sbmt_column open; /**< operators that are not closed yet, the innermost last */
    bool complete;
    int value; /**< 0 … 9, once the expression is complete */
};

/** Begins another expression; memory stays. */
void sbmt_listops_value_begin(struct sbmt_listops_value *value);

/** Takes the next token, which stands at a place of the line. Returns NULL or, as a phrase that the
 * token follows, what is wrong with it there. */
const char *sbmt_listops_value_add(struct sbmt_listops_value *value, enum sbmt_listops_token token,
                                   size_t place);

/** The place of the innermost operator that is still open; there must be one. */
size_t sbmt_listops_value_open(const struct sbmt_listops_value *value);

/** Frees. */
void sbmt_listops_value_finish(struct sbmt_listops_value *value);

/** What an operator makes of its arguments, at least one, among which each digit occurs so often:
 * the least, the greatest, the median (the lower integer of the mean of two middle ones) or the sum
 * modulo 10. */
int sbmt_listops_apply(enum sbmt_listops_token operator_, const int64_t occurs[10], int64_t args);

#endif
