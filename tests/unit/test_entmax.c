/* α-entmax attention against weights by bisection in double: rows with ties, with one key far above
 * the others, with nearly all keys in the support, long ones. */
#include <math.h>
#include <string.h>

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"
#include "core/nn/dropout.h"
#include "tests/suite.h"

enum { D = 4, STRIDE = 7, MOST = 700 };

struct world {
    const struct sbmt_attention_ops *ops;
    double epsilon; /* α − 1 */
    double dropout;
    int n;
    real q[MOST * STRIDE], k[MOST * STRIDE], v[MOST * STRIDE], out[MOST * STRIDE];
    void *config, *state;
    struct sbmt_params params;
    struct sbmt_arena options, saved, scratch;
    struct sbmt_stats stats;
};

static const struct {
    const char *kind;
    double epsilon;
} kinds[] = {{"sparsemax", 1},
             {"entmax15", 0.5},
             {"alpha-entmax", 0.5},
             {"alpha-entmax", 0.125},
             {"alpha-entmax", 0.875}};

static void world_init(struct world *world, int kind)
{
    struct sbmt_error err = {0};
    memset(world, 0, sizeof *world);
    world->epsilon = kinds[kind].epsilon;
    world->ops = sbmt_attention_at(sbmt_variant_find(sbmt_attention_variant, kinds[kind].kind));
    ck_assert_ptr_nonnull(world->ops);
    world->config = sbmt_arena_zalloc(&world->options, 1, world->ops->variant.config_size + 1);
    world->state = sbmt_arena_zalloc(&world->options, 1, world->ops->state_size + 1);
    if (world->ops->variant.fields != NULL)
        sbmt_fields_defaults(world->ops->variant.fields, world->config, &world->options);
    const struct sbmt_attention_shape shape = {1, D, MOST};
    if (world->ops->init != NULL)
        ck_assert(world->ops->init(world->config, &shape, "", &world->params, world->state, &err));
    ck_assert(sbmt_params_seal(&world->params, 1, &err));
    if (world->params.size > 0)
        world->params.value[0] = SBMT_R(log(world->epsilon / (1 - world->epsilon)));
}

static void world_finish(struct world *world)
{
    sbmt_params_finish(&world->params);
    sbmt_arena_finish(&world->options);
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

static void fill(real *x, int n, double deviation, uint32_t row)
{
    for (int i = 0; i < n * STRIDE; i++)
        x[i] = SBMT_R(deviation * sbmt_rng_normal((struct sbmt_rng_key){{5, 6}}, row, (uint32_t)i));
}

static struct sbmt_pass pass_of(struct world *world)
{
    return (struct sbmt_pass){
        .kernels = sbmt_kernels_get(NULL, NULL),
        .value = world->params.value,
        .saved = &world->saved,
        .scratch = &world->scratch,
        .stats = &world->stats,
        .seed = 11,
        .training = world->dropout > 0,
    };
}

static void forward(struct world *world)
{
    struct sbmt_error err = {0};
    const struct sbmt_head head = {
        .n = world->n,
        .d = D,
        .stride = STRIDE,
        .q = world->q,
        .k = world->k,
        .v = world->v,
        .dropout = world->dropout,
    };
    struct sbmt_pass pass = pass_of(world);
    void *saved;
    ck_assert_msg(
        world->ops->forward(world->config, world->state, &head, &pass, &saved, world->out, &err),
        "%s", err.message);
    ck_assert_uint_eq(world->scratch.used, 0);
}

/* Weights of row i; returns how many are above 0. */
static int weigh(const struct world *world, int i, double *weight)
{
    const double power = 1 / world->epsilon;
    double largest = -INFINITY, low, high;
    for (int j = 0; j < world->n; j++) {
        weight[j] = 0;
        for (int t = 0; t < D; t++)
            weight[j] += (double)world->q[i * STRIDE + t] * (double)world->k[j * STRIDE + t];
        weight[j] *= world->epsilon / sqrt(D);
        largest = fmax(largest, weight[j]);
    }
    low = largest - 1;
    high = largest;
    for (int round = 0; round < 80; round++) {
        const double middle = (low + high) / 2;
        double sum = 0;
        for (int j = 0; j < world->n; j++)
            sum += pow(fmax(weight[j] - middle, 0), power);
        *(sum >= 1 ? &low : &high) = middle;
    }
    int support = 0;
    for (int j = 0; j < world->n; j++) {
        weight[j] = pow(fmax(weight[j] - low, 0), power);
        support += weight[j] > 0;
    }
    return support;
}

/* The pair (i, j) has half-word j of row i. */
static void drop(struct world *world, int i, double *weight)
{
    const struct sbmt_dropout dropout = sbmt_dropout_make(world->dropout);
    const struct sbmt_pass pass = pass_of(world);
    const struct sbmt_rng_key key = sbmt_pass_key(&pass, SBMT_RNG_ATTENTION, 0);
    for (int j = 0; j < world->n; j++) {
        const uint32_t word = sbmt_rng_bits(key, (uint32_t)i, (uint32_t)j / 2);
        weight[j] *= (word >> 16 * (j % 2) & 0xFFFFU) < dropout.threshold ? 0
                                                                          : (double)dropout.scale;
    }
}

/* Roundings of scores of up to 40 are 1e-6 of a weight, and those of weights are 6e-8/ε. */
static void compare(struct world *world, const char *what)
{
    static double weight[MOST];
    double support = 0;
    forward(world);
    const int step = 1 + world->n / 100; /* some rows of long heads */
    for (int i = 0; i < world->n; i += step) {
        support += weigh(world, i, weight);
        if (world->dropout > 0)
            drop(world, i, weight);
        for (int t = 0; t < D; t++) {
            double exact = 0;
            for (int j = 0; j < world->n; j++)
                exact += weight[j] * (double)world->v[j * STRIDE + t];
            const double found = (double)world->out[i * STRIDE + t];
            ck_assert_msg(fabs(found - exact) < 2e-5,
                          "%s, epsilon %g, n = %d: row %d has %g not %g", what, world->epsilon,
                          world->n, i, found, exact);
        }
    }
    /* A weight at the edge of the support may be a rounding error above 0 or not. */
    if (step == 1)
        ck_assert_double_eq_tol(world->stats.edges, support, 2 + 1e-3 * support);
    ck_assert_double_eq_tol(world->stats.density,
                            world->stats.edges / ((double)world->n * world->n), 1e-12);
}

START_TEST(weights_are_those_of_the_definition)
{
    static const int lengths[] = {1, 2, 31, 32, 33, 65, 200, 699};
    static const double deviations[] = {0.02, 0.3, 1, 2.5};
    static struct world world;
    for (int n = 0; n < 8; n++)
        for (int i = 0; i < 4; i++) {
            world_init(&world, _i);
            world.n = lengths[n];
            fill(world.q, world.n, deviations[i], 1);
            fill(world.k, world.n, deviations[i], 2);
            fill(world.v, world.n, 1, 3);
            compare(&world, "normal scores");
            world_finish(&world);
        }
}
END_TEST

/* Supports of a few keys, whose random numbers are drawn one by one, and of most keys. */
START_TEST(dropout_is_by_pairs)
{
    static const double deviations[] = {0.05, 1, 4};
    static struct world world;
    for (int i = 0; i < 3; i++) {
        world_init(&world, _i);
        world.n = 331;
        world.dropout = 0.3;
        fill(world.q, world.n, deviations[i], 1);
        fill(world.k, world.n, deviations[i], 2);
        fill(world.v, world.n, 1, 3);
        compare(&world, "dropout");
        world_finish(&world);
    }
}
END_TEST

/* Equal keys share alike, whichever there are. */
START_TEST(ties_share_alike)
{
    static struct world world;
    world_init(&world, _i);
    world.n = 96;
    fill(world.q, world.n, 1, 1);
    fill(world.k, world.n, 1, 2);
    fill(world.v, world.n, 1, 3);
    for (int j = 1; j < world.n; j++)
        memcpy(world.k + j * STRIDE, world.k + j % 3 * STRIDE, D * sizeof(real));
    compare(&world, "three keys");
    memset(&world.stats, 0, sizeof world.stats);
    for (int j = 1; j < world.n; j++)
        memcpy(world.k + j * STRIDE, world.k, D * sizeof(real));
    compare(&world, "one key");
    ck_assert_double_eq(world.stats.edges, 96 * 96);
    world_finish(&world);
}
END_TEST

/* A model that has diverged must not look sound, and other rows are not its business. */
START_TEST(what_is_no_number_stays_none)
{
    static struct world world;
    world_init(&world, _i);
    world.n = 40;
    fill(world.q, world.n, 1, 1);
    fill(world.k, world.n, 1, 2);
    fill(world.v, world.n, 1, 3);
    world.q[3 * STRIDE + 1] = SBMT_R(NAN);
    world.q[9 * STRIDE + 2] = SBMT_R(INFINITY);
    forward(&world);
    for (int i = 0; i < world.n; i++)
        for (int t = 0; t < D; t++)
            ck_assert(isnan(world.out[i * STRIDE + t]) == (i == 3 || i == 9));
    world_finish(&world);
}
END_TEST

int main(void)
{
    enum { KINDS = sizeof kinds / sizeof kinds[0] };
    const struct sbmt_suite_loop tests[] = {
        {weights_are_those_of_the_definition, KINDS},
        {dropout_is_by_pairs, KINDS},
        {ties_share_alike, KINDS},
        {what_is_no_number_stays_none, KINDS},
    };
    return sbmt_suite_run_loops("entmax", tests, (int)(sizeof tests / sizeof tests[0]));
}
