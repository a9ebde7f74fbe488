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
    real *turned;                    /* (width, d) S or its gradient */
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
        .turned = sbmt_arena_reals(pass->scratch, (size_t)features->map.width * (size_t)head->d),
        .ones = sbmt_arena_reals(pass->scratch, BLOCK_ROWS),
    };
    for (int i = 0; i < BLOCK_ROWS && blocks->ones != NULL; i++)
        blocks->ones[i] = 1;
    return !pass->scratch->failed;
}

static size_t sums_size(const struct blocks *blocks)
{
    return (size_t)blocks->depth * (size_t)blocks->block.y_stride;
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

/* sums (depth, width) += gᵀ y for g (rows, depth), whose entries of a row are adjacent. */
static void add_sums(const struct blocks *blocks, const real *g, int g_stride, int depth,
                     real *sums)
{
    const struct sbmt_feature_block *block = &blocks->block;
    block->kernels->product(depth, blocks->features->map.width, block->rows, true, g, 1, g_stride,
                            blocks->y, block->y_stride, sums, block->y_stride);
}

/* turned (width, d) = the transpose of the sums' first d rows. */
static void turn(const struct blocks *blocks, const real *sums)
{
    const int width = blocks->features->map.width, stride = blocks->block.y_stride;
    for (int f = 0; f < width; f++)
        for (int t = 0; t < blocks->d; t++)
            blocks->turned[(size_t)f * (size_t)blocks->d + (size_t)t] =
                sums[(size_t)t * (size_t)stride + (size_t)f];
}

/* to (rows, d; the head's stride) = y·turned, or += with `add`. */
static void apply(const struct blocks *blocks, bool add, real *to)
{
    const struct sbmt_feature_block *block = &blocks->block;
    block->kernels->product(block->rows, blocks->d, blocks->features->map.width, add, blocks->y,
                            block->y_stride, 1, blocks->turned, blocks->d, to, block->stride);
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

static bool out_of_memory(struct sbmt_pass *pass, struct sbmt_error *err)
{
    return sbmt_arena_check(pass->saved, "attention through features", err) &&
           sbmt_arena_check(pass->scratch, "attention through features", err);
}

bool sbmt_features_forward(const struct sbmt_features *features, const struct sbmt_head *head,
                           struct sbmt_pass *pass, struct sbmt_features_saved *saved, real *out,
                           struct sbmt_error *err)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct blocks blocks;
    if (!blocks_init(&blocks, features, head, pass))
        return out_of_memory(pass, err);
    *saved = (struct sbmt_features_saved){
        .sums = sbmt_arena_zalloc(pass->saved, sums_size(&blocks), sizeof(real)),
        .rate = features->normalise ? sbmt_arena_reals(pass->saved, (size_t)head->n) : NULL,
        .out = out,
    };
    if (pass->saved->failed)
        return out_of_memory(pass, err);
    real *z = saved->sums + (size_t)head->d * (size_t)blocks.block.y_stride;
    while (blocks_next(&blocks, head->k)) {
        add_sums(&blocks, head->v + at(&blocks), head->stride, head->d, saved->sums);
        if (features->normalise)
            add_sums(&blocks, blocks.ones, 1, 1, z);
    }
    turn(&blocks, saved->sums);
    blocks_restart(&blocks);
    while (blocks_next(&blocks, head->q)) {
        apply(&blocks, false, out + at(&blocks));
        if (features->normalise)
            normalise_block(&blocks, z, saved->rate + blocks.block.first, out + at(&blocks));
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

/* dφ(q) = g·[S | z]ᵀ, and the gradient of [S | z]ᵀ, dsums += gᵀ φ(q). `g` has room for a block. */
static void queries_backward(struct blocks *blocks, const struct sbmt_head *head,
                             const struct sbmt_features_saved *saved, const real *dout, real *g,
                             real *dsums, real *dq)
{
    const struct sbmt_feature_block *block = &blocks->block;
    while (blocks_next(blocks, head->q)) {
        const real *from = dout + at(blocks);
        int stride = head->stride;
        if (saved->rate != NULL) {
            divide_gradient(blocks, saved, from, g);
            from = g;
            stride = blocks->depth;
        }
        add_sums(blocks, from, stride, blocks->depth, dsums);
        block->kernels->product(block->rows, blocks->features->map.width, blocks->depth, false,
                                from, stride, 1, saved->sums, block->y_stride, blocks->dy,
                                block->y_stride);
        map_backward(blocks, head->q, dq);
    }
}

/* dV += φ(k)·dS, and dφ(k) = V·dSᵀ, plus dz in every row. */
static void keys_backward(struct blocks *blocks, const struct sbmt_head *head, const real *dsums,
                          const struct sbmt_head_grad *grad)
{
    const struct sbmt_feature_block *block = &blocks->block;
    const int width = blocks->features->map.width;
    const bool normalise = blocks->features->normalise;
    const real *dz = dsums + (size_t)head->d * (size_t)block->y_stride;
    while (blocks_next(blocks, head->k)) {
        apply(blocks, true, grad->dv + at(blocks));
        for (int i = 0; i < block->rows && normalise; i++)
            memcpy(blocks->dy + (size_t)i * (size_t)block->y_stride, dz,
                   (size_t)width * sizeof *dz);
        block->kernels->product(block->rows, width, head->d, normalise, head->v + at(blocks),
                                head->stride, 1, dsums, block->y_stride, blocks->dy,
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
        return out_of_memory(pass, err);
    real *dsums = sbmt_arena_zalloc(pass->scratch, sums_size(&blocks), sizeof *dsums);
    real *g = sbmt_arena_reals(pass->scratch, (size_t)BLOCK_ROWS * (size_t)blocks.depth);
    if (dsums == NULL || g == NULL)
        return out_of_memory(pass, err);
    queries_backward(&blocks, head, saved, dout, g, dsums, grad->dq);
    turn(&blocks, dsums);
    blocks_restart(&blocks);
    keys_backward(&blocks, head, dsums, grad);
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
