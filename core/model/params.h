/* The parameter store: named tensors in slabs with equal offsets.
 *
 * Tensors are added by name, then the store is sealed: values, and the optimiser's two moments, are
 * one slab each, and a gradient slab of the same layout can be anywhere (each shard has its own).
 * So optimiser, clipping, checkpoint and reduction are single loops over `size` reals. */
#ifndef SBMT_CORE_MODEL_PARAMS_H
#define SBMT_CORE_MODEL_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/error.h"

/** How a tensor starts. */
enum sbmt_init_kind {
    SBMT_INIT_ZERO,
    SBMT_INIT_ONE,
    SBMT_INIT_CONSTANT, /**< `scale` */
    SBMT_INIT_NORMAL,   /**< normal with standard deviation `scale` */
    SBMT_INIT_UNIFORM,  /**< uniform in ±`scale` */
    /** Every matrix of the last two axes by itself, with rank 2 at least: `scale` times
     * sbmt_orthogonal_matrix (core/nn/orthogonal.h), or sbmt_orthogonal_rows of length `scale`. */
    SBMT_INIT_ORTHOGONAL,
    SBMT_INIT_ORTHOGONAL_ROWS,
    SBMT_INIT_SINUSOIDAL, /**< positions (rows, dim): see enum sbmt_position_embedding */
};

struct sbmt_init {
    enum sbmt_init_kind kind;
    double scale;
};

/** A named tensor: `size` reals at `offset` of every slab, row-major. */
struct sbmt_tensor {
    const char *name;
    int rank;
    int64_t shape[4];
    size_t size, offset;
    struct sbmt_init init;
    bool decays; /**< it is a matrix: weight decay applies; not to biases and norms */
    bool fixed;  /**< not trained by the loss: no decay whatever is said to decay */
    struct sbmt_tensor *next;
};

struct sbmt_params {
    struct sbmt_arena arena;          /**< owns everything below */
    struct sbmt_tensor *first, *last; /**< in the order they were added */
    int count;
    size_t size;                     /**< reals in a slab */
    real *value, *moment1, *moment2; /**< after sbmt_params_seal */
};

/** Where part `index` of a tensor begins in a slab, as that of a head: an element of its first
 * axis. */
static inline size_t sbmt_tensor_part(const struct sbmt_tensor *tensor, int index)
{
    return tensor->offset + tensor->size / (size_t)tensor->shape[0] * (size_t)index;
}

/** Adds a tensor and returns it. A name that exists already with the same shape gives the existing
 *  tensor (shared weights); with another shape it is a programmer error (asserted). NULL when out
 * of memory (the arena's sticky failure; sbmt_params_seal reports it). */
const struct sbmt_tensor *sbmt_params_add(struct sbmt_params *params, const char *name, int rank,
                                          const int64_t *shape, struct sbmt_init init);

/** The same by prefix and name. */
const struct sbmt_tensor *sbmt_params_add_under(struct sbmt_params *params, const char *prefix,
                                                const char *name, int rank, const int64_t *shape,
                                                struct sbmt_init init);

/** Says that a tensor of any rank is no matrix to weight decay: biases of several heads. Accepts
 * NULL. */
void sbmt_params_exempt(struct sbmt_params *params, const struct sbmt_tensor *tensor);

/** Says that a tensor is not trained by the gradient of the loss: nothing decays it. Accepts NULL.
 */
void sbmt_params_fix(struct sbmt_params *params, const struct sbmt_tensor *tensor);

/** The tensor with a name, or NULL. */
const struct sbmt_tensor *sbmt_params_find(const struct sbmt_params *params, const char *name);

/** Allocates the slabs and draws the initial values: each from its own key (seed, name), so they do
 *  not depend on what else the model has. Moments start at zero. */
SBMT_MUST_CHECK bool sbmt_params_seal(struct sbmt_params *params, uint64_t seed,
                                      struct sbmt_error *err);

/** Frees everything. Accepts a zeroed store. */
void sbmt_params_finish(struct sbmt_params *params);

#endif
