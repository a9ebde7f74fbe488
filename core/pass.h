/* A pass: everything that one thread needs to compute one example, and what it counts on the way.
 */
#ifndef SBMT_CORE_PASS_H
#define SBMT_CORE_PASS_H

#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/rng.h"

struct sbmt_kernels;

/** The most draws of an example in an evaluation. */
enum { SBMT_MOST_DRAWS = 64 };

/** Buckets of densities, all as wide: bucket b holds those up to (b + 1)/SBMT_DENSITY_BUCKETS that
 * are in no bucket below; the last one also what is above 1. */
enum { SBMT_DENSITY_BUCKETS = 50 };

/** The densities of one head's graphs. */
struct sbmt_densities {
    double count, sum, square_sum, least, most; /**< least and most without meaning for none */
    double bucket[SBMT_DENSITY_BUCKETS];        /**< how many */
};

/** What a pass counts. Sums over heads, layers and sequences; add them up in a fixed order. */
struct sbmt_stats {
    double edges;   /**< query–key pairs computed */
    double density; /**< sum of edges over pairs (sbmt_pass_pairs) for the (sequence, layer, head)s
                       that have a graph */
    double density_count;         /**< how many terms `density` has */
    struct sbmt_densities *heads; /**< (layers, heads) the same head by head; NULL: not wanted */
    int head_count;               /**< layers · heads; 0 for NULL */
};

/** Edges given from outside instead of drawn: for comparisons with other implementations. */
struct sbmt_mask_override {
    bool (*mask)(void *context, uint64_t sequence, int layer, int head, int row, int column);
    void *context;
};

/** A matrix that the engine computes, as a probe is shown it: `rows` rows of `columns` numbers,
 * each `stride` numbers after the one before. Borrowed for the call. docs/inspect.md has the names.
 */
struct sbmt_probed {
    const char *name;  /**< "membership.query"; gradients of the loss begin with "gradient." */
    uint64_t sequence; /**< as in the pass, like `step` */
    uint32_t step;
    int layer, head; /**< −1: of no layer in particular, of all heads */
    int64_t rows;
    int columns, stride;
    const real *value;    /**< one of the two is NULL */
    const int32_t *index; /**< numbers of rows or columns of other matrices */
};

/** Somebody who looks at what a pass computes. What only a probe wants to see is computed for it
 * alone, on the side: with a probe and without one a pass gives the same bytes. */
struct sbmt_probe {
    void (*show)(void *context, const struct sbmt_probed *probed);
    void *context;
};

/** One thread's working state. The model fills in layer and sequence as it goes. */
struct sbmt_pass {
    const struct sbmt_kernels *kernels;
    const real *value;          /**< parameter values */
    real *grad;                 /**< gradient slab to add to; NULL: forward only */
    struct sbmt_arena *saved;   /**< from forward to backward; the model releases it */
    struct sbmt_arena *scratch; /**< within one call: mark on entry, release before returning */
    struct sbmt_stats *stats;
    uint64_t seed;
    uint32_t step;      /**< optimiser step; in evaluation the number of the draw, from 0 */
    uint64_t sequence;  /**< identity of the sequence being computed */
    int layer;          /**< layer being computed */
    int batch_count;    /**< examples in the whole batch: the divisor of loss and gradients */
    int layers, heads;  /**< of the model */
    int counted_length; /**< tokens that densities count in place of a sequence's own; 0: those */
    bool training;      /**< dropout is on */
    const struct sbmt_mask_override *override; /**< NULL: graphs are drawn */
    const struct sbmt_probe *probe;            /**< NULL, as in training: nobody looks */
};

/** Shows a matrix to the pass's probe if there is one; fills in its sequence and step. */
static inline void sbmt_pass_show(const struct sbmt_pass *pass, struct sbmt_probed probed)
{
    if (pass->probe == NULL)
        return;
    probed.sequence = pass->sequence;
    probed.step = pass->step;
    pass->probe->show(pass->probe->context, &probed);
}

/** Shows a matrix of reals that belongs to the layer being computed, and to one head of it (−1: to
 * all). */
static inline void sbmt_pass_show_head(const struct sbmt_pass *pass, const char *name, int head,
                                       int64_t rows, int columns, int stride, const real *value)
{
    const struct sbmt_probed probed = {.name = name,
                                       .layer = pass->layer,
                                       .head = head,
                                       .rows = rows,
                                       .columns = columns,
                                       .stride = stride,
                                       .value = value};
    sbmt_pass_show(pass, probed);
}

/** How many pairs the density of a sequence of n tokens is a share of. */
static inline double sbmt_pass_pairs(const struct sbmt_pass *pass, int n)
{
    const double length = pass->counted_length > 0 ? pass->counted_length : n;
    return length * length;
}

/** Counts the density of a graph of the layer being computed. */
void sbmt_pass_count_density(const struct sbmt_pass *pass, int head, double density);

/** Adds what was counted elsewhere. */
void sbmt_densities_add(struct sbmt_densities *to, const struct sbmt_densities *from);

/** False with SBMT_ERROR_MEMORY, naming `what`, if an allocation of the pass failed. */
SBMT_MUST_CHECK static inline bool sbmt_pass_check(struct sbmt_pass *pass, const char *what,
                                                   struct sbmt_error *err)
{
    const bool saved = sbmt_arena_check(pass->saved, what, err); /* each forgets its failure */
    return sbmt_arena_check(pass->scratch, what, err) && saved;
}

/** The key for random numbers of this pass at its layer and sequence. */
static inline struct sbmt_rng_key sbmt_pass_key(const struct sbmt_pass *pass,
                                                enum sbmt_rng_purpose purpose, int head)
{
    const struct sbmt_rng_place place = {
        .seed = pass->seed,
        .purpose = purpose,
        .step = pass->step,
        .layer = (uint32_t)pass->layer,
        .head = (uint32_t)head,
        .sequence = pass->sequence,
    };
    return sbmt_rng_derive(&place);
}

#endif
