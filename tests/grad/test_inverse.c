/* The iterated pseudo-inverse: against the plain iteration, and its gradients. */
#include <math.h>
#include <string.h>

#include "core/attention/inverse.h"
#include "core/kernels/gemm.h"
#include "tests/grad/gradient.h"
#include "tests/suite.h"

/* Room for several of the rows that are computed at once. */
enum { MOST = 70, WIDTH = 3 };

struct world {
    struct sbmt_inverse inverse;
    struct sbmt_arena saved, scratch;
    real a[MOST * MOST], x[MOST * WIDTH], w[MOST * WIDTH], y[MOST * WIDTH];
};

/* Positive rows of sum 1, well conditioned or nearly all alike. */
static void world_init(struct world *world, int size, int iterations, double diagonal)
{
    *world = (struct world){0};
    world->inverse = (struct sbmt_inverse){
        .size = size, .iterations = iterations, .width = WIDTH, .a = world->a};
    sbmt_gemm_init();
    gradient_fill(world->a, (size_t)(size * size), 0.5, 1);
    for (int i = 0; i < size; i++) {
        real *row = world->a + (size_t)(i * size), sum = 0;
        row[i] += diagonal;
        for (int j = 0; j < size; j++) {
            row[j] = exp(row[j]);
            sum += row[j];
        }
        for (int j = 0; j < size; j++)
            row[j] /= sum;
    }
    gradient_fill(world->x, (size_t)(size * WIDTH), 1, 2);
    gradient_fill(world->w, (size_t)(size * WIDTH), 1, 3);
}

static void world_finish(struct world *world)
{
    sbmt_arena_finish(&world->saved);
    sbmt_arena_finish(&world->scratch);
}

static void run(struct world *world)
{
    ck_assert(sbmt_inverse_forward(&world->inverse, sbmt_kernels_get(NULL, NULL), world->x,
                                   world->y, &world->saved, &world->scratch));
    ck_assert_uint_eq(world->scratch.used, 0);
}

static double loss(void *context)
{
    struct world *world = context;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(&world->saved);
    run(world);
    sbmt_arena_release(&world->saved, mark);
    return gradient_dot((size_t)(world->inverse.size * WIDTH), world->w, world->y);
}

/* z (n, n) ← ¼·z·(13·I − P·(15·I − P·(7·I − P))), P = a·z. */
static void plain_step(int n, const real *a, real *z)
{
    static real p[MOST * MOST], inner[MOST * MOST], outer[MOST * MOST];
    static const double diagonal[4] = {7, 15, 13, 0};
    const size_t size = (size_t)(n * n) * sizeof *z;
    sbmt_gemm(n, n, n, a, n, z, n, 0, p, n);
    memcpy(inner, p, size);
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < n * n; i++)
            inner[i] = (i % (n + 1) == 0 ? diagonal[k] : 0) - inner[i];
        sbmt_gemm(n, n, n, k < 2 ? p : z, n, inner, n, 0, outer, n);
        memcpy(inner, outer, size);
    }
    for (int i = 0; i < n * n; i++)
        z[i] = 0.25 * inner[i];
}

static void check_value(int size, int iterations, double diagonal)
{
    static struct world world;
    static real z[MOST * MOST];
    world_init(&world, size, iterations, diagonal);
    double largest = 0;
    for (int j = 0; j < size; j++) {
        double sum = 0;
        for (int i = 0; i < size; i++)
            sum += world.a[i * size + j];
        largest = fmax(largest, sum);
    }
    for (int i = 0; i < size * size; i++)
        z[i] = world.a[i % size * size + i / size] / largest;
    for (int k = 0; k < iterations; k++)
        plain_step(size, world.a, z);
    run(&world);
    for (int i = 0; i < size; i++)
        for (int c = 0; c < WIDTH; c++) {
            double expected = 0;
            for (int j = 0; j < size; j++)
                expected += z[i * size + j] * world.x[j * WIDTH + c];
            ck_assert_double_eq_tol(world.y[i * WIDTH + c], expected, 1e-9);
        }
    world_finish(&world);
}

START_TEST(the_plain_iteration)
{
    check_value(5, 6, 0);
    check_value(MOST, 6, 0);
    check_value(MOST, 1, 3);
    check_value(MOST, 2, 3);
    check_value(1, 3, 0);
}
END_TEST

/* After enough iterations A·y = x. */
START_TEST(it_converges_to_the_inverse)
{
    static struct world world;
    world_init(&world, MOST, 16, 6);
    run(&world);
    for (int i = 0; i < MOST; i++)
        for (int c = 0; c < WIDTH; c++) {
            double sum = 0;
            for (int j = 0; j < MOST; j++)
                sum += world.a[i * MOST + j] * world.y[j * WIDTH + c];
            ck_assert_double_eq_tol(sum, world.x[i * WIDTH + c], 1e-10);
        }
    world_finish(&world);
}
END_TEST

static void check_gradients(int size, int iterations, double diagonal)
{
    static struct world world;
    static real dx[MOST * WIDTH], da[MOST * MOST];
    world_init(&world, size, iterations, diagonal);
    run(&world);
    ck_assert(sbmt_inverse_backward(&world.inverse, world.w, dx, da, &world.scratch));
    ck_assert_uint_eq(world.scratch.used, 0);
    const struct gradient_problem problem = {loss, &world, 24};
    gradient_expect("x", &problem, (size_t)(size * WIDTH), world.x, dx);
    gradient_expect("a", &problem, (size_t)(size * size), world.a, da);
    world_finish(&world);
}

START_TEST(gradients)
{
    check_gradients(5, 6, 2);
    check_gradients(MOST, 3, 3);
    check_gradients(MOST, 6, 3);
    check_gradients(20, 1, 0);
}
END_TEST

SBMT_SUITE_MAIN("gradient_inverse", the_plain_iteration, it_converges_to_the_inverse, gradients)
