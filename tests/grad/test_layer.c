/* Gradients of an encoder layer, with dropout, for every kind of attention in the registry. */
#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/model/layer.h"
#include "tests/grad/gradient.h"
#include "tests/grad/kinds.h"
#include "tests/suite.h"

/* A layer, an input, and a loss Σ w·output. */
struct world {
    int n, kind;
    struct sbmt_model_config config;
    struct sbmt_params params;
    struct sbmt_layer layer;
    struct sbmt_arena options, saved, scratch;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    real *x, *w, *y; /* (n, dim) */
};

static size_t size_of(const struct world *world)
{
    return (size_t)world->n * (size_t)world->config.dim;
}

static struct sbmt_layer_saved *run(struct world *world)
{
    struct sbmt_error err = {0};
    struct sbmt_layer_saved *saved;
    memcpy(world->y, world->x, size_of(world) * sizeof *world->y);
    ck_assert_msg(sbmt_layer_forward(&world->layer, world->n, world->y, &world->pass, &saved, &err),
                  "%s", err.message);
    return saved;
}

static double loss(void *context)
{
    struct world *world = context;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&world->saved);
    run(world);
    sbmt_arena_release(&world->saved, mark);
    return gradient_dot(size_of(world), world->w, world->y);
}

static void make_pass(struct world *world)
{
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .value = world->params.value,
        .grad = gradient_reals(world->params.size),
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .seed = 3,
        .step = 5,
        .sequence = 9,
        .batch_count = 4,
        .layers = 3,
        .heads = world->config.heads,
        .training = true,
        .override = &kind_mask,
    };
}

static void world_init(struct world *world, int kind, int n)
{
    struct sbmt_error err = {0};
    *world = (struct world){.n = n, .kind = kind};
    world->config = (struct sbmt_model_config){
        .layers = 3,
        .dim = 8,
        .heads = 2,
        .ffn_dim = 12,
        .norm_eps = 1e-5,
        .dropout = 0.2,
        .attention_dropout = 0.25,
        .attention = {.index = kind, .config = kind_config(kind, &world->options)},
    };
    void *state = sbmt_arena_zalloc(&world->options, 1, sbmt_attention_at(kind)->state_size + 1);
    ck_assert_msg(
        sbmt_layer_init(&world->layer, &world->config, 1, n, state, &world->params, &err) &&
            sbmt_params_seal(&world->params, 1, &err),
        "%s", err.message);
    kind_fill(kind, &world->params, 0.6);
    world->x = gradient_reals(size_of(world));
    world->w = gradient_reals(size_of(world));
    world->y = gradient_reals(size_of(world));
    gradient_fill(world->x, size_of(world), 1, 2);
    gradient_fill(world->w, size_of(world), 1, 3);
    make_pass(world);
}

static void world_finish(struct world *world)
{
    free(world->x);
    free(world->w);
    free(world->y);
    free(world->pass.grad);
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->options);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

static void check_layer(int kind, int n, size_t axes)
{
    struct world world;
    struct sbmt_error err = {0};
    world_init(&world, kind, n);
    real *dx = gradient_reals(size_of(&world));
    const struct sbmt_layer_saved *saved = run(&world);
    memcpy(dx, world.w, size_of(&world) * sizeof *dx);
    ck_assert_msg(sbmt_layer_backward(&world.layer, saved, dx, &world.pass, &err), "%s",
                  err.message);
    ck_assert_uint_eq(world.scratch.used, 0);
    const struct gradient_problem problem = {loss, &world, axes};
    char where[32], what[128];
    snprintf(where, sizeof where, ", n = %d", n);
    snprintf(what, sizeof what, "%s%s: x", sbmt_attention_at(kind)->variant.name, where);
    gradient_expect(what, &problem, size_of(&world), world.x, dx);
    for (const struct sbmt_tensor *t = world.params.first; t != NULL; t = t->next)
        kind_expect(kind, &problem, t, world.params.value + t->offset, world.pass.grad + t->offset,
                    where);
    free(dx);
    world_finish(&world);
}

START_TEST(every_kind)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++)
        check_layer(kind, 7, 0);
}
END_TEST

/* Long enough for several tiles and blocks. */
START_TEST(every_kind_at_length)
{
    for (int kind = 0; sbmt_attention_at(kind) != NULL; kind++)
        check_layer(kind, 260, 2);
}
END_TEST

SBMT_SUITE_MAIN("gradient_layer", every_kind, every_kind_at_length)
