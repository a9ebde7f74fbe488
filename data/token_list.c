/* A growing list of token ids. */
#include "data/token_list.h"

#include <stdlib.h>

enum { FIRST = 256 };

void sbmt_token_list_finish(struct sbmt_token_list *list)
{
    free(list->id);
    *list = (struct sbmt_token_list){0};
}

void sbmt_token_list_add(struct sbmt_token_list *list, int32_t id)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? FIRST : 2 * list->capacity;
        int32_t *ids = list->failed ? NULL : realloc(list->id, capacity * sizeof *ids);
        if (ids == NULL) {
            list->failed = true;
            return;
        }
        list->id = ids;
        list->capacity = capacity;
    }
    list->id[list->count++] = id;
}
