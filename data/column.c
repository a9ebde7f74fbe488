/* Values that grow in number. */
#include "data/column.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 1024 };

void *sbmt_column_add(struct sbmt_column *column, size_t count, size_t size)
{
    if (column->capacity - column->used < count) {
        const size_t most = SIZE_MAX / 2 / size;
        if (column->used > most || count > most - column->used)
            return NULL;
        size_t capacity = column->capacity == 0 ? FIRST_CAPACITY : 2 * column->capacity;
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
