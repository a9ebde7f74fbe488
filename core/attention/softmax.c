/* Dense softmax attention (Vaswani et al. 2017), exact, in tiles with an online softmax (Milakov &
 * Gimelshein 2018; Dao et al. 2022): no n×n matrix is ever kept, forward leaves one number a row.
 *
 * Tiles go key tile by key tile and over all queries within one, so that what belongs to the keys,
 * in both layouts, stays in a core's cache. */
#include <string.h>

#include "core/attention/attention.h"
#include "core/kernels/kernels.h"
#include "core/nn/dropout.h"

/* A tile of scores fits into the first level of cache; so that its columns do not compete for the
 * same lines, rows are a little further apart. */
enum { TILE_ROWS = 48, TILE_KEYS = 128, TILE_WIDTH = TILE_KEYS + 16 };

struct saved {
    real *log_sum;   /* (n) log Σ_j e^{s_ij} */
    const real *out; /* the output given to the caller, stride as the head's */
};

/* One tile of keys, and what both directions share. */
struct tiles {
    const struct sbmt_kernels *kernels;
    const struct sbmt_head *head;
    real scale;
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key;
    uint32_t *bits;
    real *score, *dscore;            /* (TILE_ROWS, TILE_WIDTH) */
    real *key_turned, *value_turned; /* (d, TILE_WIDTH) */
    int first, count;                /* keys */
};

static bool tiles_init(struct tiles *tiles, const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const size_t size = (size_t)TILE_ROWS * TILE_WIDTH;
    *tiles = (struct tiles){
        .kernels = pass->kernels,
        .head = head,
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
        .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
        .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
        .bits = sbmt_arena_alloc(pass->scratch, TILE_KEYS / 2 * sizeof *tiles->bits),
        .score = sbmt_arena_reals(pass->scratch, size),
        .dscore = sbmt_arena_reals(pass->scratch, size),
        .key_turned = sbmt_arena_reals(pass->scratch, (size_t)head->d * TILE_WIDTH),
        .value_turned = sbmt_arena_reals(pass->scratch, (size_t)head->d * TILE_WIDTH),
    };
    return !pass->scratch->failed;
}

static int at_most(int count, int most)
{
    return count < most ? count : most;
}

static const real *row_of(const struct sbmt_head *head, const real *x, int row)
{
    return x + (size_t)row * (size_t)head->stride;
}

/* The tile's rows of k or v by columns. */
static void turn(const struct tiles *tiles, const real *x, real *turned)
{
    for (int j = 0; j < tiles->count; j++) {
        const real *row = row_of(tiles->head, x, tiles->first + j);
        for (int t = 0; t < tiles->head->d; t++)
            turned[(size_t)t * TILE_WIDTH + (size_t)j] = row[t];
    }
}

static void tiles_move(struct tiles *tiles, int first, bool values)
{
    tiles->first = first;
    tiles->count = at_most(tiles->head->n - first, TILE_KEYS);
    turn(tiles, tiles->head->k, tiles->key_turned);
    if (values)
        turn(tiles, tiles->head->v, tiles->value_turned);
}

/* x (rows, keys) = a·turned for `rows` rows of a from `first` on. */
static void multiply(const struct tiles *tiles, const real *a, int first, int rows,
                     const real *turned, real *x)
{
    tiles->kernels->product(rows, tiles->count, tiles->head->d, false,
                            row_of(tiles->head, a, first), tiles->head->stride, 1, turned,
                            TILE_WIDTH, x, TILE_WIDTH);
}

/* The random numbers of a row's part that lies in the tile of keys. */
static void draw_bits(const struct tiles *tiles, int row)
{
    if (tiles->dropout.threshold != 0)
        tiles->kernels->random_bits(tiles->key, (uint32_t)row, (uint32_t)tiles->first / 8,
                                    (tiles->count + 7) / 8, tiles->bits);
}

static void drop(const struct tiles *tiles, real *x)
{
    if (tiles->dropout.threshold != 0)
        tiles->kernels->dropout(tiles->count, tiles->bits, tiles->dropout.threshold,
                                tiles->dropout.scale, x);
}

/* Rescales what the earlier tiles of keys gave where a row's largest score grows. */
static void grow(const struct tiles *tiles, real here, real *largest, real *sum, real *out)
{
    if (here <= *largest)
        return;
    const real shrink = tiles->first == 0 ? 0 : real_exp(*largest - here);
    for (int j = 0; j < tiles->head->d; j++)
        out[j] *= shrink;
    *sum *= shrink;
    *largest = here;
}

/* The tile's share of the rows first … first+rows−1. */
static void forward_tile(const struct tiles *tiles, int first, int rows, real *largest, real *sum,
                         real *out)
{
    const struct sbmt_head *head = tiles->head;
    real *to = out + (size_t)first * (size_t)head->stride;
    multiply(tiles, head->q, first, rows, tiles->key_turned, tiles->score);
    for (int i = 0; i < rows; i++) {
        real *score = tiles->score + (size_t)i * TILE_WIDTH;
        grow(tiles, tiles->kernels->max(tiles->count, score) * tiles->scale, &largest[first + i],
             &sum[first + i], to + (size_t)i * (size_t)head->stride);
        sum[first + i] += tiles->kernels->exp_sum(tiles->count, score, tiles->scale,
                                                  largest[first + i]);
        draw_bits(tiles, first + i);
        drop(tiles, score);
    }
    tiles->kernels->product(rows, head->d, tiles->count, true, tiles->score, TILE_WIDTH, 1,
                            row_of(head, head->v, tiles->first), head->stride, to, head->stride);
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    const size_t n = (size_t)head->n;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *largest = sbmt_arena_reals(pass->saved, n);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    real *sum = sbmt_arena_zalloc(pass->scratch, n, sizeof *sum);
    struct tiles tiles;
    if (!tiles_init(&tiles, head, pass) || saved == NULL || largest == NULL)
        return sbmt_arena_check(pass->scratch, "softmax attention", err) &&
               sbmt_arena_check(pass->saved, "softmax attention", err);
    for (int i = 0; i < head->n; i++) {
        memset(out + (size_t)i * (size_t)head->stride, 0, (size_t)head->d * sizeof *out);
        largest[i] = SBMT_R(-SBMT_REAL_MAX);
    }
    for (int key = 0; key < head->n; key += TILE_KEYS) {
        tiles_move(&tiles, key, false);
        for (int first = 0; first < head->n; first += TILE_ROWS)
            forward_tile(&tiles, first, at_most(head->n - first, TILE_ROWS), largest, sum, out);
    }
    for (int i = 0; i < head->n; i++) {
        for (int j = 0; j < head->d; j++)
            out[(size_t)i * (size_t)head->stride + (size_t)j] /= sum[i];
        largest[i] += real_log(sum[i]);
    }
    pass->stats->edges += (double)head->n * head->n;
    *saved = (struct saved){largest, out};
    *saved_out = saved;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* One tile: weights A again from the scores and the saved sums; with dA = dropout(dO·Vᵀ) and
 * delta_i = dO_i·O_i = Σ_j A_ij dA_ij:  dS = A∘(dA − delta),  dV += Aᵀ dO,  dQ += dS K,
 * dK += dSᵀ Q. */
static void backward_tile(const struct tiles *tiles, const struct saved *saved, const real *delta,
                          int first, int rows, const real *dout, const struct sbmt_head_grad *grad)
{
    const struct sbmt_head *head = tiles->head;
    const struct sbmt_kernels *kernels = tiles->kernels;
    const int d = head->d, stride = head->stride, keys = tiles->count;
    const size_t at_row = (size_t)first * (size_t)stride;
    const size_t at_key = (size_t)tiles->first * (size_t)stride;
    multiply(tiles, head->q, first, rows, tiles->key_turned, tiles->score);
    multiply(tiles, dout, first, rows, tiles->value_turned, tiles->dscore);
    for (int i = 0; i < rows; i++) {
        real *weight = tiles->score + (size_t)i * TILE_WIDTH;
        real *dscore = tiles->dscore + (size_t)i * TILE_WIDTH;
        kernels->exp_sum(keys, weight, tiles->scale, saved->log_sum[first + i]);
        draw_bits(tiles, first + i);
        drop(tiles, dscore);
        kernels->softmax_backward(keys, weight, dscore, delta[first + i], tiles->scale, dscore);
        drop(tiles, weight);
    }
    kernels->product(keys, d, rows, true, tiles->score, 1, TILE_WIDTH, dout + at_row, stride,
                     grad->dv + at_key, stride);
    kernels->product(rows, d, keys, true, tiles->dscore, TILE_WIDTH, 1, head->k + at_key, stride,
                     grad->dq + at_row, stride);
    kernels->product(keys, d, rows, true, tiles->dscore, 1, TILE_WIDTH, head->q + at_row, stride,
                     grad->dk + at_key, stride);
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved_in, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)config, (void)state;
    const struct saved *saved = saved_in;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct tiles tiles;
    real *delta = sbmt_arena_reals(pass->scratch, (size_t)head->n);
    if (!tiles_init(&tiles, head, pass))
        return sbmt_arena_check(pass->scratch, "softmax attention", err);
    for (int i = 0; i < head->n; i++)
        delta[i] = pass->kernels->dot(head->d, row_of(head, dout, i), row_of(head, saved->out, i));
    for (int key = 0; key < head->n; key += TILE_KEYS) {
        tiles_move(&tiles, key, true);
        for (int first = 0; first < head->n; first += TILE_ROWS)
            backward_tile(&tiles, saved, delta, first, at_most(head->n - first, TILE_ROWS), dout,
                          grad);
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return (struct sbmt_cost){
        .flops = 4.0 * n * n * d,
        .bytes = 4.0 * ((double)n + 2.0 * TILE_ROWS * TILE_WIDTH),
    };
}

extern const struct sbmt_attention_ops sbmt_attention_softmax;
const struct sbmt_attention_ops sbmt_attention_softmax = {
    .variant = {.name = "softmax",
                .doc = "dense softmax attention, exact, memory O(n) (Vaswani et al. 2017)"},
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
