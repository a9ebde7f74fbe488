/* A two-layer model, its batch, and the comparison. */
#include "tests/grad/model_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "tests/grad/gradient.h"
#include "tests/grad/kinds.h"

enum { VOCAB = 9, POSITIONS = 8, CLASSES = 3 };

/* Four ragged sequences: four examples of one, or two of two. */
static const int32_t tokens[] = {1, 5, 5, 2, 8, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 0};
static const int64_t offsets[] = {0, 5, 6, 14, 17};
static const int32_t positions[] = {0, 2, 3, 6, 7, 5, 0, 1, 2, 3, 4, 5, 6, 7, 1, 4, 7};
static const int32_t labels[] = {2, 0, 1, 2};
static const int32_t token_labels[] = {2, 0, 1, 2, 2, 1, 0, 0, 1, 2, 0, 1, 1, 2, 0, 2, 1};
static const int32_t types[] = {0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1};
static const double scores[] = {0.4, -1.5, 2, 0};
/* The second example has no word to be guessed. */
static const int32_t places[] = {1, 4, 0, 3, 7, 2};
static const int64_t place_offsets[] = {0, 2, 2, 5, 6};
static const int32_t words[] = {8, 0, 3, 2, 5, 1};
static const uint64_t ids[] = {40, 7, 19, 3};

struct world {
    struct sbmt_model_config config;
    struct sbmt_params params;
    struct sbmt_model *model;
    struct sbmt_batch batch;
    struct sbmt_arena options, saved, scratch;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    real scale; /* makes small gradients large enough to be compared */
};

/* `scale` times the mean loss of the batch; adds to pass.grad, without the scale, where there is
 * one. */
static double loss(void *context)
{
    struct world *world = context;
    struct sbmt_error err = {0};
    double total = 0;
    for (int e = 0; e < world->batch.count; e++) {
        struct sbmt_outcome outcome;
        ck_assert_msg(sbmt_model_example(world->model, &world->batch, e, &world->pass, NULL, NULL,
                                         &outcome, &err),
                      "%s", err.message);
        total += outcome.loss;
    }
    ck_assert_uint_eq(world->saved.used + world->scratch.used, 0);
    return world->scale * total / world->batch.count;
}

static void configure(struct world *world, int kind, const struct variation *variation)
{
    world->config = (struct sbmt_model_config){
        .layers = 2,
        .dim = 8,
        .heads = 2,
        .ffn_dim = 12,
        .classifier_dim = 10,
        .architecture = variation->architecture,
        .activation = variation->activation,
        .norm_eps = 1e-5,
        .embedding_std = 0.02,
        .token_types = variation->token_types,
        .first_position = variation->first_position,
        .dropout = 0.2,
        .attention_dropout = 0.25,
        .input = variation->input,
        .class_token = variation->class_token,
        .position_embedding = variation->position_embedding,
        .pooling = variation->pooling,
        .pair_features = variation->pair_features,
        .padded_length = 5,
        .attention = {.index = kind, .config = kind_config(kind, &world->options)},
    };
}

static void world_init(struct world *world, int kind, const struct variation *variation)
{
    struct sbmt_error err = {0};
    const int segments = variation->pairs ? 2 : 1;
    const enum sbmt_target target = variation->target;
    static const int32_t *const labels_of[] = {labels, token_labels, NULL, words};
    *world = (struct world){0};
    configure(world, kind, variation);
    const struct sbmt_model_shape shape = {
        .target = target,
        .vocab = VOCAB,
        .positions = POSITIONS,
        .classes = CLASSES,
        .segments = segments,
        .value_mean = 3.75,
        .value_deviation = 2.5,
    };
    world->model = sbmt_model_create(&world->config, &shape, &world->params, &err);
    ck_assert_msg(world->model != NULL && sbmt_params_seal(&world->params, 1, &err), "%s",
                  err.message);
    kind_fill(kind, &world->params, 0.7);
    const struct sbmt_tensor *token = sbmt_params_find(&world->params, "embeddings.class_token");
    if (token != NULL) /* zeros would be where the norm bends most */
        gradient_fill(world->params.value + token->offset, token->size, 0.5, 5);
    const bool small = target == SBMT_TARGET_TOKEN || variation->class_token;
    world->scale = SBMT_R(variation->scale > 0 ? variation->scale : small ? 8 : 1);
    world->batch = (struct sbmt_batch){
        .count = 4 / segments,
        .segments = segments,
        .tokens = tokens,
        .offset = offsets,
        .type = variation->token_types > 0 ? types : NULL,
        .label = labels_of[target],
        .score = target == SBMT_TARGET_SCORE ? scores : NULL,
        .place = target == SBMT_TARGET_MASKED ? places : NULL,
        .place_offset = target == SBMT_TARGET_MASKED ? place_offsets : NULL,
        .position = variation->left_out ? positions : NULL,
        .id = ids,
        .target = target,
    };
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .value = world->params.value,
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .seed = 3 + (uint64_t)variation->architecture, /* away from the kinks of sparse kinds */
        .step = 5,
        .batch_count = world->batch.count,
        .training = true,
        .override = &kind_mask,
    };
}

static void world_finish(struct world *world)
{
    sbmt_model_destroy(world->model);
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->options);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

void check_model(int kind, const struct variation *variation)
{
    struct world world;
    world_init(&world, kind, variation);
    real *grad = gradient_reals(world.params.size);
    world.pass.grad = grad;
    loss(&world);
    world.pass.grad = NULL;
    for (size_t i = 0; i < world.params.size; i++)
        grad[i] *= world.scale;
    const struct gradient_problem problem = {.loss = loss, .context = &world};
    const bool given = variation->position_embedding == SBMT_POSITION_SINUSOIDAL;
    for (const struct sbmt_tensor *t = world.params.first; t != NULL; t = t->next)
        if (!given || strcmp(t->name, "embeddings.position_embeddings.weight") != 0)
            kind_expect(kind, &problem, t, world.params.value + t->offset, grad + t->offset, "");
    free(grad);
    world_finish(&world);
}

void check_kinds(const struct variation *variation)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++)
        check_model(kind, variation);
}
