/* Softmax attention of queries over keys, in tiles.
 *
 * Tiles go key tile by key tile and over all queries within one, so that what belongs to the keys,
 * in both layouts, stays in a core's cache. */
#include "core/attention/dense.h"

#include <string.h>

#include "core/base/integer.h"

struct sbmt_dense_attend sbmt_dense_head(const struct sbmt_head *head, const struct sbmt_pass *pass)
{
    return (struct sbmt_dense_attend){
        .queries = head->n,
        .keys = head->n,
        .d = head->d,
        .width = head->d,
        .q = {head->q, head->stride},
        .k = {head->k, head->stride},
        .v = {head->v, head->stride},
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
        .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
        .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
    };
}

/* A tile of scores fits into the first level of cache; so that its columns do not compete for the
 * same lines, rows are a little further apart. */
enum { TILE_ROWS = 48, TILE_KEYS = SBMT_DENSE_TILE_KEYS, TILE_WIDTH = TILE_KEYS + 16 };

/* One tile of keys, and what both directions share. */
struct tiles {
    const struct sbmt_kernels *kernels;
    const struct sbmt_dense_attend *attend;
    uint32_t *bits;
    real *score, *dscore;            /* (TILE_ROWS, TILE_WIDTH) */
    real *watched;                   /* the same, the scores that weights are made of; or NULL */
    real *key_turned, *value_turned; /* (d, TILE_WIDTH), (width, TILE_WIDTH) */
    real *ones;                      /* (TILE_ROWS) */
    int first, count;                /* keys */
    bool small; /* whether a row's scores may be relative to the largest of its first tile */
};

static bool tiles_init(struct tiles *tiles, const struct sbmt_dense_attend *attend,
                       const struct sbmt_kernels *kernels, struct sbmt_arena *scratch)
{
    const size_t size = (size_t)TILE_ROWS * TILE_WIDTH;
    *tiles = (struct tiles){
        .kernels = kernels,
        .attend = attend,
        .bits = sbmt_arena_alloc(scratch, TILE_KEYS / 2 * sizeof *tiles->bits),
        .score = sbmt_arena_reals(scratch, size),
        .dscore = sbmt_arena_reals(scratch, size),
        .key_turned = sbmt_arena_reals(scratch, (size_t)attend->d * TILE_WIDTH),
        .value_turned = sbmt_arena_reals(scratch, (size_t)attend->width * TILE_WIDTH),
        .ones = sbmt_arena_reals(scratch, TILE_ROWS),
    };
    for (int i = 0; i < TILE_ROWS && tiles->ones != NULL; i++)
        tiles->ones[i] = 1;
    return !scratch->failed;
}

static const real *row_of(struct sbmt_rows rows, int row)
{
    return rows.x + (size_t)row * (size_t)rows.stride;
}

/* The tile's rows of k or v by columns. */
static void turn(const struct tiles *tiles, struct sbmt_rows rows, int width, real *turned)
{
    for (int j = 0; j < tiles->count; j++) {
        const real *row = row_of(rows, tiles->first + j);
        for (int t = 0; t < width; t++)
            turned[(size_t)t * TILE_WIDTH + (size_t)j] = row[t];
    }
}

static void tiles_move(struct tiles *tiles, int first, bool values)
{
    const struct sbmt_dense_attend *attend = tiles->attend;
    tiles->first = first;
    tiles->count = sbmt_int_min(attend->keys - first, TILE_KEYS);
    turn(tiles, attend->k, attend->d, tiles->key_turned);
    if (values)
        turn(tiles, attend->v, attend->width, tiles->value_turned);
}

/* x (rows, keys) = a·turned, or += with `add`, for `rows` rows of a (…, depth) from `first` on. */
static void multiply(const struct tiles *tiles, struct sbmt_rows a, int depth, int first, int rows,
                     const real *turned, bool add, real *x)
{
    tiles->kernels->product(rows, tiles->count, depth, add, row_of(a, first), a.stride, 1, turned,
                            TILE_WIDTH, x, TILE_WIDTH);
}

/* The tile's scores, before they are scaled, for `rows` queries from `first` on. */
static void make_scores(const struct tiles *tiles, int first, int rows)
{
    const struct sbmt_dense_attend *attend = tiles->attend;
    for (int i = 0; i < rows && attend->bias != NULL; i++)
        memcpy(tiles->score + (size_t)i * TILE_WIDTH, attend->bias + tiles->first,
               (size_t)tiles->count * sizeof *attend->bias);
    multiply(tiles, attend->q, attend->d, first, rows, tiles->key_turned, attend->bias != NULL,
             tiles->score);
    for (int i = 0; i < rows && attend->adjust != NULL; i++)
        attend->adjust(attend->context, first + i, tiles->first, tiles->count,
                       tiles->score + (size_t)i * TILE_WIDTH);
}

/* The words of a query's pairs that belong to the tile of keys. */
static const uint32_t *pairs_of(const struct tiles *tiles, int row)
{
    const struct sbmt_dense_attend *attend = tiles->attend;
    if (attend->pairs == NULL)
        return NULL;
    return attend->pairs + (size_t)row * (size_t)attend->pair_words + tiles->first / 32;
}

/* Gives a row's numbers of pairs that do not take part the value `filler`, and returns the sum of
 * those that do; `all` where all do. */
static real keep_pairs(const struct tiles *tiles, int row, real filler, real *x, real all)
{
    return tiles->attend->pairs == NULL
               ? all
               : tiles->kernels->keep((tiles->count + 31) / 32, pairs_of(tiles, row), filler, x);
}

/* The random numbers of a row's part that lies in the tile of keys. */
static void draw_bits(const struct tiles *tiles, int row)
{
    if (tiles->attend->dropout.threshold != 0)
        tiles->kernels->random_bits(tiles->attend->key, tiles->attend->dropout_row + (uint32_t)row,
                                    (uint32_t)tiles->first / 8, (tiles->count + 7) / 8,
                                    tiles->bits);
}

static void drop(const struct tiles *tiles, real *x)
{
    const struct sbmt_dropout dropout = tiles->attend->dropout;
    if (dropout.threshold != 0)
        tiles->kernels->dropout(tiles->count, tiles->bits, dropout.threshold, dropout.scale, x);
}

/* Rescales what the earlier tiles of keys gave where a row's largest score grows. */
static void grow(const struct tiles *tiles, real here, real *largest, real *sum, real *out)
{
    if (here <= *largest)
        return;
    const real shrink = tiles->first == 0 ? 0 : real_exp(*largest - here);
    for (int j = 0; j < tiles->attend->width; j++)
        out[j] *= shrink;
    *sum *= shrink;
    *largest = here;
}

/* The row's scores become weights relative to its largest score so far, or to that of the first
 * tile where scores are small, and are added to its sum. */
static void weigh_row(const struct tiles *tiles, int row, real *score, real *largest, real *sum,
                      real *out)
{
    const struct sbmt_kernels *kernels = tiles->kernels;
    const real scale = tiles->attend->scale;
    if (!tiles->small)
        keep_pairs(tiles, row, -SBMT_REAL_MAX, score, 0);
    if (!tiles->small || tiles->first == 0)
        grow(tiles, kernels->max(tiles->count, score) * scale, largest, sum, out);
    const real all = kernels->exp_sum(tiles->count, score, scale, *largest);
    *sum += keep_pairs(tiles, row, 0, score, all);
}

/* The tile's share of the rows first … first+rows−1. */
static void forward_tile(const struct tiles *tiles, int first, int rows, real *largest, real *sum,
                         real *out, int stride)
{
    const struct sbmt_dense_attend *attend = tiles->attend;
    real *to = out + (size_t)first * (size_t)stride;
    make_scores(tiles, first, rows);
    for (int i = 0; i < rows; i++) {
        real *score = tiles->score + (size_t)i * TILE_WIDTH;
        weigh_row(tiles, first + i, score, &largest[first + i], &sum[first + i],
                  to + (size_t)i * (size_t)stride);
        draw_bits(tiles, first + i);
        drop(tiles, score);
    }
    tiles->kernels->product(rows, attend->width, tiles->count, true, tiles->score, TILE_WIDTH, 1,
                            row_of(attend->v, tiles->first), attend->v.stride, to, stride);
}

bool sbmt_dense_attend_forward(const struct sbmt_dense_attend *attend,
                               const struct sbmt_kernels *kernels, real *out, int out_stride,
                               real *log_sum, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    real *sum = sbmt_arena_zalloc(scratch, (size_t)attend->queries, sizeof *sum);
    struct tiles tiles;
    if (!tiles_init(&tiles, attend, kernels, scratch))
        return false;
    tiles.small = attend->bias == NULL && attend->adjust == NULL &&
                  sbmt_scores_are_small(kernels, attend->d, attend->queries, attend->q,
                                        attend->keys, attend->k, attend->scale);
    for (int i = 0; i < attend->queries; i++) {
        memset(out + (size_t)i * (size_t)out_stride, 0, (size_t)attend->width * sizeof *out);
        log_sum[i] = SBMT_R(-SBMT_REAL_MAX); /* for now the largest score */
    }
    for (int key = 0; key < attend->keys; key += TILE_KEYS) {
        tiles_move(&tiles, key, false);
        for (int first = 0; first < attend->queries; first += TILE_ROWS)
            forward_tile(&tiles, first, sbmt_int_min(attend->queries - first, TILE_ROWS), log_sum,
                         sum, out, out_stride);
    }
    for (int i = 0; i < attend->queries; i++) {
        const real total = sum[i] <= 0 ? 1 : sum[i]; /* a query may have no pairs */
        for (int j = 0; j < attend->width; j++)
            out[(size_t)i * (size_t)out_stride + (size_t)j] /= total;
        log_sum[i] += real_log(total);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}

static void watch_tile(const struct tiles *tiles, int first, int rows,
                       const struct sbmt_dense_grad *grad)
{
    const struct sbmt_dense_tile tile = {
        .first = first,
        .rows = rows,
        .first_key = tiles->first,
        .keys = tiles->count,
        .stride = TILE_WIDTH,
        .scale = tiles->attend->scale,
        .pairs = pairs_of(tiles, first),
        .pair_words = tiles->attend->pair_words,
        .score = tiles->watched,
        .dscore = tiles->dscore,
    };
    grad->watch(grad->context, &tile);
}

/* One tile: weights A again from the scores and the saved sums; with dA = dropout(dO·Vᵀ) and
 * delta_i = dO_i·O_i = Σ_j A_ij dA_ij, less the gradient of log Σ_j e^{s_ij}:  dS = A∘(dA − delta),
 * dV += Aᵀ dO,  dQ += dS K, dK += dSᵀ Q. */
static void backward_tile(const struct tiles *tiles, const real *log_sum, const real *delta,
                          int first, int rows, struct sbmt_rows dout,
                          const struct sbmt_dense_grad *grad)
{
    const struct sbmt_dense_attend *attend = tiles->attend;
    const struct sbmt_kernels *kernels = tiles->kernels;
    const int keys = tiles->count, key = tiles->first;
    make_scores(tiles, first, rows);
    multiply(tiles, dout, attend->width, first, rows, tiles->value_turned, false, tiles->dscore);
    for (int i = 0; i < rows; i++) {
        real *weight = tiles->score + (size_t)i * TILE_WIDTH;
        real *dscore = tiles->dscore + (size_t)i * TILE_WIDTH;
        if (grad->watch != NULL)
            memcpy(tiles->watched + (size_t)i * TILE_WIDTH, weight, (size_t)keys * sizeof *weight);
        kernels->exp_sum(keys, weight, attend->scale, log_sum[first + i]);
        keep_pairs(tiles, first + i, 0, weight, 0);
        draw_bits(tiles, first + i);
        drop(tiles, dscore);
        kernels->softmax_backward(keys, weight, dscore, delta[first + i], attend->scale, dscore);
        drop(tiles, weight);
    }
    kernels->product(keys, attend->width, rows, true, tiles->score, 1, TILE_WIDTH,
                     row_of(dout, first), dout.stride,
                     grad->dv + (size_t)key * (size_t)attend->v.stride, attend->v.stride);
    if (grad->dq != NULL)
        kernels->product(rows, attend->d, keys, true, tiles->dscore, TILE_WIDTH, 1,
                         row_of(attend->k, key), attend->k.stride,
                         grad->dq + (size_t)first * (size_t)attend->q.stride, attend->q.stride);
    if (grad->dk != NULL)
        kernels->product(keys, attend->d, rows, true, tiles->dscore, 1, TILE_WIDTH,
                         row_of(attend->q, first), attend->q.stride,
                         grad->dk + (size_t)key * (size_t)attend->k.stride, attend->k.stride);
    if (grad->dbias != NULL)
        kernels->product(1, keys, rows, true, tiles->ones, TILE_ROWS, 1, tiles->dscore, TILE_WIDTH,
                         grad->dbias + key, TILE_WIDTH);
    if (grad->watch != NULL)
        watch_tile(tiles, first, rows, grad);
}

bool sbmt_dense_attend_backward(const struct sbmt_dense_attend *attend,
                                const struct sbmt_kernels *kernels, struct sbmt_rows out,
                                const real *log_sum, struct sbmt_rows dout,
                                const struct sbmt_dense_grad *grad, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct tiles tiles;
    real *delta = sbmt_arena_reals(scratch, (size_t)attend->queries);
    if (!tiles_init(&tiles, attend, kernels, scratch))
        return false;
    if (grad->watch != NULL)
        tiles.watched = sbmt_arena_reals(scratch, (size_t)TILE_ROWS * TILE_WIDTH);
    if (scratch->failed)
        return false;
    for (int i = 0; i < attend->queries; i++)
        delta[i] = kernels->dot(attend->width, row_of(dout, i), row_of(out, i)) -
                   (grad->dlog_sum != NULL ? grad->dlog_sum[i] : 0);
    for (int key = 0; key < attend->keys; key += TILE_KEYS) {
        tiles_move(&tiles, key, true);
        for (int first = 0; first < attend->queries; first += TILE_ROWS)
            backward_tile(&tiles, log_sum, delta, first,
                          sbmt_int_min(attend->queries - first, TILE_ROWS), dout, grad);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}
