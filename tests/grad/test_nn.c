/* Gradients of the layers of core/nn, and that forward and backward touch what they say. */
#include <math.h>
#include <string.h>

#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"
#include "core/nn/activation.h"
#include "core/nn/conv.h"
#include "core/nn/dropout.h"
#include "core/nn/embedding.h"
#include "core/nn/layernorm.h"
#include "core/nn/linear.h"
#include "core/nn/loss.h"
#include "core/nn/pool.h"
#include "tests/grad/gradient.h"
#include "tests/suite.h"

/* Room for the largest of the small problems here. */
enum { ROOM = 128 };

static const struct sbmt_kernels *kernels(void)
{
    return sbmt_kernels_get(NULL, NULL);
}

/* A linear layer with rows further apart than they are long. */
struct linear_world {
    struct sbmt_linear linear;
    int x_stride, y_stride;
    real weight[ROOM], bias[ROOM], x[ROOM], w[ROOM];
};

static double linear_loss(void *context)
{
    const struct linear_world *world = context;
    real y[ROOM];
    for (int i = 0; i < ROOM; i++)
        y[i] = NAN; /* nothing of what was there may remain */
    sbmt_linear_forward(&world->linear, world->x, world->x_stride, y, world->y_stride);
    double total = 0;
    for (int i = 0; i < world->linear.n; i++) {
        const int at = i * world->y_stride;
        total += gradient_dot((size_t)world->linear.outputs, world->w + at, y + at);
        for (int j = world->linear.outputs; j < world->y_stride; j++)
            ck_assert(isnan(y[at + j]));
    }
    return total;
}

static void make_linear(struct linear_world *world, bool with_bias)
{
    *world = (struct linear_world){.x_stride = 5, .y_stride = 7};
    world->linear = (struct sbmt_linear){5, 4, 6, world->weight, with_bias ? world->bias : NULL};
    gradient_fill(world->weight, 24, 0.5, 1);
    gradient_fill(world->bias, 6, 0.5, 2);
    gradient_fill(world->x, 25, 1, 3);
    gradient_fill(world->w, 35, 1, 4);
}

/* dx has the start value `before` everywhere; the gap between its rows must keep it. */
static void check_linear(bool with_bias, real keep, real before)
{
    struct linear_world world;
    make_linear(&world, with_bias);
    real dx[ROOM], dweight[ROOM], dbias[ROOM];
    for (int i = 0; i < ROOM; i++) {
        dx[i] = before;
        dweight[i] = dbias[i] = 2;
    }
    sbmt_linear_backward(&world.linear, world.x, 5, world.w, 7, keep, dx, 5, dweight,
                         with_bias ? dbias : NULL);
    for (int i = 0; i < 25; i++) {
        if (i % 5 == 4)
            ck_assert(isnan(before) ? isnan(dx[i]) : dx[i] == before);
        dx[i] = i % 5 == 4 ? 0 : keep != 0 ? dx[i] - before : dx[i];
        dweight[i] -= 2;
        dbias[i] -= 2;
    }
    const struct gradient_problem problem = {.loss = linear_loss, .context = &world};
    gradient_expect("x", &problem, 25, world.x, dx);
    gradient_expect("weight", &problem, 24, world.weight, dweight);
    if (with_bias)
        gradient_expect("bias", &problem, 6, world.bias, dbias);
    else
        ck_assert(dbias[0] == 0);
}

START_TEST(linear)
{
    sbmt_gemm_init();
    check_linear(true, 0, NAN);
    check_linear(true, 1, 3);
    check_linear(false, 0, NAN);
    check_linear(false, 1, 3);
}
END_TEST

START_TEST(linear_without_input_gradient)
{
    struct linear_world world;
    make_linear(&world, true);
    real dweight[ROOM] = {0}, dbias[ROOM] = {0};
    sbmt_linear_backward(&world.linear, world.x, 5, world.w, 7, 0, NULL, 0, dweight, dbias);
    const struct gradient_problem problem = {.loss = linear_loss, .context = &world};
    gradient_expect("weight", &problem, 24, world.weight, dweight);
}
END_TEST

struct norm_world {
    int n, d;
    bool in_place;
    real x[ROOM], weight[ROOM], bias[ROOM], w[ROOM], normal[ROOM], rate[ROOM];
};

static double norm_loss(void *context)
{
    struct norm_world *world = context;
    real y[ROOM];
    memcpy(y, world->x, sizeof y);
    sbmt_layernorm_forward(kernels(), world->n, world->d, 1e-5, world->in_place ? y : world->x,
                           world->weight, world->bias, y, world->normal, world->rate);
    return gradient_dot((size_t)(world->n * world->d), world->w, y);
}

static void check_norm(int n, int d, bool in_place)
{
    struct norm_world world = {.n = n, .d = d, .in_place = in_place};
    const size_t count = (size_t)(n * d);
    gradient_fill(world.x, count, 1.5, 1);
    gradient_fill(world.weight, (size_t)d, 1, 2);
    gradient_fill(world.bias, (size_t)d, 1, 3);
    gradient_fill(world.w, count, 1, 4);
    real dx[ROOM], dweight[ROOM] = {0}, dbias[ROOM] = {0};
    for (int i = 0; i < ROOM; i++)
        dx[i] = 5;
    norm_loss(&world);
    sbmt_layernorm_backward(kernels(), n, d, world.normal, world.rate, world.weight, world.w, dx,
                            dweight, dbias);
    for (int i = 0; i < ROOM; i++)
        dx[i] -= 5;
    const struct gradient_problem problem = {.loss = norm_loss, .context = &world};
    gradient_expect("x", &problem, count, world.x, dx);
    gradient_expect("weight", &problem, (size_t)d, world.weight, dweight);
    gradient_expect("bias", &problem, (size_t)d, world.bias, dbias);
}

START_TEST(layernorm)
{
    check_norm(5, 7, false);
    check_norm(5, 7, true);
    check_norm(3, 32, false);
}
END_TEST

/* Elementwise functions: tanh, and the activations of feed-forward blocks. */
struct element_world {
    int count;
    bool tanh;
    enum sbmt_activation activation;
    real x[ROOM], w[ROOM];
};

static double element_loss(void *context)
{
    const struct element_world *world = context;
    real y[ROOM];
    memcpy(y, world->x, sizeof y);
    if (world->tanh)
        sbmt_tanh_forward((size_t)world->count, y);
    else
        sbmt_activation_forward(kernels(), world->activation, world->count, world->x, y);
    return gradient_dot((size_t)world->count, world->w, y);
}

START_TEST(activations)
{
    for (int activation = 0; activation <= SBMT_ACTIVATION_RELU; activation++) {
        struct element_world world = {.count = 60, .activation = (enum sbmt_activation)activation};
        gradient_fill(world.x, 60, 2, 1);
        gradient_fill(world.w, 60, 1, 2);
        real dx[ROOM];
        memcpy(dx, world.w, sizeof dx);
        sbmt_activation_backward(kernels(), world.activation, 60, world.x, dx, dx);
        const struct gradient_problem problem = {.loss = element_loss, .context = &world};
        gradient_expect("x", &problem, 60, world.x, dx);
    }
}
END_TEST

/* More numbers than kernels take at once, and not a multiple of that: each is the one by itself. */
START_TEST(activations_of_many)
{
    enum { MANY = (1 << 20) + 17 };
    real *x = malloc(MANY * sizeof *x), *y = malloc(MANY * sizeof *y),
         *dx = malloc(MANY * sizeof *dx);
    ck_assert(x != NULL && y != NULL && dx != NULL);
    for (int i = 0; i < MANY; i++) {
        x[i] = SBMT_R(i % 7) - 3;
        dx[i] = 1;
    }
    sbmt_activation_forward(kernels(), SBMT_ACTIVATION_GELU, MANY, x, y);
    sbmt_activation_backward(kernels(), SBMT_ACTIVATION_GELU, MANY, x, dx, dx);
    int wrong = 0;
    for (int i = 7; i < MANY; i++)
        wrong += y[i] != y[i % 7] || dx[i] != dx[i % 7];
    ck_assert_int_eq(wrong, 0);
    free(x);
    free(y);
    free(dx);
}
END_TEST

START_TEST(hyperbolic_tangent)
{
    struct element_world world = {.count = 60, .tanh = true};
    gradient_fill(world.x, 60, 2, 1);
    gradient_fill(world.w, 60, 1, 2);
    real y[ROOM], dx[ROOM];
    memcpy(y, world.x, sizeof y);
    memcpy(dx, world.w, sizeof dx);
    sbmt_tanh_forward(60, y);
    sbmt_tanh_backward(60, y, dx);
    const struct gradient_problem problem = {.loss = element_loss, .context = &world};
    gradient_expect("x", &problem, 60, world.x, dx);
}
END_TEST

/* Tokens that repeat add their rows' gradients up. */
static const int32_t tokens[6] = {2, 0, 2, 4, 2, 0};

struct embedding_world {
    real words[ROOM], positions[ROOM], w[ROOM];
};

static double embedding_loss(void *context)
{
    const struct embedding_world *world = context;
    real x[ROOM] = {0};
    sbmt_embedding_forward(6, 4, tokens, world->words, x);
    sbmt_embedding_forward(6, 4, NULL, world->positions, x);
    return gradient_dot(24, world->w, x);
}

START_TEST(embedding)
{
    struct embedding_world world;
    gradient_fill(world.words, 20, 1, 1);
    gradient_fill(world.positions, 32, 1, 2);
    gradient_fill(world.w, 24, 1, 3);
    real dwords[ROOM] = {0}, dpositions[ROOM] = {0};
    sbmt_embedding_backward(6, 4, tokens, world.w, dwords);
    sbmt_embedding_backward(6, 4, NULL, world.w, dpositions);
    const struct gradient_problem problem = {.loss = embedding_loss, .context = &world};
    gradient_expect("words", &problem, 20, world.words, dwords);
    gradient_expect("positions", &problem, 32, world.positions, dpositions);
}
END_TEST

struct dropout_world {
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key;
    struct sbmt_arena scratch;
    real x[ROOM], w[ROOM];
};

/* (6, 11) with rows 13 apart. */
static double dropout_loss(void *context)
{
    struct dropout_world *world = context;
    real y[ROOM];
    memcpy(y, world->x, sizeof y);
    ck_assert(
        sbmt_dropout_apply(kernels(), world->dropout, world->key, 6, 11, y, 13, &world->scratch));
    for (int i = 0; i < 78; i++)
        if (i % 13 >= 11)
            ck_assert(y[i] == world->x[i]);
    return gradient_dot(78, world->w, y);
}

START_TEST(dropout)
{
    struct dropout_world world = {.dropout = sbmt_dropout_make(0.3), .key = {{5, 6}}};
    gradient_fill(world.x, 78, 1, 1);
    gradient_fill(world.w, 78, 1, 2);
    real dx[ROOM];
    memcpy(dx, world.w, sizeof dx);
    ck_assert(
        sbmt_dropout_apply(kernels(), world.dropout, world.key, 6, 11, dx, 13, &world.scratch));
    const struct gradient_problem problem = {.loss = dropout_loss, .context = &world};
    gradient_expect("x", &problem, 78, world.x, dx);
    ck_assert_uint_eq(world.scratch.used, 0);
    sbmt_arena_finish(&world.scratch);
}
END_TEST

/* The share of zeros is the rate, to five standard errors; what remains keeps the mean. */
START_TEST(dropout_rate)
{
    static real x[400 * 251];
    struct sbmt_arena scratch = {0};
    const struct sbmt_dropout rate = sbmt_dropout_make(0.1);
    ck_assert_double_eq_tol(rate.threshold / 65536.0, 0.1, 1e-5);
    ck_assert_double_eq_tol(rate.scale * (1 - rate.threshold / 65536.0), 1, 1e-15);
    for (int i = 0; i < 400 * 251; i++)
        x[i] = 1;
    ck_assert(sbmt_dropout_apply(kernels(), rate, (struct sbmt_rng_key){{1, 2}}, 400, 251, x, 251,
                                 &scratch));
    int zeros = 0;
    for (int i = 0; i < 400 * 251; i++) {
        ck_assert(x[i] == 0 || x[i] == rate.scale);
        zeros += x[i] == 0;
    }
    const double expected = 0.1 * 400 * 251;
    ck_assert_double_lt(fabs(zeros - expected), 5 * sqrt(0.9 * expected));
    ck_assert_uint_eq(sbmt_dropout_make(0).threshold, 0);
    sbmt_arena_finish(&scratch);
}
END_TEST

/* Channels 3 wide in rows of x and y that are wider; a filter each, or one for all. */
struct conv_world {
    struct sbmt_conv conv;
    struct sbmt_arena scratch;
    real filter[ROOM], x[ROOM], w[ROOM];
};

enum { CONV_CHANNELS = 3, CONV_X = 5, CONV_Y = 4 };

static double conv_loss(void *context)
{
    struct conv_world *world = context;
    const int n = world->conv.n;
    real y[ROOM];
    for (int i = 0; i < ROOM; i++)
        y[i] = 7; /* which is added to, between the rows not even that */
    ck_assert(
        sbmt_conv_forward(&world->conv, kernels(), world->x, CONV_X, y, CONV_Y, &world->scratch));
    for (int i = 0; i < ROOM; i++) {
        if (i >= n * CONV_Y || i % CONV_Y >= CONV_CHANNELS)
            ck_assert(y[i] == 7);
        y[i] -= 7;
    }
    return gradient_dot((size_t)(n * CONV_Y), world->w, y);
}

/* What is between the rows of x is not read, and not written in dx. */
static void check_conv(int n, int width, bool shared)
{
    struct conv_world world = {.conv = {n, CONV_CHANNELS, width, world.filter, shared ? 0 : width}};
    const size_t filters = (size_t)(shared ? width : CONV_CHANNELS * width);
    gradient_fill(world.filter, filters, 1, 1);
    gradient_fill(world.x, (size_t)(n * CONV_X), 1, 2);
    gradient_fill(world.w, (size_t)(n * CONV_Y), 1, 3);
    real dx[ROOM] = {0}, dfilter[ROOM] = {0};
    dx[0] = dfilter[0] = 2;
    ck_assert(sbmt_conv_backward(&world.conv, kernels(), world.x, CONV_X, world.w, CONV_Y, dx,
                                 dfilter, &world.scratch));
    dx[0] -= 2;
    dfilter[0] -= 2;
    ck_assert_uint_eq(world.scratch.used, 0);
    const struct gradient_problem problem = {.loss = conv_loss, .context = &world};
    gradient_expect("x", &problem, (size_t)(n * CONV_X), world.x, dx);
    gradient_expect("filter", &problem, filters, world.filter, dfilter);
    sbmt_arena_finish(&world.scratch);
}

/* Less and more than a block, filters that reach beyond both ends, a single token. */
START_TEST(conv)
{
    for (int shared = 0; shared < 2; shared++) {
        check_conv(21, 5, shared);
        check_conv(16, 1, shared);
        check_conv(4, 13, shared);
        check_conv(1, 3, shared);
    }
}
END_TEST

struct pool_world {
    int count;
    real divisor, x[ROOM], w[ROOM];
};

static double pool_loss(void *context)
{
    const struct pool_world *world = context;
    real out[ROOM];
    sbmt_pool_forward(world->count, 5, world->divisor, world->x, out);
    return gradient_dot(5, world->w, out);
}

START_TEST(pooling)
{
    static const struct {
        const char *name;
        int count;
        double divisor;
    } cases[] = {{"mean", 7, 7}, {"first token", 1, 1}, {"padded", 7, 20}};
    for (int c = 0; c < 3; c++) {
        struct pool_world world = {.count = cases[c].count, .divisor = cases[c].divisor};
        gradient_fill(world.x, 35, 1, 1);
        gradient_fill(world.w, 5, 1, 2);
        real dx[ROOM];
        for (int i = 0; i < ROOM; i++)
            dx[i] = NAN;
        sbmt_pool_backward(7, world.count, 5, world.divisor, world.w, dx);
        ck_assert(isnan(dx[35]));
        const struct gradient_problem problem = {.loss = pool_loss, .context = &world};
        gradient_expect(cases[c].name, &problem, 35, world.x, dx);
    }
}
END_TEST

static double cross_entropy_loss(void *context)
{
    return 3 * sbmt_cross_entropy(6, context, 4, 1, NULL);
}

START_TEST(cross_entropy)
{
    real logits[6], dlogits[6];
    gradient_fill(logits, 6, 2, 1);
    const double loss = sbmt_cross_entropy(6, logits, 4, 3, dlogits);
    double total = 0;
    for (int c = 0; c < 6; c++)
        total += exp(logits[c]);
    ck_assert_double_eq_tol(loss, log(total) - logits[4], 1e-12);
    const struct gradient_problem problem = {.loss = cross_entropy_loss, .context = logits};
    gradient_expect("logits", &problem, 6, logits, dlogits);
}
END_TEST

START_TEST(cross_entropy_of_huge_logits)
{
    const real logits[3] = {1e4, -1e4, 1e4};
    real dlogits[3];
    ck_assert_double_eq_tol(sbmt_cross_entropy(3, logits, 0, 1, dlogits), log(2), 1e-9);
    ck_assert_double_eq_tol(dlogits[0], -0.5, 1e-12);
    ck_assert_double_eq_tol(sbmt_cross_entropy(3, logits, 1, 1, NULL), 2e4 + log(2), 1e-9);
    ck_assert_int_eq(sbmt_argmax(3, logits), 0);
}
END_TEST

SBMT_SUITE_MAIN("gradient_nn", linear, linear_without_input_gradient, layernorm, activations,
                activations_of_many, hyperbolic_tangent, embedding, dropout, dropout_rate, conv,
                pooling, cross_entropy, cross_entropy_of_huge_logits)
