/* Values that grow in number. */
#include "data/column.h"

#include <stdlib.h>

void *sbmt_column_add(struct sbmt_column *column, size_t count, size_t size)
{
    if (column->capacity - column->used < count) {
        size_t capacity = column->capacity == 0 ? 1024 : 2 * column->capacity;
        while (capacity - column->used < count)
            capacity *= 2;
        void *grown = realloc(column->values, capacity * size);
        if (grown == NULL)
            return NULL;
        column->values = grown;
        column->capacity = capacity;
    }
    void *place = (char *)column->values + size * column->used;
    column->used += count;
    return place;
}

void sbmt_column_finish(struct sbmt_column *column)
{
    free(column->values);
    *column = (struct sbmt_column){0};
}
