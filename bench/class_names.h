/* Names of classes: kept as one text, and compared with those of another order. */
#ifndef SBMT_BENCH_CLASS_NAMES_H
#define SBMT_BENCH_CLASS_NAMES_H

#include "core/base/arena.h"

/** Names in the order of their numbers. */
struct sbmt_class_names {
    int count; /**< 0: unknown */
    const char *const *name;
};

/** The names in a list with ", " between them, in `arena`, which is to be checked. NULL: none. */
struct sbmt_class_names sbmt_class_names_split(const char *list, struct sbmt_arena *arena);

/** True if the names say what the classes are: none of them is "LABEL_0" and the like, which
 * transformers gives to classes without names. */
bool sbmt_class_names_tell(const struct sbmt_class_names *names);

enum sbmt_class_relation {
    SBMT_CLASSES_SAME,
    SBMT_CLASSES_REORDERED,
    SBMT_CLASSES_OTHER, /**< other names, or as many others */
};

/** Compares names, upper and lower case alike. Where theirs are ours in another order, order[c]
 * (ours->count) is set to their number of our class c. */
enum sbmt_class_relation sbmt_class_names_compare(const struct sbmt_class_names *theirs,
                                                  const struct sbmt_class_names *ours, int *order);

#endif
