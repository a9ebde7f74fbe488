/* Options of SBM attention: parameters, expected edges, what is counted, rules between options. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attention/expected.h"
#include "core/attention/sbm_config.h"
#include "core/model/model.h"
#include "tests/head_world.h"
#include "tests/suite.h"

enum { N = 300, D = 8, STRIDE = HEAD_WORLD_HEADS * D, CLUSTERS = 12 };

static void random_fill(real *x, uint32_t stream, double scale)
{
    const struct sbmt_rng_key key = {{stream, 11}};
    for (uint32_t i = 0; i < N * STRIDE; i++)
        x[i] = SBMT_R(scale * sbmt_rng_normal(key, 0, i));
}

/* An SBM head in evaluation; returns its options, which may be changed before sealing. */
static struct sbmt_sbm_config *world_open(struct head_world *world)
{
    head_world_open(world, "sbm");
    struct sbmt_sbm_config *config = world->config;
    config->clusters = CLUSTERS;
    return config;
}

/* With random inputs. */
static void world_seal(struct head_world *world)
{
    head_world_seal(world, N, D, 0);
    random_fill(world->q, 1, 1);
    random_fill(world->k, 2, 1);
    random_fill(world->v, 3, 1);
}

static double score(const struct head_world *world, int i, int j)
{
    double sum = 0;
    for (int a = 0; a < D; a++)
        sum += (double)world->head.q[i * STRIDE + a] * (double)world->head.k[j * STRIDE + a];
    return sum / sqrt(D);
}

/* A law with rates from below 0.1 to above 1. */
static struct sbmt_edge_law make_law(struct head_world *world, enum sbmt_edge_kind kind,
                                     double shift)
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
static double plain_row(const struct head_world *world, const struct sbmt_edge_law *law, int i,
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
    struct head_world world;
    world_open(&world);
    world_seal(&world);
    const struct sbmt_edge_law law = make_law(&world, kinds[_i % 3], 0.05);
    for (int i = 0; _i >= 3 && i < N * STRIDE; i++)
        world.q[i] *= 20; /* scores of ±100: the largest ones move from tile to tile */
    double found, edges = 0, expected[D];
    ck_assert(sbmt_expected_forward(&law, &world.head, &world.pass,
                                    head_world_columns(&world, world.out), &found));
    for (int i = 0; i < N; i++) {
        edges += plain_row(&world, &law, i, expected);
        for (int a = 0; a < D; a++)
            ck_assert_double_eq_tol((double)world.out[i * STRIDE + HEAD_WORLD_HEAD * D + a],
                                    expected[a], _i >= 3 ? 1e-4 : 1e-5);
        for (int a = 0; a < HEAD_WORLD_HEAD * D; a++)
            ck_assert(world.out[i * STRIDE + a] == 0);
    }
    ck_assert_double_eq_tol(found, edges, 1e-5 * N * N);
    ck_assert_uint_eq(world.scratch.used, 0);
    head_world_close(&world);
}
END_TEST

/* What is expected to have no edge gives zeros, as a row of a graph without edges does. */
START_TEST(no_expected_edge_gives_zeros)
{
    struct head_world world;
    struct sbmt_sbm_config *config = world_open(&world);
    config->graph = SBMT_SBM_RANDOM;
    config->density = 0;
    config->mask = SBMT_MASK_EXPECTED;
    world_seal(&world);
    random_fill(world.out, 9, 1);
    head_world_forward(&world);
    for (int i = 0; i < N; i++)
        for (int a = 0; a < D; a++)
            ck_assert(world.out[i * STRIDE + HEAD_WORLD_HEAD * D + a] == 0);
    head_world_close(&world);
}
END_TEST

/* A random graph with all edges, and expected edges that are all alike, are dense attention. */
START_TEST(a_full_random_graph_is_dense_attention)
{
    struct head_world random, dense;
    struct sbmt_sbm_config *config = world_open(&random);
    config->graph = SBMT_SBM_RANDOM;
    config->density = _i == 0 ? 1 : 0.3;
    config->mask = _i == 0 ? SBMT_MASK_SAMPLED : SBMT_MASK_EXPECTED;
    world_seal(&random);
    ck_assert_int_eq(random.params.count, 0);
    head_world_forward(&random);
    head_world_open(&dense, "softmax");
    world_seal(&dense);
    head_world_forward(&dense);
    for (int i = 0; i < N * STRIDE; i++)
        ck_assert_double_eq_tol((double)random.out[i], (double)dense.out[i], 1e-5);
    ck_assert_double_eq_tol(random.stats.density, config->density, 1e-6);
    head_world_close(&random);
    head_world_close(&dense);
}
END_TEST

/* Density is the share of the pairs of real tokens that are edges: distinct ones. With expected
 * edges it is what sampling gives on average. */
START_TEST(density_is_counted_over_pairs)
{
    struct head_world world;
    double sampled = 0;
    struct sbmt_sbm_config *config = world_open(&world);
    config->graph = _i;
    config->density = 0.3;
    world_seal(&world);
    enum { DRAWS = 40 };
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        world.pass.step = draw;
        world.stats = (struct sbmt_stats){0};
        head_world_forward(&world);
        ck_assert_double_eq_tol(world.stats.density, world.stats.edges / ((double)N * N), 1e-9);
        ck_assert(world.stats.density_count == 1);
        sampled += world.stats.density / DRAWS;
    }
    config->mask = SBMT_MASK_EXPECTED;
    world.stats = (struct sbmt_stats){0};
    head_world_forward(&world);
    ck_assert(world.stats.edges == (double)N * N);
    const double expected = config->graph == SBMT_SBM_POISSON
                                ? 1 - exp(-world.stats.density) /* rates are nearly all alike */
                                : world.stats.density;
    ck_assert_double_eq_tol(sampled, expected, 2e-3);
    head_world_close(&world);
}
END_TEST

/* Sampled, and expected. */
START_TEST(padding_counts_where_it_is_asked_for)
{
    struct head_world real_tokens, padded;
    struct head_world *const both[] = {&real_tokens, &padded};
    enum { PADDED = 1000 };
    for (int i = 0; i < 2; i++) {
        struct sbmt_sbm_config *config = world_open(both[i]);
        config->mask = _i == 0 ? SBMT_MASK_SAMPLED : SBMT_MASK_EXPECTED;
        world_seal(both[i]);
        both[i]->pass.counted_length = i == 0 ? 0 : PADDED;
        head_world_forward(both[i]);
    }
    ck_assert(real_tokens.stats.edges == padded.stats.edges);
    ck_assert_double_eq_tol(real_tokens.stats.density * N * N,
                            padded.stats.density * PADDED * PADDED, 1e-6);
    ck_assert_mem_eq(real_tokens.out, padded.out, padded.rows * sizeof *padded.out);
    head_world_close(&real_tokens);
    head_world_close(&padded);
}
END_TEST

/* Training draws graphs whatever the mask of an evaluation is. */
START_TEST(expected_is_for_evaluation_only)
{
    struct head_world world;
    struct sbmt_sbm_config *config = world_open(&world);
    config->mask = SBMT_MASK_EXPECTED;
    world_seal(&world);
    world.pass.training = true;
    head_world_forward(&world);
    ck_assert_double_lt(world.stats.edges, 0.5 * N * N);
    head_world_close(&world);
}
END_TEST

START_TEST(an_mlp_a_head_has_an_axis_of_heads)
{
    struct head_world world;
    struct sbmt_sbm_config *config = world_open(&world);
    config->membership_mlp = SBMT_MEMBERSHIP_HEAD;
    world_seal(&world);
    const struct sbmt_tensor *weight = head_world_tensor(&world, "membership.dense.weight");
    const struct sbmt_tensor *bias = head_world_tensor(&world, "membership.output.bias");
    ck_assert(weight->rank == 3 && weight->shape[0] == HEAD_WORLD_HEADS && weight->shape[1] == D &&
              weight->shape[2] == D && weight->decays);
    ck_assert(bias->rank == 2 && bias->shape[0] == HEAD_WORLD_HEADS && bias->shape[1] == D &&
              !bias->decays);
    head_world_forward(&world);
    head_world_close(&world);
}
END_TEST

/* Weight decay would move what is frozen. */
START_TEST(frozen_parameters_do_not_decay)
{
    struct head_world world;
    struct sbmt_sbm_config *config = world_open(&world);
    config->freeze_clusters = true;
    world_seal(&world);
    ck_assert_int_eq(world.params.count, 5);
    for (const struct sbmt_tensor *t = world.params.first; t != NULL; t = t->next)
        ck_assert(t->fixed);
    head_world_close(&world);
}
END_TEST

/* The mean square length of a head's cluster vectors. */
START_TEST(cluster_vectors_have_the_length_that_is_documented)
{
    static const int clusters[] = {5, 8, 40};
    for (int c = 0; c < 3; c++)
        for (int kind = 0; kind < 2; kind++) {
            struct head_world world;
            struct sbmt_sbm_config *config = world_open(&world);
            config->clusters = clusters[c];
            config->cluster_init = kind;
            world_seal(&world);
            const struct sbmt_tensor *t = head_world_tensor(&world, "clusters");
            double square = 0;
            for (size_t i = 0; i < t->size; i++)
                square += pow((double)world.params.value[t->offset + i], 2);
            square /= HEAD_WORLD_HEADS * clusters[c];
            if (kind == SBMT_CLUSTERS_ORTHOGONAL)
                ck_assert_double_eq_tol(square, 1, 1e-5);
            else
                ck_assert_double_eq_tol(square * clusters[c] / 2, 1, 0.4);
            head_world_close(&world);
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

/* The defaults of the model, with SBM attention. */
static void default_model(struct sbmt_model_config *model, struct sbmt_sbm_config *config,
                          struct sbmt_arena *arena)
{
    sbmt_fields_defaults(sbmt_model_fields, model, arena);
    sbmt_fields_defaults(sbmt_sbm_fields, config, arena);
    model->attention.index = sbmt_variant_find(sbmt_attention_variant, "sbm");
    model->attention.config = config;
}

START_TEST(rules_between_options)
{
    struct sbmt_arena arena = {0};
    struct sbmt_model_config model;
    struct sbmt_sbm_config config;
    struct sbmt_error err = {0};
    default_model(&model, &config, &arena);
    const struct sbmt_sbm_config *change = &rules[_i].change;
    config.graph = change->graph;
    config.density += change->density;
    config.freeze_clusters = change->freeze_clusters;
    config.density_weight += change->density_weight;
    config.mask = change->mask;
    config.mask_samples += change->mask_samples;
    const bool allowed = sbmt_model_config_check(&model, &err);
    ck_assert_msg(allowed == (rules[_i].message == NULL), "%s", err.message);
    if (!allowed) {
        ck_assert_int_eq(err.kind, SBMT_ERROR_CONFIG);
        ck_assert_str_eq(err.message, rules[_i].message);
    }
    sbmt_arena_finish(&arena);
}
END_TEST

START_TEST(padding_has_a_length_that_no_sequence_exceeds)
{
    static const struct {
        int length;
        const char *message; /* NULL: allowed */
    } cases[] = {
        {0, "model.padded_length: attention.count_padding needs it; give the padded length"},
        {499, "model.padded_length: attention.count_padding needs that of the longest sequence, "
              "500, or more"},
        {500, NULL},
    };
    for (int c = 0; c < 3; c++) {
        struct sbmt_arena arena = {0};
        struct sbmt_model_config config;
        struct sbmt_sbm_config options;
        struct sbmt_params params = {0};
        struct sbmt_error err = {0};
        const struct sbmt_model_shape shape = {
            .vocab = 3, .positions = 500, .classes = 2, .segments = 1};
        default_model(&config, &options, &arena);
        options.count_padding = true;
        config.padded_length = cases[c].length;
        struct sbmt_model *model = sbmt_model_create(&config, &shape, &params, &err);
        ck_assert_msg((model != NULL) == (cases[c].message == NULL), "%s", err.message);
        if (cases[c].message != NULL)
            ck_assert_str_eq(err.message, cases[c].message);
        sbmt_model_destroy(model);
        sbmt_params_finish(&params);
        sbmt_arena_finish(&arena);
    }
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {expected_edges_are_the_plain_sums, 6},
        {no_expected_edge_gives_zeros, 1},
        {a_full_random_graph_is_dense_attention, 2},
        {density_is_counted_over_pairs, 4},
        {padding_counts_where_it_is_asked_for, 2},
        {expected_is_for_evaluation_only, 1},
        {an_mlp_a_head_has_an_axis_of_heads, 1},
        {frozen_parameters_do_not_decay, 1},
        {cluster_vectors_have_the_length_that_is_documented, 1},
        {rules_between_options, (int)(sizeof rules / sizeof rules[0])},
        {padding_has_a_length_that_no_sequence_exceeds, 1},
    };
    return sbmt_suite_run_loops("sbm_options", tests, (int)(sizeof tests / sizeof tests[0]));
}
