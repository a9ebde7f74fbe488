/* Names that have been seen. */
#ifndef SBMT_DATA_NAME_SET_H
#define SBMT_DATA_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Digests of names, for those themselves would be as large as what they name. Two of a million
 * names are taken for one with a probability of 3e-8. All zero is a valid empty one. */
struct sbmt_name_set {
    uint64_t *slots; /**< 0: free */
    size_t used, capacity;
};

/** Adds a name, and says whether it is new; false without memory. */
bool sbmt_name_set_add(struct sbmt_name_set *set, const char *name, bool *is_new);

/** Frees and empties. */
void sbmt_name_set_finish(struct sbmt_name_set *set);

#endif
