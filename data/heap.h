/* A binary heap, for work that is done in an order of its own. */
#ifndef SBMT_DATA_HEAP_H
#define SBMT_DATA_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An item; the lowest `order`, and of these the lowest `place`, is first. */
struct sbmt_heap_item {
    int64_t order, place;
    int32_t value; /**< of the caller */
};

/** All zero is a valid empty one. Memory failure is sticky. */
struct sbmt_heap {
    struct sbmt_heap_item *item;
    size_t count, capacity;
    bool failed;
};

/** Frees the heap. Accepts a zeroed one. */
void sbmt_heap_finish(struct sbmt_heap *heap);

/** Adds an item. */
void sbmt_heap_push(struct sbmt_heap *heap, struct sbmt_heap_item item);

/** Takes the first item out of a heap that is not empty. */
struct sbmt_heap_item sbmt_heap_pop(struct sbmt_heap *heap);

#endif
