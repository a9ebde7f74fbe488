/* A binary heap. */
#include "data/heap.h"

#include <stdlib.h>

enum { FIRST = 256 };

void sbmt_heap_finish(struct sbmt_heap *heap)
{
    free(heap->item);
    *heap = (struct sbmt_heap){0};
}

static bool is_before(const struct sbmt_heap_item *a, const struct sbmt_heap_item *b)
{
    return a->order != b->order ? a->order < b->order : a->place < b->place;
}

void sbmt_heap_push(struct sbmt_heap *heap, struct sbmt_heap_item item)
{
    if (heap->count == heap->capacity) {
        const size_t capacity = heap->capacity == 0 ? FIRST : 2 * heap->capacity;
        struct sbmt_heap_item *items = heap->failed ? NULL
                                                    : realloc(heap->item, capacity * sizeof *items);
        if (items == NULL) {
            heap->failed = true;
            return;
        }
        heap->item = items;
        heap->capacity = capacity;
    }
    size_t i = heap->count++;
    for (; i > 0 && is_before(&item, &heap->item[(i - 1) / 2]); i = (i - 1) / 2)
        heap->item[i] = heap->item[(i - 1) / 2];
    heap->item[i] = item;
}

struct sbmt_heap_item sbmt_heap_pop(struct sbmt_heap *heap)
{
    struct sbmt_heap_item *items = heap->item;
    const struct sbmt_heap_item first = items[0], last = items[--heap->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && is_before(&items[child + 1], &items[child]))
            child++;
        if (!is_before(&items[child], &last))
            break;
        items[i] = items[child];
        i = child;
    }
    items[i] = last;
    return first;
}
