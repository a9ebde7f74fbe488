/* Embeddings of tokens, as words or as numbers, of positions, and of types. */
#include "core/model/embeddings.h"

#include <assert.h>
#include <string.h>

#include "core/nn/embedding.h"

static const struct sbmt_tensor *add_positions(const struct sbmt_model_config *config,
                                               const struct sbmt_model_shape *shape,
                                               struct sbmt_params *params, struct sbmt_init init)
{
    const int64_t size[2] = {config->first_position + sbmt_model_length(config, shape->positions),
                             config->dim};
    const bool fixed = config->position_embedding == SBMT_POSITION_SINUSOIDAL;
    if (config->position_embedding == SBMT_POSITION_NONE)
        return NULL;
    if (fixed)
        init = (struct sbmt_init){SBMT_INIT_SINUSOIDAL, 0};
    const struct sbmt_tensor *table = sbmt_params_add(
        params, "embeddings.position_embeddings.weight", 2, size, init);
    if (fixed)
        sbmt_params_fix(params, table);
    return table;
}

void sbmt_embeddings_init(struct sbmt_embeddings *embeddings,
                          const struct sbmt_model_config *config,
                          const struct sbmt_model_shape *shape, struct sbmt_params *params)
{
    const struct sbmt_init init = {SBMT_INIT_NORMAL, 0.02}; /* the published code */
    const struct sbmt_init start = {SBMT_INIT_NORMAL, config->embedding_std};
    const int64_t words[2] = {shape->vocab, config->dim};
    const int64_t width = config->dim;
    const int64_t types[2] = {config->token_types, config->dim};
    *embeddings = (struct sbmt_embeddings){
        .dim = config->dim,
        .value_mean = shape->value_mean,
        .value_deviation = shape->value_deviation,
        .first_position = config->first_position,
    };
    if (config->input == SBMT_INPUT_VALUES)
        embeddings->value = sbmt_linear_register(params, "embeddings.", "value_embeddings",
                                                 config->dim, 1, sbmt_model_linear_start(config));
    else
        embeddings->words = sbmt_params_add(params, "embeddings.word_embeddings.weight", 2, words,
                                            start);
    if (config->class_token)
        embeddings->class_token = sbmt_params_add(params, "embeddings.class_token", 1, &width,
                                                  (struct sbmt_init){SBMT_INIT_ZERO, 0});
    embeddings->positions = add_positions(config, shape, params, init);
    if (config->token_types > 0)
        embeddings->types = sbmt_params_add(params, "embeddings.token_type_embeddings.weight", 2,
                                            types, init);
}

/* The numbers (n) that the tokens are, in scratch memory; NULL when it is out. */
static real *values_of(const struct sbmt_embeddings *embeddings,
                       const struct sbmt_sequence *sequence, struct sbmt_pass *pass)
{
    real *value = sbmt_arena_reals(pass->scratch, (size_t)sequence->n);
    for (int i = 0; value != NULL && i < sequence->n; i++)
        value[i] = SBMT_R((sequence->tokens[i] - embeddings->value_mean) /
                          embeddings->value_deviation);
    return value;
}

/* x = the tokens by themselves. */
static bool tokens_forward(const struct sbmt_embeddings *embeddings,
                           const struct sbmt_sequence *sequence, struct sbmt_pass *pass, real *x)
{
    const int n = sequence->n, dim = embeddings->dim;
    if (embeddings->words != NULL) {
        memset(x, 0, (size_t)n * (size_t)dim * sizeof *x);
        sbmt_embedding_forward(n, dim, sequence->tokens, pass->value + embeddings->words->offset,
                               x);
        return true;
    }
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const real *value = values_of(embeddings, sequence, pass);
    if (value == NULL)
        return false;
    sbmt_linear_params_forward(pass, embeddings->value, n, value, x);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static bool tokens_backward(const struct sbmt_embeddings *embeddings,
                            const struct sbmt_sequence *sequence, struct sbmt_pass *pass,
                            const real *dx)
{
    const int n = sequence->n, dim = embeddings->dim;
    if (embeddings->words != NULL) {
        sbmt_embedding_backward(n, dim, sequence->tokens, dx,
                                pass->grad + embeddings->words->offset);
        return true;
    }
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const real *value = values_of(embeddings, sequence, pass);
    real *unused = sbmt_arena_reals(pass->scratch, (size_t)n); /* the data has no gradient */
    if (value == NULL || unused == NULL)
        return false;
    sbmt_linear_params_backward(pass, embeddings->value, n, value, dx, 0, unused);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* That the table of positions has a row for every token: whoever fills batches sees to it. */
static void assert_positions(const struct sbmt_embeddings *embeddings,
                             const struct sbmt_sequence *sequence)
{
    const int64_t positions = embeddings->positions->shape[0] - embeddings->first_position -
                              (embeddings->class_token != NULL ? 1 : 0);
    assert(sequence->n <= positions);
    for (int i = 0; sequence->position != NULL && i < sequence->n; i++)
        assert(sequence->position[i] >= 0 && sequence->position[i] < positions);
    (void)positions;
}

/* Where the row of position 0 begins in a slab. */
static size_t first_row(const struct sbmt_embeddings *embeddings)
{
    return embeddings->positions->offset +
           (size_t)embeddings->first_position * (size_t)embeddings->dim;
}

/* Adds the rows of the table to x, whose first `extra` rows are no tokens. */
static void positions_forward(const struct sbmt_embeddings *embeddings,
                              const struct sbmt_sequence *sequence, const struct sbmt_pass *pass,
                              int extra, real *x)
{
    const size_t skipped = (size_t)extra * (size_t)embeddings->dim;
    if (embeddings->positions == NULL)
        return;
    assert_positions(embeddings, sequence);
    const real *table = pass->value + first_row(embeddings);
    sbmt_embedding_forward(extra, embeddings->dim, NULL, table, x);
    sbmt_embedding_forward(sequence->n, embeddings->dim, sequence->position, table + skipped,
                           x + skipped);
}

static void positions_backward(const struct sbmt_embeddings *embeddings,
                               const struct sbmt_sequence *sequence, const struct sbmt_pass *pass,
                               int extra, const real *dx)
{
    const size_t skipped = (size_t)extra * (size_t)embeddings->dim;
    if (embeddings->positions == NULL || embeddings->positions->fixed)
        return;
    real *table = pass->grad + first_row(embeddings);
    sbmt_embedding_backward(extra, embeddings->dim, NULL, dx, table);
    sbmt_embedding_backward(sequence->n, embeddings->dim, sequence->position, dx + skipped,
                            table + skipped);
}

/* The type of row `row` of the encoder's input, whose first `extra` rows are no tokens. */
static int32_t type_of(const struct sbmt_embeddings *embeddings,
                       const struct sbmt_sequence *sequence, int extra, int row)
{
    if (sequence->type == NULL || embeddings->types->shape[0] == 1 || row < extra)
        return 0;
    const int32_t type = sequence->type[row - extra];
    assert(type >= 0 && type < embeddings->types->shape[0]);
    return type;
}

/* Adds the rows of the types to x, or dx to their gradients. */
static void types_forward(const struct sbmt_embeddings *embeddings,
                          const struct sbmt_sequence *sequence, const struct sbmt_pass *pass,
                          real *x)
{
    const int extra = embeddings->class_token != NULL ? 1 : 0, dim = embeddings->dim;
    for (int i = 0; embeddings->types != NULL && i < sequence->n + extra; i++) {
        const int32_t type = type_of(embeddings, sequence, extra, i);
        sbmt_embedding_forward(1, dim, &type, pass->value + embeddings->types->offset,
                               x + (size_t)i * (size_t)dim);
    }
}

static void types_backward(const struct sbmt_embeddings *embeddings,
                           const struct sbmt_sequence *sequence, const struct sbmt_pass *pass,
                           const real *dx)
{
    const int extra = embeddings->class_token != NULL ? 1 : 0, dim = embeddings->dim;
    for (int i = 0; embeddings->types != NULL && i < sequence->n + extra; i++) {
        const int32_t type = type_of(embeddings, sequence, extra, i);
        sbmt_embedding_backward(1, dim, &type, dx + (size_t)i * (size_t)dim,
                                pass->grad + embeddings->types->offset);
    }
}

bool sbmt_embeddings_forward(const struct sbmt_embeddings *embeddings,
                             const struct sbmt_sequence *sequence, struct sbmt_pass *pass, real *x)
{
    const int extra = embeddings->class_token != NULL ? 1 : 0, dim = embeddings->dim;
    if (extra > 0)
        memcpy(x, pass->value + embeddings->class_token->offset, (size_t)dim * sizeof *x);
    if (!tokens_forward(embeddings, sequence, pass, x + extra * dim))
        return false;
    positions_forward(embeddings, sequence, pass, extra, x);
    types_forward(embeddings, sequence, pass, x);
    return true;
}

bool sbmt_embeddings_backward(const struct sbmt_embeddings *embeddings,
                              const struct sbmt_sequence *sequence, struct sbmt_pass *pass,
                              const real *dx)
{
    const int extra = embeddings->class_token != NULL ? 1 : 0, dim = embeddings->dim;
    types_backward(embeddings, sequence, pass, dx);
    positions_backward(embeddings, sequence, pass, extra, dx);
    if (extra > 0)
        sbmt_embedding_backward(1, dim, NULL, dx, pass->grad + embeddings->class_token->offset);
    return tokens_backward(embeddings, sequence, pass, dx + extra * dim);
}
