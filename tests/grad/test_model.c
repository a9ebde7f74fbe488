/* Gradients of a whole two-layer model, with dropout, for every kind of attention in the registry
 * and every parameter tensor. */
#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/model/model.h"
#include "tests/grad/gradient.h"
#include "tests/grad/kinds.h"
#include "tests/suite.h"

enum { VOCAB = 9, POSITIONS = 8, CLASSES = 3 };

/* Four ragged sequences: four examples of one, or two of two. */
static const int32_t tokens[] = {1, 5, 5, 2, 8, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 0};
static const int64_t offsets[] = {0, 5, 6, 14, 17};
static const int32_t positions[] = {0, 2, 3, 6, 7, 5, 0, 1, 2, 3, 4, 5, 6, 7, 1, 4, 7};
static const int32_t labels[] = {2, 0, 1, 2};
static const int32_t token_labels[] = {2, 0, 1, 2, 2, 1, 0, 0, 1, 2, 0, 1, 1, 2, 0, 2, 1};
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

/* What a test varies: the zeros are a classifier of single sequences, by their mean. */
struct variation {
    enum sbmt_input input;
    enum sbmt_pooling pooling;
    enum sbmt_pair_features pair_features;
    enum sbmt_target target;
    bool pairs, left_out, class_token;
};

static void configure(struct world *world, int kind, const struct variation *variation)
{
    world->config = (struct sbmt_model_config){
        .layers = 2,
        .dim = 8,
        .heads = 2,
        .ffn_dim = 12,
        .classifier_dim = 10,
        .norm_eps = 1e-5,
        .dropout = 0.2,
        .attention_dropout = 0.25,
        .input = variation->input,
        .class_token = variation->class_token,
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
    *world = (struct world){0};
    configure(world, kind, variation);
    const struct sbmt_model_shape shape = {

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
    world->scale = target == SBMT_TARGET_TOKEN || variation->class_token ? 8 : 1;
    world->batch = (struct sbmt_batch){
        .count = 4 / segments,
        .segments = segments,
        .tokens = tokens,
        .offset = offsets,
        .label = target == SBMT_TARGET_TOKEN ? token_labels : labels,
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
        .seed = 3,
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

static void check_model(int kind, const struct variation *variation)
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
    for (const struct sbmt_tensor *t = world.params.first; t != NULL; t = t->next)
        kind_expect(kind, &problem, t, world.params.value + t->offset, grad + t->offset, "");
    free(grad);
    world_finish(&world);
}

static void check_kinds(const struct variation *variation)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++)
        check_model(kind, variation);
}

START_TEST(every_kind)
{
    check_kinds(&(struct variation){0});
}
END_TEST

START_TEST(every_pooling)
{
    check_model(0, &(struct variation){.pooling = SBMT_POOLING_CLS});
    check_model(0, &(struct variation){.pooling = SBMT_POOLING_PADDED_MEAN});
}
END_TEST

START_TEST(pairs_of_sequences)
{
    check_kinds(&(struct variation){.pairs = true});
    check_model(0, &(struct variation){.pairs = true, .pair_features = SBMT_PAIR_CONCAT});
}
END_TEST

START_TEST(a_label_a_token)
{
    check_kinds(&(struct variation){.target = SBMT_TARGET_TOKEN});
}
END_TEST

START_TEST(tokens_that_are_values)
{
    check_model(0, &(struct variation){.input = SBMT_INPUT_VALUES});
}
END_TEST

START_TEST(kept_positions)
{
    check_model(0, &(struct variation){.left_out = true});
}
END_TEST

START_TEST(class_token)
{
    check_kinds(&(struct variation){.class_token = true});
    check_model(0, &(struct variation){.class_token = true,
                                       .pooling = SBMT_POOLING_CLS,
                                       .input = SBMT_INPUT_VALUES,
                                       .left_out = true});
}
END_TEST

SBMT_SUITE_MAIN("gradient_model", every_kind, every_pooling, tokens_that_are_values, kept_positions,
                class_token, pairs_of_sequences, a_label_a_token)
