/* Attention through a feature map, forward and backward. */
#include "core/attention/features.h"

#include <string.h>

/* A block of 256 features stays in a core's cache, and its rows are a whole number of the products'
 * tiles. */
enum { BLOCK_ROWS = 48 };

/* One block of rows, and what both directions share. */
struct blocks {
    const struct sbmt_features *features;
    struct sbmt_feature_block block; /* the one at hand */
    int d, depth;                    /* depth: d, and one more where the sums hold z */
    real *y, *dy;                    /* (BLOCK_ROWS, width; y_stride) */
    real *turned;                    /* (depth, width; y_stride) sums by columns */
    real *ones;                      /* (BLOCK_ROWS) */
};

int sbmt_features_stride(int width)
{
    return (width + 15) / 16 * 16 + 16;
}

static bool blocks_init(struct blocks *blocks, const struct sbmt_features *features,
                        const struct sbmt_head *head, const struct sbmt_pass *pass)
{
    const int stride = sbmt_features_stride(features->map.width);
    const size_t size = (size_t)BLOCK_ROWS * (size_t)stride;
    *blocks = (struct blocks){
        .features = features,
        .block = {.kernels = pass->kernels,
                  .n = head->n,
                  .d = head->d,
                  .stride = head->stride,
                  .y_stride = stride},
        .d = head->d,
        .depth = head->d + (features->normalise ? 1 : 0),
        .y = sbmt_arena_reals(pass->scratch, size),
        .dy = sbmt_arena_reals(pass->scratch, size),
        .turned = sbmt_arena_reals(pass->scratch, (size_t)(head->d + 1) * (size_t)stride),
        .ones = sbmt_arena_reals(pass->scratch, BLOCK_ROWS),
    };
    for (int i = 0; i < BLOCK_ROWS && blocks->ones != NULL; i++)
        blocks->ones[i] = 1;
    return !pass->scratch->failed;
}

/* Goes to the next block and makes its features of x; false when there is none. */
static bool blocks_next(struct blocks *blocks, const real *x)
{
    struct sbmt_feature_block *block = &blocks->block;
    const struct sbmt_feature_map *map = &blocks->features->map;
    block->first += block->rows;
    const int rest = block->n - block->first;
    block->rows = rest < BLOCK_ROWS ? rest : BLOCK_ROWS;
    if (rest > 0)
        map->forward(map->context, block, x + (size_t)block->first * (size_t)block->stride,
                     blocks->y);
    return rest > 0;
}

static void blocks_restart(struct blocks *blocks)
{
    blocks->block.first = blocks->block.rows = 0;
}

/* Where the block begins in something of the head's layout. */
static size_t at(const struct blocks *blocks)
{
    return (size_t)blocks->block.first * (size_t)blocks->block.stride;
}

/* sums (width, d) += yᵀ x, for x (rows, d). */
static void add_sums(const struct blocks *blocks, const real *x, int x_stride, real *sums)
{
    const struct sbmt_feature_block *block = &blocks->block;
    block->kernels->product(blocks->features->map.width, blocks->d, block->rows, true, blocks->y, 1,
                            block->y_stride, x, x_stride, sums, blocks->d);
}

/* total (width) += Σ_i weight_i y_i, for weights `step` apart. */
static void add_total(const struct blocks *blocks, const real *weight, int step, real *total)
{
    const struct sbmt_feature_block *block = &blocks->block;
    block->kernels->product(1, blocks->features->map.width, block->rows, true, weight, 0, step,
                            blocks->y, block->y_stride, total, block->y_stride);
}

/* turned = the transpose of the sums (width, d), and below it the total where there is one. */
static void turn(const struct blocks *blocks, const real *sums, const real *total)
{
    const size_t d = (size_t)blocks->d, stride = (size_t)blocks->block.y_stride;
    const size_t width = (size_t)blocks->features->map.width;
    for (size_t f = 0; f < width; f++)
        for (size_t t = 0; t < d; t++)
            blocks->turned[t * stride + f] = sums[f * d + t];
    if (blocks->features->normalise)
        memcpy(blocks->turned + d * stride, total, width * sizeof *total);
}

/* to (rows, d; the head's stride) = y·sums, or += with `add`. */
static void apply(const struct blocks *blocks, const real *sums, bool add, real *to)
{
    const struct sbmt_feature_block *block = &blocks->block;
    block->kernels->product(block->rows, blocks->d, blocks->features->map.width, add, blocks->y,
                            block->y_stride, 1, sums, blocks->d, to, block->stride);
}

/* Divides the block's rows of out by their normalisers. */
static void normalise_block(const struct blocks *blocks, const real *z, real *rate, real *out)
{
    const struct sbmt_feature_block *block = &blocks->block;
    const real floor = blocks->features->floor;
    for (int i = 0; i < block->rows; i++) {
        const real *y = blocks->y + (size_t)i * (size_t)block->y_stride;
        real *to = out + (size_t)i * (size_t)block->stride;
        const real normaliser = block->kernels->dot(blocks->features->map.width, y, z);
        const bool enough = normaliser > floor;
        const real inverse = 1 / (enough ? normaliser : floor);
        for (int t = 0; t < blocks->d; t++)
            to[t] *= inverse;
        rate[i] = enough ? inverse : -inverse;
    }
}

bool sbmt_features_forward(const struct sbmt_features *features, const struct sbmt_head *head,
                           struct sbmt_pass *pass, struct sbmt_features_saved *saved, real *out,
                           struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct blocks blocks;
    if (!blocks_init(&blocks, features, head, pass))
        return sbmt_pass_check(pass, "attention through features", err);
    const size_t width = (size_t)features->map.width;
    *saved = (struct sbmt_features_saved){
        .sums = sbmt_arena_zalloc(pass->saved, width * (size_t)head->d, sizeof(real)),
        .total = sbmt_arena_zalloc(pass->saved, width, sizeof(real)),
        .rate = features->normalise ? sbmt_arena_reals(pass->saved, (size_t)head->n) : NULL,
        .out = out,
    };
    if (pass->saved->failed)
        return sbmt_pass_check(pass, "attention through features", err);
    while (blocks_next(&blocks, head->k)) {
        add_sums(&blocks, head->v + at(&blocks), head->stride, saved->sums);
        if (features->normalise)
            add_total(&blocks, blocks.ones, 1, saved->total);
    }
    blocks_restart(&blocks);
    while (blocks_next(&blocks, head->q)) {
        apply(&blocks, saved->sums, false, out + at(&blocks));
        if (features->normalise)
            normalise_block(&blocks, saved->total, saved->rate + blocks.block.first,
                            out + at(&blocks));
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* g (rows, d + 1): the gradients of the block's φ(q)·S, then of its normalisers:
 * g_i = dO_i/c_i and −(dO_i·O_i)/c_i for the normaliser c_i. */
static void divide_gradient(const struct blocks *blocks, const struct sbmt_features_saved *saved,
                            const real *dout, real *g)
{
    const struct sbmt_feature_block *block = &blocks->block;
    const real *out = saved->out + at(blocks);
    for (int i = 0; i < block->rows; i++) {
        const size_t row = (size_t)i * (size_t)block->stride;
        const real rate = saved->rate[block->first + i], size = rate < 0 ? -rate : rate;
        real *to = g + (size_t)i * (size_t)blocks->depth;
        for (int t = 0; t < blocks->d; t++)
            to[t] = dout[row + (size_t)t] * size;
        to[blocks->d] = rate < 0 ? 0
                                 : -rate * block->kernels->dot(blocks->d, dout + row, out + row);
    }
}

/* Through the map: dy is made, the gradient of x is added to dx. */
static void map_backward(const struct blocks *blocks, const real *x, real *dx)
{
    const struct sbmt_feature_map *map = &blocks->features->map;
    map->backward(map->context, &blocks->block, x + at(blocks), blocks->y, blocks->dy,
                  dx + at(blocks));
}

/* Gradients of S (width, d), z (width), and room for a block's g (rows, d + 1). */
struct inner {
    real *dsums, *dtotal, *g;
};

/* dφ(q) = g·[S | z]ᵀ, and the gradient of [S | z] is Σ φ(q)ᵀ g. */
static void queries_backward(struct blocks *blocks, const struct sbmt_head *head,
                             const struct sbmt_features_saved *saved, const real *dout,
                             const struct inner *inner, real *dq)
{
    const struct sbmt_feature_block *block = &blocks->block;
    turn(blocks, saved->sums, saved->total);
    while (blocks_next(blocks, head->q)) {
        const real *from = dout + at(blocks);
        int stride = head->stride;
        if (saved->rate != NULL) {
            divide_gradient(blocks, saved, from, inner->g);
            from = inner->g;
            stride = blocks->depth;
            add_total(blocks, inner->g + head->d, stride, inner->dtotal);
        }
        add_sums(blocks, from, stride, inner->dsums);
        block->kernels->product(block->rows, blocks->features->map.width, blocks->depth, false,
                                from, stride, 1, blocks->turned, block->y_stride, blocks->dy,
                                block->y_stride);
        map_backward(blocks, head->q, dq);
    }
}

/* dV += φ(k)·dS, and dφ(k) = V·dSᵀ, plus dz in every row. */
static void keys_backward(struct blocks *blocks, const struct sbmt_head *head,
                          const struct inner *inner, const struct sbmt_head_grad *grad)
{
    const struct sbmt_feature_block *block = &blocks->block;
    const int width = blocks->features->map.width;
    const bool normalise = blocks->features->normalise;
    turn(blocks, inner->dsums, inner->dtotal);
    blocks_restart(blocks);
    while (blocks_next(blocks, head->k)) {
        apply(blocks, inner->dsums, true, grad->dv + at(blocks));
        for (int i = 0; i < block->rows && normalise; i++)
            memcpy(blocks->dy + (size_t)i * (size_t)block->y_stride, inner->dtotal,
                   (size_t)width * sizeof *inner->dtotal);
        block->kernels->product(block->rows, width, head->d, normalise, head->v + at(blocks),
                                head->stride, 1, blocks->turned, block->y_stride, blocks->dy,
                                block->y_stride);
        map_backward(blocks, head->k, grad->dk);
    }
}

bool sbmt_features_backward(const struct sbmt_features *features, const struct sbmt_head *head,
                            struct sbmt_pass *pass, const struct sbmt_features_saved *saved,
                            const real *dout, const struct sbmt_head_grad *grad,
                            struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct blocks blocks;
    if (!blocks_init(&blocks, features, head, pass))
        return sbmt_pass_check(pass, "attention through features", err);
    const size_t width = (size_t)features->map.width;
    const struct inner inner = {
        .dsums = sbmt_arena_zalloc(pass->scratch, width * (size_t)head->d, sizeof(real)),
        .dtotal = sbmt_arena_zalloc(pass->scratch, width, sizeof(real)),
        .g = sbmt_arena_reals(pass->scratch, (size_t)BLOCK_ROWS * (size_t)blocks.depth),
    };
    if (pass->scratch->failed)
        return sbmt_pass_check(pass, "attention through features", err);
    queries_backward(&blocks, head, saved, dout, &inner, grad->dq);
    keys_backward(&blocks, head, &inner, grad);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

struct sbmt_cost sbmt_features_cost(int width, bool normalise, int n, int d)
{
    const double depth = d + (normalise ? 1 : 0);
    return (struct sbmt_cost){
        .flops = 4.0 * n * width * depth,
        .bytes = 4 * (width * depth + (normalise ? n : 0)),
    };
}
