/* Values of one type that grow in number. */
#ifndef SBMT_DATA_COLUMN_H
#define SBMT_DATA_COLUMN_H

#include <stddef.h>

/** All zero is a valid empty one. */
struct sbmt_column {
    void *values; /**< owned; move when values are added */
    size_t used, capacity;
};

/** Room for `count` more values of `size` bytes, not yet set; NULL without memory. */
void *sbmt_column_add(struct sbmt_column *column, size_t count, size_t size);

/** Frees and empties. */
void sbmt_column_finish(struct sbmt_column *column);

#endif
