/* Attention as a table of functions: one file a kind, one line in list.h registers it. */
#ifndef SBMT_CORE_ATTENTION_ATTENTION_H
#define SBMT_CORE_ATTENTION_ATTENTION_H

#include "core/base/error.h"
#include "core/base/field.h"
#include "core/model/params.h"
#include "core/pass.h"

/** Which projections of the layer's input a kind reads; the layer has no others. */
enum sbmt_attention_inputs {
    SBMT_INPUTS_QUERY_KEY_VALUE,
    SBMT_INPUTS_QUERY_VALUE, /**< k is NULL */
    SBMT_INPUTS_VALUE,       /**< q and k are NULL */
    SBMT_INPUTS_WHOLE,       /**< no projections, neither of the output: v is the layer's normalised
                                input, of which one head has the whole width */
};

/** Sizes that a kind's parameters may depend on. */
struct sbmt_attention_shape {
    int heads, d;  /**< as the kind sees them: one head of the whole width for SBMT_INPUTS_WHOLE */
    int positions; /**< longest sequence */
};

/** One head of one sequence. Row i of q, k, v and the output is at i·stride: a head is columns of
 * the layer's (n, heads·d) projections. Where a kind goes by place, row i is place i, whatever
 * positions the batch gives its tokens. Borrowed. */
struct sbmt_head {
    int index;             /**< head within the layer */
    int n, d;              /**< tokens, head dim */
    int stride;            /**< reals from a row to the next */
    const real *q, *k, *v; /**< (n, d); NULL where the kind does not read them */
    double dropout;        /**< on attention weights, in training */
};

/** Where gradients of q, k, v go: same stride, to be added to; NULL where the input is. */
struct sbmt_head_grad {
    real *dq, *dk, *dv;
};

/** Operations, two a multiply-add, and bytes of one head forward, by formula. */
struct sbmt_cost {
    double flops, bytes;
};

/** A kind of attention. A kind sees one head of one sequence, is single-threaded, keeps what
 * backward needs in pass->saved, and draws random numbers only from keys of the pass. */
struct sbmt_attention_ops {
    struct sbmt_variant variant; /**< name, doc with citation, options */
    const char *complexity;      /**< of forward, time in n tokens and the kind's options */
    enum sbmt_attention_inputs inputs;
    size_t state_size; /**< bytes of the per-layer state that init fills */

    /** Rules between the kind's options: a message of SBMT_ERROR_CONFIG begins with the option's
     * key. May be NULL. */
    bool (*check)(const void *config, struct sbmt_error *err);

    /** How many times an evaluation computes each example, 1 … SBMT_MOST_DRAWS, with graphs of its
     * own each time; its logits are the mean. May be NULL: 1. */
    int (*draws)(const void *config);

    /** Whether densities count the pairs of model.padded_length tokens, which there must be then.
     * May be NULL: no. */
    bool (*counts_padding)(const void *config);

    /** Registers the layer's parameters under `prefix` ("encoder.layer.0.attention.self.") and
     * fills the state with the tensors and what else follows from the options. What the layers
     * share has a name without the prefix: the first layer adds it, the others get the same. May
     * be NULL. */
    bool (*init)(const void *config, const struct sbmt_attention_shape *shape, const char *prefix,
                 struct sbmt_params *params, void *state, struct sbmt_error *err);

    /** out (n, d) = attention; *saved is handed to backward. */
    bool (*forward)(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err);

    /** Adds the gradients of q, k, v to `grad` and those of parameters to pass->grad, given dout
     * (n, d; stride as the head's). */
    bool (*backward)(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err);

    struct sbmt_cost (*cost)(const void *config, int n, int d, double density);
};

/** Kind by its index in list.h; NULL past the end. */
const struct sbmt_attention_ops *sbmt_attention_at(int index);

/** The same as a variant for option tables. */
const struct sbmt_variant *sbmt_attention_variant(int index);

#endif
