/* Options of SBM attention: parameters, expected edges, what is counted, rules between options. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attention/expected.h"
#include "core/attention/sbm_config.h"
#include "core/kernels/kernels.h"
#include "core/model/config.h"
#include "tests/suite.h"

/* The head is the second of two; rows hold both. */
enum { N = 300, D = 8, HEADS = 2, HEAD = 1, STRIDE = HEADS * D, CLUSTERS = 12 };

/* A head in evaluation, with random inputs. */
struct world {
    const struct sbmt_attention_ops *ops;
    struct sbmt_arena arena, saved, scratch;
    struct sbmt_sbm_config config;
    struct sbmt_params params;
    void *state;
    struct sbmt_stats stats;
    struct sbmt_pass pass;
    struct sbmt_head head;
    real q[N * STRIDE], k[N * STRIDE], v[N * STRIDE], out[N * STRIDE];
};

static void random_fill(real *x, uint32_t stream, double scale)
{
    const struct sbmt_rng_key key = {{stream, 11}};
    for (uint32_t i = 0; i < N * STRIDE; i++)
        x[i] = SBMT_R(scale * sbmt_rng_normal(key, 0, i));
}

static void world_init(struct world *world, const char *kind)
{
    memset(world, 0, sizeof *world);
    world->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, kind));
    sbmt_fields_defaults(sbmt_sbm_fields, &world->config, &world->arena);
    world->config.clusters = CLUSTERS;
    random_fill(world->q, 1, 1);
    random_fill(world->k, 2, 1);
    random_fill(world->v, 3, 1);
}

/* Registers the parameters of the options as they are now. */
static void world_seal(struct world *world)
{
    struct sbmt_error err = {0};
    const size_t at = (size_t)HEAD * D;
    world->state = sbmt_arena_zalloc(&world->arena, 1, world->ops->state_size + 1);
    if (world->ops->init != NULL)
        ck_assert(world->ops->init(&world->config, &(struct sbmt_attention_shape){HEADS, D, 0},
                                   "self.", &world->params, world->state, &err));
    ck_assert_msg(sbmt_params_seal(&world->params, 1, &err), "%s", err.message);
    world->pass = (struct sbmt_pass){.kernels = sbmt_kernels_get(NULL, NULL),
                                     .value = world->params.value,
                                     .saved = &world->saved,
                                     .scratch = &world->scratch,
                                     .stats = &world->stats,
                                     .seed = 3,
                                     .batch_count = 1,
                                     .layers = 1,
                                     .heads = HEADS};
    world->head = (struct sbmt_head){HEAD,          N,  D, STRIDE, world->q + at, world->k + at,
                                     world->v + at, 0.1};
}

static void run(struct world *world)
{
    struct sbmt_error err = {0};
    void *saved;
    ck_assert_msg(world->ops->forward(&world->config, world->state, &world->head, &world->pass,
                                      &saved, world->out + HEAD * D, &err),
                  "%s", err.message);
    ck_assert_uint_eq(world->scratch.used, 0);
}

static void world_finish(struct world *world)
{
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->arena);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

static double score(const struct world *world, int i, int j)
{
    double sum = 0;
    for (int a = 0; a < D; a++)
        sum += (double)world->head.q[i * STRIDE + a] * (double)world->head.k[j * STRIDE + a];
    return sum / sqrt(D);
}

/* A law with rates from below 0.1 to above 1. */
static struct sbmt_edge_law make_law(struct world *world, enum sbmt_edge_kind kind, double shift)
{
    enum { WIDTH = 5, K = 3 };
    const size_t size = (size_t)N * WIDTH;
    real *row = sbmt_arena_reals(&world->arena, size),
         *column = sbmt_arena_reals(&world->arena, size);
    const struct sbmt_rng_key key = {{5, 6}};
    for (uint32_t i = 0; i < N * WIDTH; i++) {
        row[i] = sbmt_rng_unit(sbmt_rng_bits(key, 0, i));
        column[i] = sbmt_rng_unit(sbmt_rng_bits(key, 1, i));
    }
    return (struct sbmt_edge_law){.rows = N,
                                  .columns = N,
                                  .clusters = K,
                                  .width = WIDTH,
                                  .row_weight = row,
                                  .column_weight = column,
                                  .shift = SBMT_R(shift),
                                  .kind = kind};
}

static double expected_edge(const struct sbmt_edge_law *law, int i, int j)
{
    double p = (double)law->shift;
    for (int v = 0; v < law->clusters; v++)
        p += (double)law->row_weight[i * law->width + v] *
             (double)law->column_weight[j * law->width + v];
    return law->kind == SBMT_EDGES_BERNOULLI ? fmin(p, 1)
           : law->kind == SBMT_EDGES_POISSON ? p
                                             : 1 - exp(-p);
}

/* Row i by plain loops; returns its Σ w. */
static double plain_row(const struct world *world, const struct sbmt_edge_law *law, int i,
                        double out[D])
{
    double total = 0, edges = 0;
    memset(out, 0, D * sizeof *out);
    for (int j = 0; j < N; j++) {
        const double edge = expected_edge(law, i, j), weight = edge * exp(score(world, i, j));
        edges += edge;
        total += weight;
        for (int a = 0; a < D; a++)
            out[a] += weight * (double)world->head.v[j * STRIDE + a];
    }
    for (int a = 0; a < D; a++)
        out[a] /= total;
    return edges;
}

START_TEST(expected_edges_are_the_plain_sums)
{
    static const enum sbmt_edge_kind kinds[] = {SBMT_EDGES_BERNOULLI, SBMT_EDGES_POISSON,
                                                SBMT_EDGES_POISSON_SIMPLE};
    static struct world world;
    world_init(&world, "sbm");
    world_seal(&world);
    const struct sbmt_edge_law law = make_law(&world, kinds[_i % 3], 0.05);
    for (int i = 0; _i >= 3 && i < N * STRIDE; i++)
        world.q[i] *= 20; /* scores of ±100: the largest ones move from tile to tile */
    double density, edges = 0, expected[D];
    ck_assert(
        sbmt_expected_forward(&law, &world.head, &world.pass, world.out + HEAD * D, &density));
    for (int i = 0; i < N; i++) {
        edges += plain_row(&world, &law, i, expected);
        for (int a = 0; a < D; a++)
            ck_assert_double_eq_tol((double)world.out[i * STRIDE + HEAD * D + a], expected[a],
                                    _i >= 3 ? 1e-4 : 1e-5);
        for (int a = 0; a < HEAD * D; a++)
            ck_assert(world.out[i * STRIDE + a] == 0);
    }
    ck_assert_double_eq_tol(density, edges / ((double)N * N), 1e-5);
    ck_assert_uint_eq(world.scratch.used, 0);
    world_finish(&world);
}
END_TEST

/* What is expected to have no edge gives zeros, as a row of a graph without edges does. */
START_TEST(no_expected_edge_gives_zeros)
{
    static struct world world;
    world_init(&world, "sbm");
    world.config.graph = SBMT_SBM_RANDOM;
    world.config.density = 0;
    world.config.mask = SBMT_MASK_EXPECTED;
    world_seal(&world);
    random_fill(world.out, 9, 1);
    run(&world);
    for (int i = 0; i < N; i++)
        for (int a = 0; a < D; a++)
            ck_assert(world.out[i * STRIDE + HEAD * D + a] == 0);
    world_finish(&world);
}
END_TEST

/* A random graph with all edges, and expected edges that are all alike, are dense attention. */
START_TEST(a_full_random_graph_is_dense_attention)
{
    static struct world random, dense;
    world_init(&random, "sbm");
    random.config.graph = SBMT_SBM_RANDOM;
    random.config.density = _i == 0 ? 1 : 0.3;
    random.config.mask = _i == 0 ? SBMT_MASK_SAMPLED : SBMT_MASK_EXPECTED;
    world_seal(&random);
    ck_assert_int_eq(random.params.count, 0);
    run(&random);
    world_init(&dense, "softmax");
    world_seal(&dense);
    run(&dense);
    for (int i = 0; i < N * STRIDE; i++)
        ck_assert_double_eq_tol((double)random.out[i], (double)dense.out[i], 1e-5);
    ck_assert_double_eq_tol(random.stats.density, random.config.density, 1e-6);
    world_finish(&random);
    world_finish(&dense);
}
END_TEST

/* Density is the share of the pairs of real tokens that are edges: distinct ones. With expected
 * edges it is what sampling gives on average. */
START_TEST(density_is_counted_over_pairs)
{
    static struct world world;
    double sampled = 0;
    world_init(&world, "sbm");
    world.config.graph = _i;
    world.config.density = 0.3;
    world_seal(&world);
    enum { DRAWS = 40 };
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        world.pass.step = draw;
        world.stats = (struct sbmt_stats){0};
        run(&world);
        ck_assert_double_eq_tol(world.stats.density, world.stats.edges / ((double)N * N), 1e-9);
        ck_assert(world.stats.density_count == 1);
        sampled += world.stats.density / DRAWS;
    }
    world.config.mask = SBMT_MASK_EXPECTED;
    world.stats = (struct sbmt_stats){0};
    run(&world);
    ck_assert(world.stats.edges == (double)N * N);
    const double expected = world.config.graph == SBMT_SBM_POISSON
                                ? 1 - exp(-world.stats.density) /* rates are nearly all alike */
                                : world.stats.density;
    ck_assert_double_eq_tol(sampled, expected, 2e-3);
    world_finish(&world);
}
END_TEST

/* Training draws graphs whatever the mask of an evaluation is. */
START_TEST(expected_is_for_evaluation_only)
{
    static struct world world;
    world_init(&world, "sbm");
    world.config.mask = SBMT_MASK_EXPECTED;
    world_seal(&world);
    world.pass.training = true;
    run(&world);
    ck_assert_double_lt(world.stats.edges, 0.5 * N * N);
    world_finish(&world);
}
END_TEST

static const struct sbmt_tensor *tensor(const struct world *world, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "self.%s", name);
    const struct sbmt_tensor *found = sbmt_params_find(&world->params, full);
    ck_assert_msg(found != NULL, "there is no %s", full);
    return found;
}

START_TEST(an_mlp_a_head_has_an_axis_of_heads)
{
    static struct world world;
    world_init(&world, "sbm");
    world.config.membership_mlp = SBMT_MEMBERSHIP_HEAD;
    world_seal(&world);
    const struct sbmt_tensor *weight = tensor(&world, "membership.dense.weight");
    const struct sbmt_tensor *bias = tensor(&world, "membership.output.bias");
    ck_assert(weight->rank == 3 && weight->shape[0] == HEADS && weight->shape[1] == D &&
              weight->shape[2] == D && weight->decays);
    ck_assert(bias->rank == 2 && bias->shape[0] == HEADS && bias->shape[1] == D && !bias->decays);
    run(&world);
    world_finish(&world);
}
END_TEST

/* Weight decay would move what is frozen. */
START_TEST(frozen_parameters_do_not_decay)
{
    static struct world world;
    world_init(&world, "sbm");
    world.config.freeze_clusters = true;
    world_seal(&world);
    ck_assert_int_eq(world.params.count, 5);
    for (const struct sbmt_tensor *t = world.params.first; t != NULL; t = t->next)
        ck_assert(!t->decays);
    world_finish(&world);
}
END_TEST

/* The mean square length of a head's cluster vectors. */
START_TEST(cluster_vectors_have_the_length_that_is_documented)
{
    static const int clusters[] = {5, 8, 40};
    for (int c = 0; c < 3; c++)
        for (int kind = 0; kind < 2; kind++) {
            static struct world world;
            world_init(&world, "sbm");
            world.config.clusters = clusters[c];
            world.config.cluster_init = kind;
            world_seal(&world);
            const struct sbmt_tensor *t = tensor(&world, "clusters");
            double square = 0;
            for (size_t i = 0; i < t->size; i++)
                square += pow((double)world.params.value[t->offset + i], 2);
            square /= HEADS * clusters[c];
            if (kind == SBMT_CLUSTERS_ORTHOGONAL)
                ck_assert_double_eq_tol(square, 1, 1e-5);
            else
                ck_assert_double_eq_tol(square * clusters[c] / 2, 1, 0.4);
            world_finish(&world);
        }
}
END_TEST

/* Rules, as they are reported of the model's options. */
static const struct {
    struct sbmt_sbm_config change; /* added to the defaults */
    const char *message;           /* NULL: allowed */
} rules[] = {
    {{.graph = SBMT_SBM_POISSON}, NULL},
    {{.graph = SBMT_SBM_RANDOM, .density = 0.1}, NULL},
    {{.graph = SBMT_SBM_RANDOM, .mask_samples = 7}, NULL},
    {{.freeze_clusters = true, .mask = SBMT_MASK_EXPECTED}, NULL},
    {{.density = 0.1},
     "model.attention.density: is for graph: random only, with graph: bernoulli it is learnt; "
     "choose that graph or leave the density out"},
    {{.graph = SBMT_SBM_RANDOM, .freeze_clusters = true},
     "model.attention.freeze_clusters: graph: random has no clusters; leave it out"},
    {{.graph = SBMT_SBM_RANDOM, .density_weight = 1},
     "model.attention.density_weight: has no effect with graph: random, where nothing can change "
     "the density; set it to 0"},
    {{.freeze_clusters = true, .density_weight = 1},
     "model.attention.density_weight: has no effect with freeze_clusters: true, where nothing can "
     "change the density; set it to 0"},
    {{.mask = SBMT_MASK_EXPECTED, .mask_samples = 1},
     "model.attention.mask_samples: mask: expected draws no graphs; choose one of the two"},
};

START_TEST(rules_between_options)
{
    struct sbmt_arena arena = {0};
    struct sbmt_model_config model;
    struct sbmt_sbm_config config;
    struct sbmt_error err = {0};
    sbmt_fields_defaults(sbmt_model_fields, &model, &arena);
    sbmt_fields_defaults(sbmt_sbm_fields, &config, &arena);
    const struct sbmt_sbm_config *change = &rules[_i].change;
    config.graph = change->graph;
    config.density += change->density;
    config.freeze_clusters = change->freeze_clusters;
    config.density_weight += change->density_weight;
    config.mask = change->mask;
    config.mask_samples += change->mask_samples;
    model.attention.index = sbmt_variant_find(sbmt_attention_variant, "sbm");
    model.attention.config = &config;
    const bool allowed = sbmt_model_config_check(&model, &err);
    ck_assert_msg(allowed == (rules[_i].message == NULL), "%s", err.message);
    if (!allowed) {
        ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
        ck_assert_str_eq(err.message, rules[_i].message);
    }
    sbmt_arena_finish(&arena);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {expected_edges_are_the_plain_sums, 6},
        {no_expected_edge_gives_zeros, 1},
        {a_full_random_graph_is_dense_attention, 2},
        {density_is_counted_over_pairs, 4},
        {expected_is_for_evaluation_only, 1},
        {an_mlp_a_head_has_an_axis_of_heads, 1},
        {frozen_parameters_do_not_decay, 1},
        {cluster_vectors_have_the_length_that_is_documented, 1},
        {rules_between_options, (int)(sizeof rules / sizeof rules[0])},
    };
    return sbmt_suite_run_loops("sbm_options", tests, (int)(sizeof tests / sizeof tests[0]));
}
