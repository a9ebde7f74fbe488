/* A growing list of token ids. */
#ifndef SBMT_DATA_TOKEN_LIST_H
#define SBMT_DATA_TOKEN_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All zero is a valid empty one. Memory failure is sticky: add what there is to add, then look at
 * `failed` once. */
struct sbmt_token_list {
    int32_t *id;
    size_t count, capacity;
    bool failed;
};

/** Frees the list. Accepts a zeroed one. */
void sbmt_token_list_finish(struct sbmt_token_list *list);

/** Adds a token. */
void sbmt_token_list_add(struct sbmt_token_list *list, int32_t id);

/** Empties the list, keeping its memory. */
static inline void sbmt_token_list_clear(struct sbmt_token_list *list)
{
    list->count = 0;
}

#endif
