/* From a sequence's tokens to the encoder's input: what a token is, where it stands, and in which
 * of several texts. */
#ifndef SBMT_CORE_MODEL_EMBEDDINGS_H
#define SBMT_CORE_MODEL_EMBEDDINGS_H

#include "core/model/config.h"
#include "core/model/linear_params.h"

/** The tensors: of `words` and `value` the one that config->input asks for, the other is NULL. */
struct sbmt_embeddings {
    int dim;
    double value_mean, value_deviation;    /**< as in the model's shape */
    const struct sbmt_tensor *words;       /**< (vocab, dim) */
    struct sbmt_linear_params value;       /**< (dim, 1) and (dim) */
    const struct sbmt_tensor *class_token; /**< (dim); NULL: there is none */
    const struct sbmt_tensor *positions;   /**< (first_position + positions, dim); NULL: none */
    const struct sbmt_tensor *types;       /**< (token_types, dim); NULL: there are none */
    int first_position;
};

/** Registers the tensors under "embeddings.", in BERT's names where it has them. */
void sbmt_embeddings_init(struct sbmt_embeddings *embeddings,
                          const struct sbmt_model_config *config,
                          const struct sbmt_model_shape *shape, struct sbmt_params *params);

/** x (rows, dim), of which there are sbmt_model_length: a token's is words[token] +
 * positions[position] or, where tokens t are numbers, (t − mean)/deviation·weight + bias +
 * positions[position]. A class token precedes them at position 0, and theirs are one more then, as
 * in the encoder of Long Range Arena's code. Row p of the table is first_position + p; without a
 * table nothing is added, and a fixed one has no gradient. Where there is a table of types all have
 * a row of it added: the class token's type is 0, as are all where the table has one row. False
 * when scratch memory is out. */
SBMT_MUST_CHECK bool sbmt_embeddings_forward(const struct sbmt_embeddings *embeddings,
                                             const struct sbmt_sequence *sequence,
                                             struct sbmt_pass *pass, real *x);

/** Adds the tensors' gradients to pass->grad, given dx (rows, dim). False when scratch memory is
 * out.
 */
SBMT_MUST_CHECK bool sbmt_embeddings_backward(const struct sbmt_embeddings *embeddings,
                                              const struct sbmt_sequence *sequence,
                                              struct sbmt_pass *pass, const real *dx);

#endif
