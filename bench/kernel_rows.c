/* Every kernel of the table on data in cache. */
#include "bench/kernel_bench.h"
#include "bench/stopwatch.h"

enum { COUNT = 1024, EDGES = 256, ROWS = 256, WIDEST = 128 };

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

static void random_bits(void *context)
{
    struct desk *desk = context;
    desk->set->random_bits((struct sbmt_rng_key){{1, 2}}, 3, 0, COUNT / 4, desk->bits);
}

static void sum(void *context)
{
    struct desk *desk = context;
    desk->sink += desk->set->sum(COUNT, desk->x);
}

static void dot(void *context)
{
    struct desk *desk = context;
    desk->sink += desk->set->dot(COUNT, desk->x, desk->y);
}

static void max(void *context)
{
    struct desk *desk = context;
    desk->sink += desk->set->max(COUNT, desk->x);
}

static void exp_sum(void *context)
{
    struct desk *desk = context;
    desk->sink += desk->set->exp_sum(COUNT, desk->z, 0.5F, 1); /* tends to a fixed point */
}

static void sigmoid(void *context)
{
    struct desk *desk = context;
    desk->set->sigmoid(COUNT, desk->z);
}

static void gelu(void *context)
{
    struct desk *desk = context;
    desk->set->gelu(COUNT, desk->x, desk->z);
}

static void gelu_backward(void *context)
{
    struct desk *desk = context;
    desk->set->gelu_backward(COUNT, desk->x, desk->y, desk->z);
}

static void dropout(void *context)
{
    struct desk *desk = context;
    desk->set->dropout(COUNT, desk->bits, 6554, 1, desk->z);
}

static void softmax_backward(void *context)
{
    struct desk *desk = context;
    desk->set->softmax_backward(COUNT, desk->x, desk->y, 0.1F, 0.2F, desk->z);
}

static void exponential(void *context)
{
    struct desk *desk = context;
    desk->set->exponential(COUNT, desk->bits, desk->z);
}

static void draw(void *context)
{
    struct desk *desk = context;
    int32_t columns[COUNT];
    desk->sink += (float)desk->set->draw(COUNT, desk->x, 0.25F, desk->bits, 0, columns);
}

static void gather_dot(void *context)
{
    struct desk *desk = context;
    desk->set->gather_dot(desk->d, EDGES, desk->columns, desk->x, desk->matrix, desk->d, 0.2F,
                          desk->z);
}

static void gather_add(void *context)
{
    struct desk *desk = context;
    desk->set->gather_add(desk->d, EDGES, desk->columns, desk->y, desk->matrix, desk->d, desk->z);
}

static void scatter_add(void *context)
{
    struct desk *desk = context;
    desk->set->scatter_add(desk->d, EDGES, desk->columns, desk->y, desk->x, desk->matrix, desk->d);
}

static void exchange(void *context)
{
    struct desk *desk = context;
    desk->set->exchange(desk->d, EDGES, desk->columns, desk->y, desk->x, desk->matrix, desk->z,
                        desk->other, desk->d);
}

/* A kernel, and its operations where that is a meaningful number: those of the products, not those
 * inside a function; for an element, or for an edge and a unit of d. */
static const struct {
    const char *name;
    void (*call)(void *context);
    bool has_d;
    double flops;
} kernels[] = {
    {"random_bits", random_bits, false, 0},
    {"sum", sum, false, 1},
    {"dot", dot, false, 2},
    {"max", max, false, 1},
    {"exp_sum", exp_sum, false, 0},
    {"sigmoid", sigmoid, false, 0},
    {"gelu", gelu, false, 0},
    {"gelu_backward", gelu_backward, false, 0},
    {"dropout", dropout, false, 1},
    {"softmax_backward", softmax_backward, false, 3},
    {"exponential", exponential, false, 0},
    {"draw", draw, false, 0},
    {"gather_dot", gather_dot, true, 2},
    {"gather_add", gather_add, true, 2},
    {"scatter_add", scatter_add, true, 2},
    {"exchange", exchange, true, 4},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

/* A table has a name and kernels, nothing else: a kernel that is not measured is a compile error.
 */
_Static_assert(sizeof(struct sbmt_kernels) == sizeof(char *) + KERNELS * sizeof(void (*)(void)),
               "a kernel has no row in the table of measurements");

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

static void measure(const struct sbmt_kernel_bench *bench, int kernel, int d, struct desk *desk)
{
    fill(desk);
    desk->d = d;
    const int count = d > 0 ? EDGES : COUNT;
    const double each = 1e9 * sbmt_stopwatch_call(kernels[kernel].call, desk) / count;
    const struct sbmt_kernel_row row = {
        .name = kernels[kernel].name,
        .d = d,
        .n = count,
        .density = -1,
        .unit = d > 0 ? "edge" : "element",
        .nanoseconds = each,
        .gflops = kernels[kernel].flops * (d > 0 ? d : 1) / each,
    };
    bench->report(bench->context, &row);
}

bool sbmt_bench_table(const struct sbmt_kernel_bench *bench, struct sbmt_error *err)
{
    static const int widths[] = {32, 64, WIDEST};
    const struct sbmt_arena_mark mark = sbmt_arena_mark(bench->arena);
    struct desk *desk = sbmt_arena_zalloc(bench->arena, 1, sizeof *desk);
    if (desk == NULL)
        return sbmt_arena_check(bench->arena, "kernels", err);
    desk->set = bench->kernels;
    for (int k = 0; k < KERNELS; k++) {
        if (!kernels[k].has_d)
            measure(bench, k, 0, desk);
        for (size_t w = 0; kernels[k].has_d && w < sizeof widths / sizeof widths[0]; w++)
            measure(bench, k, widths[w], desk);
    }
    sbmt_arena_release(bench->arena, mark);
    return true;
}
