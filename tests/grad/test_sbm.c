/* The straight-through gradients of SBM attention against differences of a surrogate loss. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attention/sbm_head.h"
#include "core/kernels/kernels.h"
#include "core/nn/dropout.h"
#include "tests/grad/gradient.h"
#include "tests/grad/surrogate.h"
#include "tests/suite.h"

/* The head under test is the second of two; rows hold both and something more. */
enum { HEADS = 2, HEAD = 1, EXTRA = 1, LAYERS = 3, EXAMPLES = 4 };

/* What a test asks for. */
struct setup {
    const char *graph; /* law; NULL: edges are given, bernoulli */
    const char *ste, *density_gradient;
    const char *membership_mlp; /* NULL: layer */
    bool freeze;
    int n, d, clusters;
    double exploration, density_weight, dropout;
    double upstream; /* size of ∂L/∂out */
    size_t axes;
};

struct world {
    struct setup setup;
    const struct sbmt_attention_ops *ops;
    struct sbmt_arena arena, saved, scratch;
    void *config, *state;
    struct sbmt_params params;
    struct sbmt_stats stats;
    struct sbmt_mask_override override;
    struct sbmt_pass pass;
    struct sbmt_head head;
    size_t rows; /* reals of q, k, v: (n, stride) */
    real *q, *k, *v, *w, *dq, *dk, *dv, *out;
    bool *mask;
    int *multiplicity;
    struct surrogate surrogate;
};

static real *reals(struct world *world, size_t count)
{
    real *x = sbmt_arena_zalloc(&world->arena, count, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static void *option(const struct world *world, const char *key)
{
    const struct sbmt_field *field = sbmt_field_find(world->ops->variant.fields, key);
    ck_assert_msg(field != NULL, "there is no such option: %s", key);
    return (char *)world->config + field->offset;
}

static void choose(const struct world *world, const char *key, const char *word)
{
    const struct sbmt_field *field = sbmt_field_find(world->ops->variant.fields, key);
    int index = 0;
    while (field->choices[index] != NULL && strcmp(field->choices[index], word) != 0)
        index++;
    ck_assert_msg(field->choices[index] != NULL, "%s: there is no such word: %s", key, word);
    *(int *)option(world, key) = index;
}

static void configure(struct world *world)
{
    const struct sbmt_variant *variant = &world->ops->variant;
    world->config = sbmt_arena_zalloc(&world->arena, 1, variant->config_size);
    sbmt_fields_defaults(variant->fields, world->config, &world->arena);
    choose(world, "ste", world->setup.ste);
    choose(world, "density_gradient", world->setup.density_gradient);
    choose(world, "graph", world->setup.graph != NULL ? world->setup.graph : "bernoulli");
    if (world->setup.membership_mlp != NULL)
        choose(world, "membership_mlp", world->setup.membership_mlp);
    *(bool *)option(world, "freeze_clusters") = world->setup.freeze;
    *(int *)option(world, "clusters") = world->setup.clusters;
    *(double *)option(world, "exploration") = world->setup.exploration;
    *(double *)option(world, "density_weight") = world->setup.density_weight;
}

/* Nothing can change the graph's law. */
static bool is_fixed(const struct world *world)
{
    return world->setup.freeze ||
           (world->setup.graph != NULL && strcmp(world->setup.graph, "random") == 0);
}

/* The values that the head uses; NULL where a fixed law has none. */
static const real *parameter(const struct world *world, const char *name, int shared_rank)
{
    char full[64];
    snprintf(full, sizeof full, "self.%s", name);
    const struct sbmt_tensor *tensor = sbmt_params_find(&world->params, full);
    ck_assert_msg(tensor != NULL || is_fixed(world), "there is no parameter %s", full);
    if (tensor == NULL)
        return NULL;
    const size_t part = tensor->rank > shared_rank ? HEAD * tensor->size / HEADS : 0;
    return world->params.value + tensor->offset + part;
}

static bool mask_at(void *context, uint64_t sequence, int layer, int head, int row, int column)
{
    const struct world *world = context;
    ck_assert(sequence == 17 && layer == 2 && head == HEAD);
    return world->mask[row * world->setup.n + column];
}

/* Half of the edges; the second row has none. */
static void make_mask(struct world *world)
{
    const int n = world->setup.n;
    world->mask = sbmt_arena_zalloc(&world->arena, (size_t)n, (size_t)n * sizeof *world->mask);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            world->mask[i * n + j] = i != 1 && sbmt_rng_bits((struct sbmt_rng_key){{3, 4}},
                                                             (uint32_t)i, (uint32_t)j) %
                                                   2;
}

static void make_inputs(struct world *world)
{
    const int d = world->setup.d, stride = HEADS * d + EXTRA;
    world->rows = (size_t)world->setup.n * (size_t)stride;
    real **const arrays[] = {&world->q,  &world->k,  &world->v,  &world->w,
                             &world->dq, &world->dk, &world->dv, &world->out};
    for (size_t i = 0; i < 8; i++) {
        *arrays[i] = reals(world, world->rows);
        if (i < 4)
            gradient_fill(*arrays[i], world->rows, i == 3 ? world->setup.upstream : 1, 20 + i);
    }
    const size_t at = (size_t)(HEAD * d);
    world->head = (struct sbmt_head){.index = HEAD,
                                     .n = world->setup.n,
                                     .d = d,
                                     .stride = stride,
                                     .q = world->q + at,
                                     .k = world->k + at,
                                     .v = world->v + at,
                                     .dropout = world->setup.dropout};
}

/* The graph that the head draws, instead of one that is given. */
static void take_drawn(struct world *world)
{
    const int n = world->setup.n;
    struct sbmt_error err = {0};
    void *saved;
    world->pass.override = NULL;
    ck_assert_msg(world->ops->forward(world->config, world->state, &world->head, &world->pass,
                                      &saved, world->out + HEAD * world->setup.d, &err),
                  "%s", err.message);
    const struct sbmt_graph *graph = &((const struct sbmt_edges *)saved)->graph;
    world->multiplicity = sbmt_arena_zalloc(&world->arena, (size_t)n * (size_t)n, sizeof(int));
    memset(world->mask, 0, (size_t)n * (size_t)n * sizeof *world->mask);
    int32_t *columns = sbmt_arena_alloc(&world->arena, (size_t)n * sizeof *columns);
    for (int i = 0; i < n; i++) {
        const int count = sbmt_graph_row(graph, i, columns);
        for (int e = 0; e < count; e++) {
            const int at = i * n + columns[e];
            world->mask[at] = true;
            world->multiplicity[at] = graph->weight != NULL
                                          ? (int)graph->weight[graph->offset[i] + e]
                                          : 1;
        }
    }
}

static void make_pass(struct world *world)
{
    world->override = (struct sbmt_mask_override){mask_at, world};
    world->pass = (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .value = world->params.value,
        .grad = reals(world, world->params.size),
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .seed = 5,
        .step = 6,
        .sequence = 17,
        .layer = 2,
        .batch_count = EXAMPLES,
        .layers = LAYERS,
        .heads = HEADS,
        .training = true,
        .override = &world->override,
    };
}

static void make_surrogate(struct world *world)
{
    const struct setup *setup = &world->setup;
    const int n = setup->n, d = setup->d;
    const double share = setup->density_weight / ((double)n * n * LAYERS * HEADS * EXAMPLES);
    const bool sampled = strcmp(setup->density_gradient, "sampled") == 0;
    world->surrogate = (struct surrogate){
        .form = strcmp(setup->ste, "score") == 0   ? SURROGATE_SCORE
                : strcmp(setup->ste, "plain") == 0 ? SURROGATE_PLAIN
                                                   : SURROGATE_CLIPPED,
        .n = n,
        .d = d,
        .clusters = setup->clusters,
        .stride = world->head.stride,
        .q = world->head.q,
        .k = world->head.k,
        .v = world->head.v,
        .weight1 = parameter(world, "membership.dense.weight", 2),
        .bias1 = parameter(world, "membership.dense.bias", 1),
        .weight2 = parameter(world, "membership.output.weight", 2),
        .bias2 = parameter(world, "membership.output.bias", 1),
        .cluster = parameter(world, "clusters", 2),
        .mask = world->mask,
        .multiplicity = world->multiplicity,
        .unbounded = setup->graph != NULL && strcmp(setup->graph, "bernoulli") != 0,
        .fixed = is_fixed(world),
        .exploration = setup->exploration,
        .sampled_share = sampled ? share : 0,
        .expected_share = sampled ? 0 : share,
        .w = world->w + HEAD * d,
        .dropout_threshold = sbmt_dropout_make(setup->dropout).threshold,
        .dropout_key = sbmt_pass_key(&world->pass, SBMT_RNG_ATTENTION, HEAD),
        .probability = reals(world, (size_t)n * (size_t)n),
        .dscore = reals(world, (size_t)n * (size_t)n),
    };
    surrogate_expand(&world->surrogate);
}

static void world_init(struct world *world, const struct setup *setup)
{
    struct sbmt_error err = {0};
    *world = (struct world){.setup = *setup};
    world->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, "sbm"));
    configure(world);
    world->state = sbmt_arena_zalloc(&world->arena, 1, world->ops->state_size);
    ck_assert_msg(world->ops->init(world->config,
                                   &(struct sbmt_attention_shape){HEADS, setup->d, 0}, "self.",
                                   &world->params, world->state, &err) &&
                      sbmt_params_seal(&world->params, 1, &err),
                  "%s", err.message);
    gradient_fill(world->params.value, world->params.size, 1.2 / sqrt(setup->d), 1);
    make_inputs(world);
    make_mask(world);
    make_pass(world);
    if (setup->graph != NULL)
        take_drawn(world);
    make_surrogate(world);
}

static void world_finish(struct world *world)
{
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->arena);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

/* The engine's gradients, into dq, dk, dv and pass.grad; returns Σ w·out. */
static double run(struct world *world)
{
    struct sbmt_error err = {0};
    void *saved;
    const size_t at = (size_t)(HEAD * world->setup.d);
    const struct sbmt_head_grad grad = {world->dq + at, world->dk + at, world->dv + at};
    ck_assert_msg(world->ops->forward(world->config, world->state, &world->head, &world->pass,
                                      &saved, world->out + at, &err) &&
                      world->ops->backward(world->config, world->state, &world->head, &world->pass,
                                           saved, world->w + at, &grad, &err),
                  "%s", err.message);
    ck_assert_uint_eq(world->scratch.used, 0);
    double loss = 0;
    for (int i = 0; i < world->head.n; i++)
        for (int a = 0; a < world->head.d; a++) {
            const size_t here = at + (size_t)(i * world->head.stride + a);
            loss += world->w[here] * world->out[here];
        }
    return loss;
}

static double loss_of(void *context)
{
    return surrogate_loss(context);
}

static void expect_zeros(const char *what, size_t count, const real *x)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(x[i] >= 0 && x[i] <= 0, "%s: entry %zu is not 0", what, i);
}

/* Every gradient of the engine against the surrogate's differences. */
static void check(const struct setup *setup)
{
    struct world world;
    char what[128];
    world_init(&world, setup);
    const double loss = run(&world);
    double expected = surrogate_loss(&world.surrogate);
    if (strcmp(setup->density_gradient, "expected") == 0)
        expected = loss; /* the surrogate's has a constant more */
    ck_assert_double_eq_tol(loss, expected, 1e-10 * (1 + fabs(expected)));
    const struct gradient_problem problem = {loss_of, &world.surrogate, setup->axes};
    real *const inputs[3] = {world.q, world.k, world.v};
    real *const gradients[3] = {world.dq, world.dk, world.dv};
    for (int i = 0; i < 3; i++) {
        snprintf(what, sizeof what, "%s %s n = %d: %c", setup->ste, setup->density_gradient,
                 setup->n, "qkv"[i]);
        gradient_expect(what, &problem, world.rows, inputs[i], gradients[i]);
    }
    for (const struct sbmt_tensor *t = world.params.first; t != NULL; t = t->next) {
        snprintf(what, sizeof what, "%s %s n = %d: %s", setup->ste, setup->density_gradient,
                 setup->n, t->name);
        if (setup->freeze)
            expect_zeros(what, t->size, world.pass.grad + t->offset);
        else
            gradient_expect(what, &problem, t->size, world.params.value + t->offset,
                            world.pass.grad + t->offset);
    }
    world_finish(&world);
}

static const struct setup small = {
    .ste = "score",
    .density_gradient = "sampled",
    .n = 10,
    .d = 4,
    .clusters = 3,
    .exploration = 0.01,
    .upstream = 3,
};

START_TEST(score)
{
    check(&small);
}
END_TEST

START_TEST(plain)
{
    struct setup setup = small;
    setup.ste = "plain";
    check(&setup);
}
END_TEST

/* With weights of edges dropped, and all that comes before; several blocks of rows and parts of
 * keys. */
START_TEST(with_dropout_and_at_length)
{
    struct setup setup = small;
    setup.dropout = 0.3;
    check(&setup);
    setup.n = 150;
    setup.d = 36;
    setup.clusters = 37;
    setup.upstream = 1;
    setup.axes = 1;
    check(&setup);
}
END_TEST

START_TEST(density_sampled)
{
    struct setup setup = small;
    setup.density_weight = 500;
    check(&setup);
    setup.ste = "plain";
    check(&setup);
}
END_TEST

START_TEST(density_expected)
{
    struct setup setup = small;
    setup.density_gradient = "expected";
    setup.density_weight = 500;
    check(&setup);
    setup.exploration = 0.55;
    check(&setup);
}
END_TEST

/* Density alone: without upstream gradient, and at a point where no edge would carry any. */
START_TEST(density_is_divided_by_graphs_and_entries)
{
    for (int e = 0; e < 2; e++) {
        struct setup setup = small;
        struct world world;
        setup.density_gradient = e == 0 ? "sampled" : "expected";
        setup.density_weight = 1e4;
        setup.upstream = 0;
        world_init(&world, &setup);
        run(&world);
        const struct gradient_problem problem = {loss_of, &world.surrogate, 0};
        gradient_expect("q", &problem, world.rows, world.q, world.dq);
        gradient_expect("k", &problem, world.rows, world.k, world.dk);
        gradient_expect_none("v", &problem, world.rows, world.v, world.dv);
        world_finish(&world);
    }
}
END_TEST

/* How many edges have a probability at its bound, and how many below. */
static void count_bounded(const struct setup *setup, int *at, int *below)
{
    struct world world;
    world_init(&world, setup);
    *at = *below = 0;
    for (int e = 0; e < setup->n * setup->n; e++)
        if (world.mask[e])
            (*(world.surrogate.probability[e] >= 1 ? at : below))++;
    world_finish(&world);
}

START_TEST(no_gradient_through_a_probability_of_one)
{
    struct setup setup = small;
    setup.exploration = 0.55;
    setup.density_weight = 500;
    int at, below;
    count_bounded(&setup, &at, &below);
    ck_assert_msg(at >= 4 && below >= 4, "%d edges at the bound, %d below", at, below);
    check(&setup);
    setup.ste = "plain";
    check(&setup);
    setup.ste = "clipped";
    setup.upstream = 30;
    check(&setup);
}
END_TEST

/* The largest |∂L/∂s| of an edge. */
static double largest_gradient(const struct world *world)
{
    double largest = 0;
    for (int e = 0; e < world->setup.n * world->setup.n; e++)
        largest = fmax(largest, fabs(world->surrogate.dscore[e]));
    return largest;
}

/* Where every edge's gradient is within ±1, the two estimators are the same function. */
START_TEST(clipped_is_plain_where_gradients_are_small)
{
    struct setup setup = small;
    setup.ste = "clipped";
    setup.upstream = 0.4;
    setup.density_weight = 500; /* added after clipping */
    struct world clipped_world, plain_world;
    world_init(&clipped_world, &setup);
    ck_assert_double_lt(largest_gradient(&clipped_world), 1);
    setup.ste = "plain";
    world_init(&plain_world, &setup);
    run(&clipped_world);
    run(&plain_world);
    ck_assert_mem_eq(clipped_world.dq, plain_world.dq, plain_world.rows * sizeof *plain_world.dq);
    ck_assert_mem_eq(clipped_world.dk, plain_world.dk, plain_world.rows * sizeof *plain_world.dk);
    ck_assert_mem_eq(clipped_world.pass.grad, plain_world.pass.grad,
                     plain_world.params.size * sizeof *plain_world.pass.grad);
    world_finish(&clipped_world);
    world_finish(&plain_world);
}
END_TEST

START_TEST(clipped)
{
    struct setup setup = small;
    setup.ste = "clipped";
    setup.upstream = 5;
    setup.dropout = 0.3;
    setup.density_weight = 500;
    struct world world;
    world_init(&world, &setup);
    int above = 0, within = 0;
    for (int e = 0; e < setup.n * setup.n; e++)
        if (world.mask[e])
            (*(fabs(world.surrogate.dscore[e]) > 1 ? &above : &within))++;
    world_finish(&world);
    ck_assert_msg(above >= 8 && within >= 4, "%d edges are clipped, %d are not", above, within);
    check(&setup);
}
END_TEST

/* Drawn graphs, rates above 1, and edges that were drawn several times. */
START_TEST(poisson_weights)
{
    static const char *const forms[] = {"score", "plain", "clipped"};
    for (int f = 0; f < 3; f++) {
        struct setup setup = small;
        setup.graph = "poisson";
        setup.ste = forms[f];
        setup.exploration = 0.8;
        setup.dropout = f == 0 ? 0.3 : 0;
        setup.density_weight = 500;
        struct world world;
        int several = 0, above = 0;
        world_init(&world, &setup);
        for (int e = 0; e < setup.n * setup.n; e++) {
            several += world.multiplicity[e] > 1;
            above += world.mask[e] && world.surrogate.probability[e] > 1;
        }
        world_finish(&world);
        ck_assert_msg(several >= 8 && above >= 8, "%d multiple edges, %d rates above 1", several,
                      above);
        check(&setup);
    }
}
END_TEST

/* Several blocks and parts. */
START_TEST(poisson_weights_at_length)
{
    struct setup setup = small;
    setup.graph = "poisson";
    setup.exploration = 0.5;
    setup.n = 150;
    setup.d = 36;
    setup.clusters = 37;
    setup.upstream = 1;
    setup.axes = 1;
    check(&setup);
}
END_TEST

START_TEST(poisson_simple)
{
    struct setup setup = small;
    setup.graph = "poisson-simple";
    setup.exploration = 0.8;
    check(&setup);
    setup.density_gradient = "expected";
    setup.density_weight = 500;
    check(&setup);
}
END_TEST

START_TEST(an_mlp_a_head)
{
    struct setup setup = small;
    setup.membership_mlp = "head";
    setup.density_weight = 500;
    check(&setup);
    setup.ste = "clipped";
    setup.graph = "poisson";
    check(&setup);
}
END_TEST

/* Only the scores and values along the edges carry gradients. */
START_TEST(frozen_clusters)
{
    struct setup setup = small;
    setup.freeze = true;
    setup.dropout = 0.3;
    check(&setup);
    setup.membership_mlp = "head";
    setup.graph = "poisson";
    setup.exploration = 0.8;
    check(&setup);
}
END_TEST

START_TEST(random_graphs)
{
    struct setup setup = small;
    setup.graph = "random";
    setup.dropout = 0.3;
    check(&setup);
    struct world world;
    world_init(&world, &setup);
    ck_assert_int_eq(world.params.count, 0);
    world_finish(&world);
}
END_TEST

SBMT_SUITE_MAIN("gradient_sbm", score, plain, with_dropout_and_at_length, density_sampled,
                density_expected, density_is_divided_by_graphs_and_entries,
                no_gradient_through_a_probability_of_one,
                clipped_is_plain_where_gradients_are_small, clipped, poisson_weights,
                poisson_weights_at_length, poisson_simple, an_mlp_a_head, frozen_clusters,
                random_graphs)
