/* The transformer encoder over one sequence, with its norms where the architecture has them. */
#ifndef SBMT_CORE_MODEL_ENCODER_H
#define SBMT_CORE_MODEL_ENCODER_H

#include "core/model/config.h"
#include "core/model/params.h"
#include "core/pass.h"

struct sbmt_encoder;
struct sbmt_encoder_saved;

/** Builds an encoder and registers its parameters (names as in Hugging Face's BERT where BERT has
 *  them). `config` is borrowed. NULL with *err on failure. */
struct sbmt_encoder *sbmt_encoder_create(const struct sbmt_model_config *config,
                                         const struct sbmt_model_shape *shape,
                                         struct sbmt_params *params, struct sbmt_error *err);

/** Accepts NULL. */
void sbmt_encoder_destroy(struct sbmt_encoder *encoder);

/** Runs a sequence through the encoder: *out is (rows, dim) in pass->saved, with a row a token
 * after that of the class token where there is one (sbmt_model_length rows), *saved what backward
 * needs, the arrays of the sequence included. */
SBMT_MUST_CHECK bool sbmt_encoder_forward(const struct sbmt_encoder *encoder,
                                          const struct sbmt_sequence *sequence,
                                          struct sbmt_pass *pass, struct sbmt_encoder_saved **saved,
                                          const real **out, struct sbmt_error *err);

/** Adds the gradients of all parameters to pass->grad, given dout (rows, dim; overwritten). */
SBMT_MUST_CHECK bool sbmt_encoder_backward(const struct sbmt_encoder *encoder,
                                           const struct sbmt_encoder_saved *saved,
                                           struct sbmt_pass *pass, real *dout,
                                           struct sbmt_error *err);

#endif
