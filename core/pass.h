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

/** What a pass counts. Sums over heads, layers and sequences; add them up in a fixed order. */
struct sbmt_stats {
    double edges;   /**< query–key pairs computed */
    double density; /**< sum of edges over pairs (sbmt_pass_pairs) for the (sequence, layer, head)s
                       that have a graph */
    double density_count; /**< how many terms `density` has */
};

/** What a pass counts of one head of one layer; the same sums as above. */
struct sbmt_head_stats {
    double density, density_count;
};

/** Edges given from outside instead of drawn: for comparisons with other implementations. */
struct sbmt_mask_override {
    bool (*mask)(void *context, uint64_t sequence, int layer, int head, int row, int column);
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
    struct sbmt_head_stats *head_stats; /**< (layers, heads), to be added to; NULL: not wanted */
    uint64_t seed;
    uint32_t step;      /**< optimiser step; in evaluation the number of the draw, from 0 */
    uint64_t sequence;  /**< identity of the sequence being computed */
    int layer;          /**< layer being computed */
    int batch_count;    /**< examples in the whole batch: the divisor of loss and gradients */
    int layers, heads;  /**< of the model */
    int counted_length; /**< tokens that densities count in place of a sequence's own; 0: those */
    bool training;      /**< dropout is on */
    const struct sbmt_mask_override *override; /**< NULL: graphs are drawn */
};

/** How many pairs the density of a sequence of n tokens is a share of. */
static inline double sbmt_pass_pairs(const struct sbmt_pass *pass, int n)
{
    const double length = pass->counted_length > 0 ? pass->counted_length : n;
    return length * length;
}

/** False with SBMT_ERROR_MEMORY, naming `what`, if an allocation of the pass failed. */
SBMT_MUST_CHECK static inline bool sbmt_pass_check(struct sbmt_pass *pass, const char *what,
                                                   struct sbmt_error *err)
{
    return sbmt_arena_check(pass->saved, what, err) && sbmt_arena_check(pass->scratch, what, err);
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
