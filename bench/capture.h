/* What a probe is shown of one example, copied: the tensors of `sbmt inspect`. */
#ifndef SBMT_BENCH_CAPTURE_H
#define SBMT_BENCH_CAPTURE_H

#include "core/base/arena.h"
#include "core/pass.h"

/** A matrix (rows, columns), packed, as struct sbmt_probed describes it. */
struct sbmt_captured {
    const char *name;
    int segment; /**< sequence of the example; 0 where layer is −1 */
    int layer, head;
    int64_t rows;
    int columns;
    const real *value; /**< one of the two is NULL */
    const int32_t *index;
    struct sbmt_captured *next;
};

/** Copies of all that was shown of the first draw of one example, in its order. All zero is a valid
 * empty one. Memory failure is that of the arena, sticky. */
struct sbmt_capture {
    struct sbmt_arena arena;
    struct sbmt_captured *first, *last;
    int count;
    uint64_t sequence[2]; /**< identities of the sequences so far */
    int segments;
};

/** A probe that copies into `capture`. */
struct sbmt_probe sbmt_capture_probe(struct sbmt_capture *capture);

/** Frees the copies. Accepts a zeroed capture. */
void sbmt_capture_finish(struct sbmt_capture *capture);

/** The matrix with a name, or NULL. */
const struct sbmt_captured *sbmt_capture_find(const struct sbmt_capture *capture, const char *name,
                                              int segment, int layer, int head);

/** How a head attends, whether it has a graph or all pairs: pair e has query i and key j by
 * sbmt_pairs_at, pairs are in the order of queries, then of keys. */
struct sbmt_pairs {
    int n; /**< queries, and keys */
    int64_t count;
    const int32_t *edge;     /**< (count, 2); NULL: all n² pairs */
    const real *weight;      /**< (count) attention */
    const real *probability; /**< (count); NULL: nothing was drawn */
};

/** The pairs of a head; false for kinds that do not show theirs. */
bool sbmt_pairs_find(const struct sbmt_capture *capture, int segment, int layer, int head,
                     struct sbmt_pairs *pairs);

/** Goes over the heads that show their pairs. The caller sets the first group, the rest begins as
 * zero. */
struct sbmt_head_walk {
    const struct sbmt_capture *capture;
    int layers, heads;              /**< of the model */
    int only_layer, only_head;      /**< −1: all */
    int segment, layer, head, next; /**< the current one */
};

/** The next head and its pairs, or false past the last one. */
bool sbmt_head_next(struct sbmt_head_walk *walk, struct sbmt_pairs *pairs);

static inline void sbmt_pairs_at(const struct sbmt_pairs *pairs, int64_t e, int *query, int *key)
{
    *query = pairs->edge != NULL ? pairs->edge[2 * e] : (int)(e / pairs->n);
    *key = pairs->edge != NULL ? pairs->edge[2 * e + 1] : (int)(e % pairs->n);
}

#endif
