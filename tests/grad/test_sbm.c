/* The straight-through gradients of SBM attention against differences of a surrogate loss. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attention/sbm_head.h"
#include "core/nn/dropout.h"
#include "tests/grad/gradient.h"
#include "tests/grad/surrogate.h"
#include "tests/head_world.h"
#include "tests/suite.h"

enum { EXTRA = 1, LAYERS = 3, EXAMPLES = 4 };

/* What a test asks for; 0 is the usual. */
struct setup {
    const char *name;
    enum sbmt_sbm_ste ste;
    enum sbmt_sbm_density density_gradient;
    enum sbmt_sbm_graph graph;
    enum sbmt_sbm_membership_mlp membership_mlp;
    bool freeze;
    bool sparse;        /* a third of the pairs have an edge, not two: attention along edges */
    bool large;         /* several blocks of rows and parts of keys, and not a multiple of lanes */
    double upstream;    /* size of ∂L/∂out; 0: 3, or 1 where it is large */
    double exploration; /* 0: 0.01 */
    double density_weight, dropout;
    int counted_length;
};

struct world {
    struct setup setup;
    struct head_world base;
    struct sbmt_mask_override override;
    real *w, *dq, *dk, *dv;
    bool *mask;
    int *multiplicity;
    struct surrogate surrogate;
};

static int tokens(const struct setup *setup)
{
    return setup->large ? 150 : 10;
}

static void configure(const struct setup *setup, struct sbmt_sbm_config *config)
{
    config->ste = (int)setup->ste;
    config->density_gradient = (int)setup->density_gradient;
    config->graph = (int)setup->graph;
    config->membership_mlp = (int)setup->membership_mlp;
    config->freeze_clusters = setup->freeze;
    config->clusters = setup->large ? 37 : 3;
    config->exploration = setup->exploration > 0 ? setup->exploration : 0.01;
    config->density_weight = setup->density_weight;
}

/* Nothing can change the graph's law. */
static bool is_fixed(const struct setup *setup)
{
    return setup->freeze || setup->graph == SBMT_SBM_RANDOM;
}

/* The values that the head uses; NULL where a fixed law has none. */
static const real *parameter(const struct world *world, const char *name, int shared_rank)
{
    const struct sbmt_tensor *tensor = head_world_tensor(&world->base, name);
    ck_assert_msg(tensor != NULL || is_fixed(&world->setup), "there is no parameter %s", name);
    if (tensor == NULL)
        return NULL;
    const size_t part = tensor->rank > shared_rank
                            ? HEAD_WORLD_HEAD * tensor->size / HEAD_WORLD_HEADS
                            : 0;
    return world->base.params.value + tensor->offset + part;
}

static bool mask_at(void *context, uint64_t sequence, int layer, int head, int row, int column)
{
    const struct world *world = context;
    ck_assert(sequence == 17 && layer == 2 && head == HEAD_WORLD_HEAD);
    return world->mask[row * world->base.head.n + column];
}

/* A third of the edges or two; the second row has none. */
static void give_mask(struct world *world)
{
    const int n = world->base.head.n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const uint32_t bits = sbmt_rng_bits((struct sbmt_rng_key){{3, 4}}, (uint32_t)i,
                                                (uint32_t)j);
            world->mask[i * n + j] = i != 1 && (bits % 3 == 0) == world->setup.sparse;
        }
    world->override = (struct sbmt_mask_override){mask_at, world};
    world->base.pass.override = &world->override;
}

/* The graph that the head draws. */
static void take_drawn(struct world *world, const struct sbmt_graph *graph)
{
    const int n = world->base.head.n;
    world->multiplicity = sbmt_arena_zalloc(&world->base.arena, (size_t)n * (size_t)n, sizeof(int));
    int32_t *columns = sbmt_arena_alloc(&world->base.arena, (size_t)n * sizeof *columns);
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

static void make_surrogate(struct world *world, bool by_pairs)
{
    static const enum surrogate_form forms[] = {
        [SBMT_STE_SCORE] = SURROGATE_SCORE,
        [SBMT_STE_PLAIN] = SURROGATE_PLAIN,
        [SBMT_STE_CLIPPED] = SURROGATE_CLIPPED,
    };
    const struct setup *setup = &world->setup;
    const struct sbmt_sbm_config *config = world->base.config;
    const struct sbmt_head *head = &world->base.head;
    const size_t pairs = (size_t)head->n * (size_t)head->n;
    const double counted = setup->counted_length > 0 ? setup->counted_length : head->n;
    const double share = setup->density_weight /
                         (counted * counted * LAYERS * HEAD_WORLD_HEADS * EXAMPLES);
    const bool sampled = setup->density_gradient == SBMT_DENSITY_SAMPLED;
    world->surrogate = (struct surrogate){
        .form = forms[setup->ste],
        .n = head->n,
        .d = head->d,
        .clusters = config->clusters,
        .stride = head->stride,
        .q = head->q,
        .k = head->k,
        .v = head->v,
        .weight1 = parameter(world, "membership.dense.weight", 2),
        .bias1 = parameter(world, "membership.dense.bias", 1),
        .weight2 = parameter(world, "membership.output.weight", 2),
        .bias2 = parameter(world, "membership.output.bias", 1),
        .cluster = parameter(world, "clusters", 2),
        .mask = world->mask,
        .multiplicity = world->multiplicity,
        .unbounded = setup->graph != SBMT_SBM_BERNOULLI,
        .fixed = is_fixed(setup),
        .exploration = config->exploration,
        .sampled_share = sampled ? share : 0,
        .expected_share = sampled ? 0 : share,
        .w = head_world_columns(&world->base, world->w),
        .dropout_threshold = sbmt_dropout_make(setup->dropout).threshold,
        .dropout_key = sbmt_pass_key(&world->base.pass, SBMT_RNG_ATTENTION, HEAD_WORLD_HEAD),
        .by_pairs = by_pairs,
        .probability = head_world_reals(&world->base, pairs),
        .dscore = head_world_reals(&world->base, pairs),
    };
    surrogate_expand(&world->surrogate);
}

/* The inputs, and where gradients go. */
static void fill(struct world *world)
{
    struct head_world *base = &world->base;
    const double usual = world->setup.large ? 1 : 3;
    const double upstream = world->setup.upstream > 0 ? world->setup.upstream : usual;
    real **const gradients[] = {&world->dq, &world->dk, &world->dv, &world->w};
    for (int i = 0; i < 4; i++)
        *gradients[i] = head_world_reals(base, base->rows);
    gradient_fill(base->params.value, base->params.size, 1.2 / sqrt(base->head.d), 1);
    gradient_fill(base->q, base->rows, 1, 20);
    gradient_fill(base->k, base->rows, 1, 21);
    gradient_fill(base->v, base->rows, 1, 22);
    gradient_fill(world->w, base->rows, upstream, 23);
}

static void world_init(struct world *world, const struct setup *setup)
{
    *world = (struct world){.setup = *setup};
    struct head_world *base = &world->base;
    const size_t n = (size_t)tokens(setup);
    head_world_open(base, "sbm");
    configure(setup, base->config);
    head_world_seal(base, (int)n, setup->large ? 36 : 4, EXTRA);
    base->head.dropout = setup->dropout;
    base->pass.grad = head_world_reals(base, base->params.size);
    base->pass.step = 6;
    base->pass.sequence = 17;
    base->pass.layer = 2;
    base->pass.batch_count = EXAMPLES;
    base->pass.layers = LAYERS;
    base->pass.counted_length = setup->counted_length;
    base->pass.training = true;
    fill(world);
    world->mask = sbmt_arena_zalloc(&base->arena, n, n * sizeof *world->mask);
    if (setup->graph == SBMT_SBM_BERNOULLI)
        give_mask(world);
    const struct sbmt_edges *saved = head_world_forward(base);
    if (setup->graph != SBMT_SBM_BERNOULLI)
        take_drawn(world, &saved->graph);
    make_surrogate(world, sbmt_edges_by_pairs(&saved->graph));
}

static void world_finish(struct world *world)
{
    head_world_close(&world->base);
}

/* The engine's gradients, into dq, dk, dv and pass.grad; returns Σ w·out. */
static double run(struct world *world)
{
    struct sbmt_error err = {0};
    struct head_world *base = &world->base;
    const void *saved = head_world_forward(base);
    const real *w = head_world_columns(base, world->w), *out = head_world_columns(base, base->out);
    const struct sbmt_head_grad grad = {
        .dq = head_world_columns(base, world->dq),
        .dk = head_world_columns(base, world->dk),
        .dv = head_world_columns(base, world->dv),
    };
    ck_assert_msg(base->ops->backward(base->config, base->state, &base->head, &base->pass, saved, w,
                                      &grad, &err),
                  "%s", err.message);
    ck_assert_uint_eq(base->scratch.used, 0);
    double loss = 0;
    for (int i = 0; i < base->head.n; i++)
        loss += gradient_dot((size_t)base->head.d, w + i * base->head.stride,
                             out + i * base->head.stride);
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
    struct head_world *base = &world.base;
    const double loss = run(&world);
    double expected = surrogate_loss(&world.surrogate);
    if (setup->density_gradient == SBMT_DENSITY_EXPECTED)
        expected = loss; /* the surrogate's has a constant more */
    ck_assert_double_eq_tol(loss, expected, 1e-10 * (1 + fabs(expected)));
    const struct gradient_problem problem = {loss_of, &world.surrogate, setup->large ? 1 : 0};
    real *const inputs[3] = {base->q, base->k, base->v};
    real *const gradients[3] = {world.dq, world.dk, world.dv};
    for (int i = 0; i < 3; i++) {
        snprintf(what, sizeof what, "%s: %c", setup->name, "qkv"[i]);
        gradient_expect(what, &problem, base->rows, inputs[i], gradients[i]);
    }
    for (const struct sbmt_tensor *t = base->params.first; t != NULL; t = t->next) {
        snprintf(what, sizeof what, "%s: %s", setup->name, t->name);
        if (setup->freeze)
            expect_zeros(what, t->size, base->pass.grad + t->offset);
        else
            gradient_expect(what, &problem, t->size, base->params.value + t->offset,
                            base->pass.grad + t->offset);
    }
    world_finish(&world);
}

/* With a given graph, which a test makes sparse or not. */
static const struct setup masked[] = {
    {.name = "score"},
    {.name = "plain", .ste = SBMT_STE_PLAIN},
    {.name = "dropout", .dropout = 0.3},
    {.name = "dropout at length", .dropout = 0.3, .large = true},
    {.name = "density", .density_weight = 500},
    {.name = "density at length", .density_weight = 2e4, .large = true},
    {.name = "density, plain", .density_weight = 500, .ste = SBMT_STE_PLAIN},
    {.name = "density with padding", .density_weight = 5e4, .counted_length = 90},
    {.name = "expected density", .density_gradient = SBMT_DENSITY_EXPECTED, .density_weight = 500},
    {.name = "expected density with padding",
     .density_gradient = SBMT_DENSITY_EXPECTED,
     .density_weight = 5e4,
     .counted_length = 90},
    {.name = "expected density, much exploration",
     .density_gradient = SBMT_DENSITY_EXPECTED,
     .density_weight = 500,
     .exploration = 0.55},
    {.name = "an MLP a head", .membership_mlp = SBMT_MEMBERSHIP_HEAD, .density_weight = 500},
    /* Only the scores and values along the edges carry gradients. */
    {.name = "frozen", .freeze = true, .dropout = 0.3},
};

/* With the graph that the head draws. */
static const struct setup drawn[] = {
    {.name = "poisson at length", .graph = SBMT_SBM_POISSON, .exploration = 0.5, .large = true},
    {.name = "poisson-simple", .graph = SBMT_SBM_POISSON_SIMPLE, .exploration = 0.8},
    {.name = "poisson-simple, expected density",
     .graph = SBMT_SBM_POISSON_SIMPLE,
     .exploration = 0.8,
     .density_gradient = SBMT_DENSITY_EXPECTED,
     .density_weight = 500},
    {.name = "an MLP a head, clipped poisson",
     .membership_mlp = SBMT_MEMBERSHIP_HEAD,
     .density_weight = 500,
     .ste = SBMT_STE_CLIPPED,
     .graph = SBMT_SBM_POISSON},
    {.name = "frozen, poisson, an MLP a head",
     .freeze = true,
     .dropout = 0.3,
     .membership_mlp = SBMT_MEMBERSHIP_HEAD,
     .graph = SBMT_SBM_POISSON,
     .exploration = 0.8},
    {.name = "random", .graph = SBMT_SBM_RANDOM, .dropout = 0.3},
};

START_TEST(gradients_of_a_given_graph)
{
    struct setup setup = masked[_i / 2];
    setup.sparse = _i % 2;
    check(&setup);
}
END_TEST

START_TEST(gradients_of_a_drawn_graph)
{
    check(&drawn[_i]);
}
END_TEST

/* Both ways of attention are tested. */
START_TEST(two_thirds_go_by_pairs)
{
    struct world world;
    const struct setup setup = {.sparse = _i, .large = true};
    world_init(&world, &setup);
    const struct sbmt_edges *saved = head_world_forward(&world.base);
    ck_assert_int_eq(sbmt_edges_by_pairs(&saved->graph), _i == 0);
    world_finish(&world);
}
END_TEST

/* Density alone: without upstream gradient, and at a point where no edge would carry any. */
START_TEST(density_is_divided_by_graphs_and_entries)
{
    for (int e = 0; e < 2; e++) {
        const struct setup setup = {.density_gradient = e == 0 ? SBMT_DENSITY_SAMPLED
                                                               : SBMT_DENSITY_EXPECTED,
                                    .density_weight = 1e4};
        struct world world;
        world_init(&world, &setup);
        memset(world.w, 0, world.base.rows * sizeof *world.w);
        surrogate_expand(&world.surrogate);
        run(&world);
        const struct gradient_problem problem = {loss_of, &world.surrogate, 0};
        gradient_expect("q", &problem, world.base.rows, world.base.q, world.dq);
        gradient_expect("k", &problem, world.base.rows, world.base.k, world.dk);
        gradient_expect_none("v", &problem, world.base.rows, world.base.v, world.dv);
        world_finish(&world);
    }
}
END_TEST

/* What a setup must have enough of to test what it is for. */
struct census {
    int bounded, below, above; /* edges with probabilities of 1, below, above */
    int several;               /* edges drawn more than once */
    int clipped, small;        /* edges with gradients beyond ±1 and within */
};

static struct census count(const struct setup *setup)
{
    struct world world;
    struct census census = {0};
    world_init(&world, setup);
    for (int e = 0; e < world.base.head.n * world.base.head.n; e++) {
        if (!world.mask[e])
            continue;
        const double p = world.surrogate.probability[e];
        census.bounded += p >= 1;
        census.below += p < 1;
        census.above += p > 1;
        census.several += world.multiplicity != NULL && world.multiplicity[e] > 1;
        census.clipped += fabs(world.surrogate.dscore[e]) > 1;
        census.small += fabs(world.surrogate.dscore[e]) <= 1;
    }
    world_finish(&world);
    return census;
}

START_TEST(no_gradient_through_a_probability_of_one)
{
    struct setup setup = {
        .name = "bounded", .exploration = 0.55, .density_weight = 500, .sparse = _i};
    const struct census census = count(&setup);
    ck_assert_msg(census.bounded >= 4 && census.below >= 4, "%d edges at the bound, %d below",
                  census.bounded, census.below);
    check(&setup);
    setup.ste = SBMT_STE_PLAIN;
    check(&setup);
    setup.ste = SBMT_STE_CLIPPED;
    setup.upstream = 30;
    check(&setup);
}
END_TEST

START_TEST(no_gradient_through_a_probability_of_one_at_length)
{
    const struct setup setup = {
        .name = "bounded at length", .exploration = 0.77, .large = true, .sparse = _i};
    const struct census census = count(&setup);
    ck_assert_msg(census.bounded >= 500 && census.below >= 500, "%d edges at the bound, %d below",
                  census.bounded, census.below);
    check(&setup);
}
END_TEST

/* Where every edge's gradient is within ±1, the two estimators are the same function. */
START_TEST(clipped_is_plain_where_gradients_are_small)
{
    struct setup setup = {.ste = SBMT_STE_CLIPPED, .upstream = 0.4, .sparse = _i};
    setup.density_weight = 500; /* added after clipping */
    struct world clipped, plain;
    ck_assert_int_eq(count(&setup).clipped, 0);
    world_init(&clipped, &setup);
    setup.ste = SBMT_STE_PLAIN;
    world_init(&plain, &setup);
    run(&clipped);
    run(&plain);
    ck_assert_mem_eq(clipped.dq, plain.dq, plain.base.rows * sizeof *plain.dq);
    ck_assert_mem_eq(clipped.dk, plain.dk, plain.base.rows * sizeof *plain.dk);
    ck_assert_mem_eq(clipped.base.pass.grad, plain.base.pass.grad,
                     plain.base.params.size * sizeof *plain.base.pass.grad);
    world_finish(&clipped);
    world_finish(&plain);
}
END_TEST

START_TEST(clipped)
{
    const struct setup setup = {.name = "clipped",
                                .ste = SBMT_STE_CLIPPED,
                                .upstream = 5,
                                .dropout = 0.3,
                                .density_weight = 500,
                                .sparse = _i};
    const struct census census = count(&setup);
    ck_assert_msg(census.clipped >= 8 && census.small >= 4, "%d edges are clipped, %d are not",
                  census.clipped, census.small);
    check(&setup);
}
END_TEST

/* Drawn graphs, rates above 1, and edges that were drawn several times. */
START_TEST(poisson_weights)
{
    const struct setup setup = {.name = "poisson",
                                .graph = SBMT_SBM_POISSON,
                                .ste = (enum sbmt_sbm_ste)_i,
                                .exploration = 0.8,
                                .dropout = _i == 0 ? 0.3 : 0,
                                .density_weight = 500};
    const struct census census = count(&setup);
    ck_assert_msg(census.several >= 8 && census.above >= 8, "%d multiple edges, %d rates above 1",
                  census.several, census.above);
    check(&setup);
}
END_TEST

START_TEST(random_graphs_have_no_parameters)
{
    const struct setup setup = {.graph = SBMT_SBM_RANDOM};
    struct world world;
    world_init(&world, &setup);
    ck_assert_int_eq(world.base.params.count, 0);
    world_finish(&world);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {gradients_of_a_given_graph, 2 * (int)(sizeof masked / sizeof masked[0])},
        {gradients_of_a_drawn_graph, (int)(sizeof drawn / sizeof drawn[0])},
        {two_thirds_go_by_pairs, 2},
        {density_is_divided_by_graphs_and_entries, 1},
        {no_gradient_through_a_probability_of_one, 2},
        {no_gradient_through_a_probability_of_one_at_length, 2},
        {clipped_is_plain_where_gradients_are_small, 2},
        {clipped, 2},
        {poisson_weights, 3},
        {random_graphs_have_no_parameters, 1},
    };
    return sbmt_suite_run_loops("gradient_sbm", tests, (int)(sizeof tests / sizeof tests[0]));
}
