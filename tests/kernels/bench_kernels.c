/* How fast each kernel is: the least time of a call on data in cache. */
#include <stdio.h>
#include <time.h>

#include "tests/kernels/checks.h"

enum { COUNT = 1024, EDGES = 256, ROWS = 256, WIDEST = 128, ROUNDS = 20 };

/* What the calls work on. */
struct desk {
    const struct sbmt_kernels *set;
    int d;
    float x[COUNT], y[COUNT], z[COUNT];
    float matrix[ROWS * WIDEST], other[ROWS * WIDEST];
    uint32_t bits[COUNT];
    int32_t columns[COUNT];
    float sink;
};

static void bench_random_bits(struct desk *desk)
{
    desk->set->random_bits((struct sbmt_rng_key){{1, 2}}, 3, 0, COUNT / 4, desk->bits);
}

static void bench_sum(struct desk *desk)
{
    desk->sink += desk->set->sum(COUNT, desk->x);
}

static void bench_dot(struct desk *desk)
{
    desk->sink += desk->set->dot(COUNT, desk->x, desk->y);
}

static void bench_max(struct desk *desk)
{
    desk->sink += desk->set->max(COUNT, desk->x);
}

static void bench_exp_sum(struct desk *desk)
{
    desk->sink += desk->set->exp_sum(COUNT, desk->z, 0.5F, 1); /* tends to a fixed point */
}

static void bench_sigmoid(struct desk *desk)
{
    desk->set->sigmoid(COUNT, desk->z);
}

static void bench_gelu(struct desk *desk)
{
    desk->set->gelu(COUNT, desk->x, desk->z);
}

static void bench_gelu_backward(struct desk *desk)
{
    desk->set->gelu_backward(COUNT, desk->x, desk->y, desk->z);
}

static void bench_dropout(struct desk *desk)
{
    desk->set->dropout(COUNT, desk->bits, 6554, 1, desk->z);
}

static void bench_softmax_backward(struct desk *desk)
{
    desk->set->softmax_backward(COUNT, desk->x, desk->y, 0.1F, 0.2F, desk->z);
}

static void bench_exponential(struct desk *desk)
{
    desk->set->exponential(COUNT, desk->bits, desk->z);
}

static void bench_scan(struct desk *desk)
{
    int32_t columns[COUNT + 16], unsure[COUNT + 16];
    int unsure_count;
    desk->sink += (float)desk->set->scan(COUNT, desk->x, 0.1F, 0.25F, 0.25F, desk->bits, columns,
                                         unsure, &unsure_count);
}

/* As the scores of dense attention: 48 queries, 256 keys. */
static void bench_product(struct desk *desk)
{
    static float scores[48 * 272];
    desk->set->product(48, 256, desk->d, false, desk->matrix, desk->d, 1, desk->other, 272, scores,
                       272);
}

static void bench_product_turned(struct desk *desk)
{
    static float sums[256 * 64];
    desk->set->product(256, desk->d, 48, true, desk->matrix, 1, 256, desk->other, 64, sums, 64);
}

static void bench_gather_dot(struct desk *desk)
{
    desk->set->gather_dot(desk->d, EDGES, desk->columns, desk->x, desk->matrix, desk->d, 0.2F,
                          desk->z);
}

static void bench_gather_add(struct desk *desk)
{
    desk->set->gather_add(desk->d, EDGES, desk->columns, NULL, desk->y, desk->matrix, desk->d,
                          desk->z);
}

/* A call, and its floating-point operations where that is a meaningful number: those of the
 * products, not those inside a function. */
static const struct {
    const char *name;
    int d;
    void (*call)(struct desk *desk);
    double flops;
} points[] = {
    {"random_bits", 0, bench_random_bits, 0},
    {"sum", 0, bench_sum, COUNT},
    {"dot", 0, bench_dot, 2.0 * COUNT},
    {"max", 0, bench_max, COUNT},
    {"exp_sum", 0, bench_exp_sum, 0},
    {"sigmoid", 0, bench_sigmoid, 0},
    {"gelu", 0, bench_gelu, 0},
    {"gelu_backward", 0, bench_gelu_backward, 0},
    {"dropout", 0, bench_dropout, COUNT},
    {"softmax_backward", 0, bench_softmax_backward, 3.0 * COUNT},
    {"exponential", 0, bench_exponential, 0},
    {"scan", 0, bench_scan, 0},
    {"product", 32, bench_product, 2.0 * 48 * 256 * 32},
    {"product", 64, bench_product, 2.0 * 48 * 256 * 64},
    {"product turned", 32, bench_product_turned, 2.0 * 48 * 256 * 32},
    {"product turned", 64, bench_product_turned, 2.0 * 48 * 256 * 64},
    {"gather_dot", 32, bench_gather_dot, 2.0 * EDGES * 32},
    {"gather_dot", 64, bench_gather_dot, 2.0 * EDGES * 64},
    {"gather_dot", 128, bench_gather_dot, 2.0 * EDGES * 128},
    {"gather_add", 32, bench_gather_add, 2.0 * EDGES * 32},
    {"gather_add", 64, bench_gather_add, 2.0 * EDGES * 64},
    {"gather_add", 128, bench_gather_add, 2.0 * EDGES * 128},
};

static void fill(struct desk *desk)
{
    for (int i = 0; i < COUNT; i++) {
        desk->x[i] = (float)((i * 37) % 101) * 0.02F - 1;
        desk->y[i] = (float)((i * 53) % 97) * 0.02F - 1;
        desk->z[i] = 0;
        desk->bits[i] = (uint32_t)i * 2654435761U;
        desk->columns[i] = i * 97 % ROWS;
    }
    for (int i = 0; i < ROWS * WIDEST; i++)
        desk->matrix[i] = desk->other[i] = (float)((i * 29) % 103) * 0.02F - 1;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Nanoseconds of a call: the least of several rounds of at least a millisecond. */
static double least_time(struct desk *desk, void (*call)(struct desk *desk))
{
    double least = 1e300;
    int repeats = 1;
    for (int round = 0; round < ROUNDS;) {
        const double start = seconds();
        for (int i = 0; i < repeats; i++)
            call(desk);
        const double taken = seconds() - start;
        if (taken < 1e-3) {
            repeats *= 2;
            continue;
        }
        const double each = 1e9 * taken / repeats;
        least = each < least ? each : least;
        round++;
    }
    return least;
}

void bench_kernels(const char *name, const struct sbmt_kernels *set)
{
    static struct desk desk;
    desk.set = set;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        fill(&desk);
        desk.d = points[i].d;
        const double time = least_time(&desk, points[i].call);
        printf("%-18s %-17s", name, points[i].name);
        if (points[i].d > 0)
            printf(" d = %-4d", points[i].d);
        else
            printf(" n = %-4d", COUNT);
        printf(" %10.1f ns", time);
        if (points[i].flops > 0)
            printf(" %8.2f GFLOP/s", points[i].flops / time);
        printf("\n");
    }
}
