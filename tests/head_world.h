/* One head of attention as a layer holds it, for tests of a kind: options, parameters, a pass, and
 * rows of q, k, v and out that are wider than the head. */
#ifndef SBMT_TESTS_HEAD_WORLD_H
#define SBMT_TESTS_HEAD_WORLD_H

#include <check.h>
#include <stdio.h>

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"

/** The prefix under which the parameters are registered. */
#define HEAD_WORLD_PREFIX "self."

/** The head under test is the second of two. */
enum { HEAD_WORLD_HEADS = 2, HEAD_WORLD_HEAD = 1 };

/** Zeroed is valid for head_world_open. */
struct head_world {
    const struct sbmt_attention_ops *ops;
    struct sbmt_arena arena, saved, scratch;
    void *config, *state;
    struct sbmt_params params;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    struct sbmt_head head; /**< borrows q, k, v */
    size_t rows;           /**< reals of q, k, v and out: (n, stride) */
    real *q, *k, *v, *out; /**< of both heads */
};

/** Zeroed reals that live as long as the world. */
static inline real *head_world_reals(struct head_world *world, size_t count)
{
    real *x = sbmt_arena_zalloc(&world->arena, count, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

/** A head of the kind with its default options, which the caller may change before sealing. */
static inline void head_world_open(struct head_world *world, const char *kind)
{
    *world = (struct head_world){0};
    world->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, kind));
    ck_assert_ptr_nonnull(world->ops);
    const struct sbmt_variant *variant = &world->ops->variant;
    if (variant->fields == NULL)
        return;
    world->config = sbmt_arena_zalloc(&world->arena, 1, variant->config_size);
    ck_assert_ptr_nonnull(world->config);
    sbmt_fields_defaults(variant->fields, world->config, &world->arena);
}

/** Registers the parameters, draws their values and allocates rows of zeros for n tokens, with
 * `extra` reals behind both heads. The pass is an evaluation without gradients. */
static inline void head_world_seal(struct head_world *world, int n, int d, int extra)
{
    struct sbmt_error err = {0};
    const struct sbmt_attention_shape shape = {HEAD_WORLD_HEADS, d, n};
    world->state = sbmt_arena_zalloc(&world->arena, 1, world->ops->state_size + 1);
    if (world->ops->init != NULL)
        ck_assert_msg(world->ops->init(world->config, &shape, HEAD_WORLD_PREFIX, &world->params,
                                       world->state, &err),
                      "%s", err.message);
    ck_assert_msg(sbmt_params_seal(&world->params, 1, &err), "%s", err.message);
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .value = world->params.value,
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .seed = 5,
        .batch_count = 1,
        .layers = 1,
        .heads = HEAD_WORLD_HEADS,
    };
    const int stride = HEAD_WORLD_HEADS * d + extra, at = HEAD_WORLD_HEAD * d;
    world->rows = (size_t)n * (size_t)stride;
    world->q = head_world_reals(world, world->rows);
    world->k = head_world_reals(world, world->rows);
    world->v = head_world_reals(world, world->rows);
    world->out = head_world_reals(world, world->rows);
    world->head = (struct sbmt_head){
        .index = HEAD_WORLD_HEAD,
        .n = n,
        .d = d,
        .stride = stride,
        .q = world->q + at,
        .k = world->k + at,
        .v = world->v + at,
    };
}

/** The head's columns of rows like q. */
static inline real *head_world_columns(const struct head_world *world, real *rows)
{
    return rows + HEAD_WORLD_HEAD * world->head.d;
}

/** A parameter by its name without the prefix; NULL where there is none. */
static inline const struct sbmt_tensor *head_world_tensor(const struct head_world *world,
                                                          const char *name)
{
    char full[64];
    snprintf(full, sizeof full, HEAD_WORLD_PREFIX "%s", name);
    return sbmt_params_find(&world->params, full);
}

/** Forward into out; returns what it saved. */
static inline void *head_world_forward(struct head_world *world)
{
    struct sbmt_error err = {0};
    void *saved = NULL;
    ck_assert_msg(world->ops->forward(world->config, world->state, &world->head, &world->pass,
                                      &saved, head_world_columns(world, world->out), &err),
                  "%s", err.message);
    ck_assert_uint_eq(world->scratch.used, 0);
    return saved;
}

static inline void head_world_close(struct head_world *world)
{
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->arena);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

#endif
