/* A small model and ragged batches for tests of the step. */
#ifndef SBMT_TESTS_UNIT_STEP_WORLD_H
#define SBMT_TESTS_UNIT_STEP_WORLD_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/base/rng.h"
#include "core/model/model.h"
#include "core/train/step.h"

enum { STEP_VOCAB = 20, STEP_POSITIONS = 1000, STEP_CLASSES = 5, STEP_MOST = 128 };

/** A model with dropout, its parameters, and a batch. */
struct step_world {
    struct sbmt_arena options;
    struct sbmt_model_config config;
    struct sbmt_params params;
    struct sbmt_model *model;
    int32_t *tokens, *token_label;
    int64_t offset[STEP_MOST + 1];
    int32_t label[STEP_MOST];
    uint64_t id[STEP_MOST];
    struct sbmt_batch batch;
};

/** Sets a number of a kind's options where it has one of that name. */
static inline void step_option(struct step_world *world, const char *key, double value)
{
    const struct sbmt_field *fields = sbmt_attention_variant(world->config.attention.index)->fields;
    const struct sbmt_field *field = fields != NULL ? sbmt_field_find(fields, key) : NULL;
    if (field == NULL)
        return;
    void *member = (char *)world->config.attention.config + field->offset;
    if (field->type == SBMT_FIELD_NUMBER)
        *(double *)member = value;
    else
        *(int *)member = (int)value;
}

/** A model with attention of the registry's kind number `kind`. */
static inline void step_world_init(struct step_world *world, int kind)
{
    struct sbmt_error err = {0};
    *world = (struct step_world){0};
    sbmt_fields_defaults(sbmt_model_fields, &world->config, &world->options);
    world->config.dim = 32;
    world->config.ffn_dim = 48;
    world->config.classifier_dim = 24;
    const struct sbmt_variant *variant = sbmt_attention_variant(kind);
    world->config.attention = (struct sbmt_variant_value){.index = kind};
    if (variant->fields != NULL) {
        world->config.attention.config = sbmt_arena_zalloc(&world->options, 1,
                                                           variant->config_size);
        sbmt_fields_defaults(variant->fields, world->config.attention.config, &world->options);
    }
    step_option(world, "clusters", 16);
    step_option(world, "density_weight", 0.1);
    step_option(world, "block", 4);
    const struct sbmt_model_shape shape = {
        .vocab = STEP_VOCAB, .positions = STEP_POSITIONS, .classes = STEP_CLASSES, .segments = 1};
    world->model = sbmt_model_create(&world->config, &shape, &world->params, &err);
    ck_assert_msg(world->model != NULL && sbmt_params_seal(&world->params, 1, &err), "%s",
                  err.message);
    const size_t most = (size_t)STEP_MOST * STEP_POSITIONS;
    world->tokens = calloc(most, sizeof *world->tokens);
    world->token_label = calloc(most, sizeof *world->token_label);
    ck_assert(world->tokens != NULL && world->token_label != NULL);
}

static inline void step_world_finish(struct step_world *world)
{
    sbmt_model_destroy(world->model);
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->options);
    free(world->tokens);
    free(world->token_label);
}

/** Makes the batch of examples id[0] … id[count−1]. What an example is follows from its identity:
 * its length is lengths[id % 16], its tokens and labels are random. */
static inline void step_world_fill(struct step_world *world, int count, const uint64_t *id,
                                   const int lengths[16])
{
    int64_t at = 0;
    for (int e = 0; e < count; e++) {
        const struct sbmt_rng_key key = {{(uint32_t)id[e], 9}};
        world->id[e] = id[e];
        world->label[e] = (int32_t)sbmt_rng_below(key, 1, 0, STEP_CLASSES);
        world->offset[e] = at;
        for (int i = 0; i < lengths[id[e] % 16]; i++, at++) {
            world->tokens[at] = (int32_t)sbmt_rng_below(key, 0, (uint32_t)i, STEP_VOCAB);
            world->token_label[at] = (int32_t)sbmt_rng_below(key, 2, (uint32_t)i, STEP_CLASSES);
        }
    }
    world->offset[count] = at;
    world->batch = (struct sbmt_batch){.count = count,
                                       .segments = 1,
                                       .tokens = world->tokens,
                                       .offset = world->offset,
                                       .label = world->label,
                                       .id = world->id};
}

/** Makes the batch one with a label a token. */
static inline void step_world_label_tokens(struct step_world *world)
{
    world->batch.label = world->token_label;
    world->batch.target = SBMT_TARGET_TOKEN;
}

/** A stepper, or a failed test. */
static inline struct sbmt_stepper *step_world_stepper(const struct step_world *world, int shards,
                                                      int threads, const char *cpu)
{
    struct sbmt_error err = {0};
    struct sbmt_stepper *stepper = sbmt_stepper_create(world->model, &world->params, shards,
                                                       threads, cpu, 0, &err);
    ck_assert_msg(stepper != NULL, "%s", err.message);
    return stepper;
}

#endif
