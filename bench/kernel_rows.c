/* Every kernel of the table on data in cache. */
#include <string.h>

#include "bench/kernel_bench.h"
#include "bench/stopwatch.h"

enum { COUNT = 1024, EDGES = 48, ROWS = 96, WIDEST = 128 };
enum { QUERIES = 48, KEYS = 128, TILE_WIDTH = KEYS + 16 };

/* What the calls work on. */
struct desk {
    const struct sbmt_kernels *set;
    int d;
    /* Where a model's tensors begin, too: at the beginning of a cache line. */
    _Alignas(64) float x[COUNT], y[COUNT], z[COUNT];
    _Alignas(64) float matrix[ROWS * WIDEST], other[TILE_WIDTH * WIDEST];
    _Alignas(64) float tile[QUERIES * TILE_WIDTH];
    uint32_t bits[COUNT];
    int32_t columns[COUNT];
    uint32_t turned[EDGES];
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

/* With an addition, for numbers above 0. */
static void logarithm(void *context)
{
    struct desk *desk = context;
    for (int i = 0; i < COUNT; i++)
        desk->z[i] = desk->x[i] + 1.5F;
    desk->set->log(COUNT, desk->z);
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

static void above(void *context)
{
    struct desk *desk = context;
    int32_t columns[COUNT + 16];
    desk->sink += (float)desk->set->above(COUNT, desk->x, 0.8F, columns);
}

static void rest_bounds(void *context)
{
    struct desk *desk = context;
    float bounds[3];
    desk->set->rest_bounds(COUNT, desk->x, desk->y, 0.1F, desk->matrix, desk->other, bounds);
    desk->sink += bounds[0];
}

static void scan(void *context)
{
    struct desk *desk = context;
    uint32_t edges[COUNT / 32];
    int32_t unsure[COUNT];
    int unsure_count;
    desk->sink += (float)desk->set->scan(COUNT, desk->x, 0.1F, 0.25F, 0.25F, desk->bits, edges,
                                         unsure, &unsure_count);
}

static void skip(void *context)
{
    struct desk *desk = context;
    int32_t columns[COUNT + 16];
    int at = -1;
    desk->sink += (float)desk->set->skip(COUNT, desk->y, 20, COUNT * COUNT, &at, columns);
}

/* A tenth of the candidates are unsure. */
static void thin(void *context)
{
    struct desk *desk = context;
    static const struct sbmt_thinning by = {.cap = 0.5F, .scale = 0.1F, .low = 0.2F, .high = 0.25F};
    int32_t columns[COUNT + 16], column[COUNT + 16], place[COUNT + 16];
    float level[COUNT + 16];
    struct sbmt_unsure unsure = {0, column, place, level};
    memcpy(columns, desk->columns, sizeof desk->columns);
    desk->sink += (float)desk->set->thin(COUNT, columns, desk->bits, desk->x, &by, &unsure);
}

static void set_bits(void *context)
{
    struct desk *desk = context;
    int32_t places[COUNT + 16];
    desk->sink += (float)desk->set->set_bits(COUNT / 32, desk->bits, 0, places);
}

static void collect(void *context)
{
    struct desk *desk = context;
    float out[COUNT + 16];
    desk->sink += (float)desk->set->collect(COUNT / 32, desk->bits, 0.5F, desk->x, out);
}

static void spread(void *context)
{
    struct desk *desk = context;
    desk->set->spread(COUNT / 32, desk->bits, desk->x, desk->tile);
}

static void keep(void *context)
{
    struct desk *desk = context;
    desk->sink += desk->set->keep(COUNT / 32, desk->bits, 0, desk->tile);
}

static void turn_bits(void *context)
{
    struct desk *desk = context;
    int32_t next[EDGES] = {0};
    uint32_t turned[COUNT + 16];
    int begin[COUNT / 32 + 1];
    desk->set->turn_bits(32, COUNT / 32, desk->bits, 1, next, begin, turned);
    desk->sink += (float)begin[COUNT / 32];
}

/* As the scores of dense attention: a tile of queries and one of keys, keys by columns. */
static void product(void *context)
{
    struct desk *desk = context;
    desk->set->product(QUERIES, KEYS, desk->d, false, desk->matrix, desk->d, 1, desk->other,
                       TILE_WIDTH, desk->tile, TILE_WIDTH);
}

static void butterfly(void *context)
{
    struct desk *desk = context;
    desk->set->butterfly(COUNT / 4, COUNT / 4, desk->x, desk->y, desk->z, desk->tile, desk->other);
}

/* As its gradient for the keys. */
static void product_turned(void *context)
{
    struct desk *desk = context;
    desk->set->product(KEYS, desk->d, QUERIES, true, desk->tile, 1, TILE_WIDTH, desk->matrix,
                       desk->d, desk->other, desk->d);
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

static void gather_add_turned(void *context)
{
    struct desk *desk = context;
    desk->set->gather_add_turned(desk->d, EDGES, desk->turned, desk->y, desk->matrix, desk->d,
                                 desk->z);
}

/* What a row is counted by: elements, or edges or pairs of d columns. */
enum unit { ELEMENTS, AN_EDGE, A_PAIR };

static const char *const unit_names[] = {"element", "edge", "pair"};
static const int unit_counts[] = {COUNT, EDGES, QUERIES *KEYS};

/* A kernel, and its operations where that is a meaningful number: those of the products, not those
 * inside a function; for an element, or for an edge or pair and a unit of d. */
static const struct {
    const char *name;
    void (*call)(void *context);
    enum unit unit;
    double flops;
} kernels[] = {
    {"random_bits", random_bits, ELEMENTS, 0},
    {"sum", sum, ELEMENTS, 1},
    {"dot", dot, ELEMENTS, 2},
    {"max", max, ELEMENTS, 1},
    {"exp_sum", exp_sum, ELEMENTS, 0},
    {"log", logarithm, ELEMENTS, 0},
    {"sigmoid", sigmoid, ELEMENTS, 0},
    {"gelu", gelu, ELEMENTS, 0},
    {"gelu_backward", gelu_backward, ELEMENTS, 0},
    {"dropout", dropout, ELEMENTS, 1},
    {"softmax_backward", softmax_backward, ELEMENTS, 3},
    {"exponential", exponential, ELEMENTS, 0},
    {"above", above, ELEMENTS, 0},
    {"rest_bounds", rest_bounds, ELEMENTS, 0},
    {"scan", scan, ELEMENTS, 0},
    {"skip", skip, ELEMENTS, 0},
    {"thin", thin, ELEMENTS, 0},
    {"set_bits", set_bits, ELEMENTS, 0},
    {"collect", collect, ELEMENTS, 0},
    {"spread", spread, ELEMENTS, 0},
    {"keep", keep, ELEMENTS, 0},
    {"turn_bits", turn_bits, ELEMENTS, 0},
    {"product", product, A_PAIR, 2},
    {"butterfly", butterfly, ELEMENTS, 8.5},
    {"gather_dot", gather_dot, AN_EDGE, 2},
    {"gather_add", gather_add, AN_EDGE, 2},
    {"gather_add_turned", gather_add_turned, AN_EDGE, 2},
    {"product, turned", product_turned, A_PAIR, 2},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0], TWICE = 1 };

/* A table has a name and kernels, nothing else: a kernel that is not measured is a compile error.
 */
_Static_assert(sizeof(struct sbmt_kernels) ==
                   sizeof(char *) + (KERNELS - TWICE) * sizeof(void (*)(void)),
               "a kernel has no row in the table of measurements");

static void fill(struct desk *desk)
{
    for (int i = 0; i < COUNT; i++) {
        desk->x[i] = (float)((i * 37) % 101) * 0.02F - 1;
        desk->y[i] = (float)((i * 53) % 97) * 0.02F - 1;
        desk->z[i] = 0;
        desk->bits[i] = (uint32_t)i * 2654435761U;
        desk->columns[i] = 2 * i % ROWS;
    }
    for (int e = 0; e < EDGES; e++)
        desk->turned[e] = sbmt_turned(desk->columns[e], 29 * e % COUNT);
    for (int i = 0; i < ROWS * WIDEST; i++)
        desk->matrix[i] = (float)((i * 29) % 103) * 0.02F - 1;
    for (int i = 0; i < TILE_WIDTH * WIDEST; i++)
        desk->other[i] = (float)((i * 31) % 103) * 1e-4F;
    for (int i = 0; i < QUERIES * TILE_WIDTH; i++)
        desk->tile[i] = (float)((i * 41) % 103) * 1e-4F;
}

static void measure(const struct sbmt_kernel_bench *bench, int kernel, int d, struct desk *desk)
{
    fill(desk);
    desk->d = d;
    const int count = unit_counts[kernels[kernel].unit];
    const double each = 1e9 * sbmt_stopwatch_call(kernels[kernel].call, desk) / count;
    const struct sbmt_kernel_row row = {
        .name = kernels[kernel].name,
        .d = d,
        .n = count,
        .density = -1,
        .unit = unit_names[kernels[kernel].unit],
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
        if (kernels[k].unit == ELEMENTS)
            measure(bench, k, 0, desk);
        for (size_t w = 0; kernels[k].unit != ELEMENTS && w < sizeof widths / sizeof widths[0]; w++)
            measure(bench, k, widths[w], desk);
    }
    sbmt_arena_release(bench->arena, mark);
    return true;
}
