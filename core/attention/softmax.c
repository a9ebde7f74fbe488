/* Dense softmax attention (Vaswani et al. 2017), exact, in tiles with an online softmax (Milakov &
 * Gimelshein 2018; Dao et al. 2022): no n×n matrix is ever kept, forward leaves one number a row.
 */
#include <string.h>

#include "core/attention/attention.h"
#include "core/kernels/gemm.h"
#include "core/kernels/kernels.h"
#include "core/nn/dropout.h"

/* A tile of scores and a tile of their gradients stay in a core's cache. */
enum { TILE_ROWS = 64, TILE_COLUMNS = 256 };

struct saved {
    real *log_sum;   /* (n) log Σ_j e^{s_ij} */
    const real *out; /* the output given to the caller, stride as the head's */
};

/* What both directions share. */
struct tiles {
    const struct sbmt_kernels *kernels;
    const struct sbmt_head *head;
    real scale;
    struct sbmt_dropout dropout;
    struct sbmt_rng_key key;
    uint32_t *bits;
    real *score, *dscore; /* (TILE_ROWS, TILE_COLUMNS) */
};

static bool tiles_init(struct tiles *tiles, const struct sbmt_head *head, struct sbmt_pass *pass)
{
    const size_t size = (size_t)TILE_ROWS * TILE_COLUMNS;
    *tiles = (struct tiles){
        .kernels = pass->kernels,
        .head = head,
        .scale = 1 / real_sqrt(SBMT_R(head->d)),
        .dropout = sbmt_dropout_make(pass->training ? head->dropout : 0),
        .key = sbmt_pass_key(pass, SBMT_RNG_ATTENTION, head->index),
        .bits = sbmt_arena_alloc(pass->scratch, TILE_COLUMNS / 2 * sizeof *tiles->bits),
        .score = sbmt_arena_reals(pass->scratch, size),
        .dscore = sbmt_arena_reals(pass->scratch, size),
    };
    return tiles->bits != NULL && tiles->score != NULL && tiles->dscore != NULL;
}

/* Dropout on a row of a tile: element j of row i always has the same random number. */
static void drop(const struct tiles *tiles, int row, int first, int count, real *x)
{
    if (tiles->dropout.threshold == 0)
        return;
    tiles->kernels->random_bits(tiles->key, (uint32_t)row, (uint32_t)first / 8, (count + 7) / 8,
                                tiles->bits);
    tiles->kernels->dropout(count, tiles->bits, tiles->dropout.threshold, tiles->dropout.scale, x);
}

static int at_most(int count, int most)
{
    return count < most ? count : most;
}

static const real *row_of(const struct sbmt_head *head, const real *x, int row)
{
    return x + (size_t)row * (size_t)head->stride;
}

/* One tile of keys for the queries first … first+rows−1: rescales what the earlier tiles gave where
 * a row's largest score grows, and adds this tile's share. */
static void forward_tile(const struct tiles *tiles, int first, int rows, int key, int keys,
                         real *largest, real *sum, real *out)
{
    const struct sbmt_head *head = tiles->head;
    sbmt_gemm_nt(rows, keys, head->d, row_of(head, head->q, first), head->stride,
                 row_of(head, head->k, key), head->stride, 0, tiles->score, TILE_COLUMNS);
    for (int i = 0; i < rows; i++) {
        real *score = tiles->score + (size_t)i * TILE_COLUMNS;
        const real here = tiles->kernels->max(keys, score) * tiles->scale;
        if (here > largest[i]) {
            const real shrink = key == 0 ? 0 : real_exp(largest[i] - here);
            real *row = out + (size_t)i * (size_t)head->stride;
            for (int j = 0; j < head->d; j++)
                row[j] *= shrink;
            sum[i] *= shrink;
            largest[i] = here;
        }
        sum[i] += tiles->kernels->exp_sum(keys, score, tiles->scale, largest[i]);
        drop(tiles, first + i, key, keys, score);
    }
    sbmt_gemm(rows, head->d, keys, tiles->score, TILE_COLUMNS, row_of(head, head->v, key),
              head->stride, 1, out, head->stride);
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved_out, real *out, struct sbmt_error *err)
{
    (void)config, (void)state;
    struct saved *saved = sbmt_arena_zalloc(pass->saved, 1, sizeof *saved);
    real *log_sum = sbmt_arena_reals(pass->saved, (size_t)head->n);
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    struct tiles tiles;
    if (!tiles_init(&tiles, head, pass) || saved == NULL || log_sum == NULL)
        return sbmt_arena_check(pass->scratch, "softmax attention", err) &&
               sbmt_arena_check(pass->saved, "softmax attention", err);
    for (int first = 0; first < head->n; first += TILE_ROWS) {
        const int rows = at_most(head->n - first, TILE_ROWS);
        real *to = out + (size_t)first * (size_t)head->stride;
        real largest[TILE_ROWS], sum[TILE_ROWS];
        for (int i = 0; i < rows; i++) {
            memset(to + (size_t)i * (size_t)head->stride, 0, (size_t)head->d * sizeof *to);
            largest[i] = SBMT_R(-SBMT_REAL_MAX);
            sum[i] = 0;
        }
        for (int key = 0; key < head->n; key += TILE_COLUMNS)
            forward_tile(&tiles, first, rows, key, at_most(head->n - key, TILE_COLUMNS), largest,
                         sum, to);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < head->d; j++)
                to[(size_t)i * (size_t)head->stride + (size_t)j] /= sum[i];
            log_sum[first + i] = largest[i] + real_log(sum[i]);
        }
    }
    pass->stats->edges += (double)head->n * head->n;
    *saved = (struct saved){log_sum, out};
    *saved_out = saved;
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* One tile: weights A again from the scores and the saved sums; with dA = dropout(dO·Vᵀ) and
 * delta_i = dO_i·O_i = Σ_j A_ij dA_ij:  dS = A∘(dA − delta),  dV += Aᵀ dO,  dQ += dS K,  dK += dSᵀ
 * Q. */
static void backward_tile(const struct tiles *tiles, const struct saved *saved, const real *delta,
                          int first, int rows, int key, int keys, const real *dout,
                          const struct sbmt_head_grad *grad)
{
    const struct sbmt_head *head = tiles->head;
    const int stride = head->stride;
    const size_t at_row = (size_t)first * (size_t)stride, at_key = (size_t)key * (size_t)stride;
    sbmt_gemm_nt(rows, keys, head->d, head->q + at_row, stride, head->k + at_key, stride, 0,
                 tiles->score, TILE_COLUMNS);
    sbmt_gemm_nt(rows, keys, head->d, dout + at_row, stride, head->v + at_key, stride, 0,
                 tiles->dscore, TILE_COLUMNS);
    for (int i = 0; i < rows; i++) {
        real *weight = tiles->score + (size_t)i * TILE_COLUMNS;
        real *dscore = tiles->dscore + (size_t)i * TILE_COLUMNS;
        tiles->kernels->exp_sum(keys, weight, tiles->scale, saved->log_sum[first + i]);
        drop(tiles, first + i, key, keys, dscore);
        tiles->kernels->softmax_backward(keys, weight, dscore, delta[i], tiles->scale, dscore);
        drop(tiles, first + i, key, keys, weight);
    }
    sbmt_gemm_tn(keys, head->d, rows, tiles->score, TILE_COLUMNS, dout + at_row, stride, 1,
                 grad->dv + at_key, stride);
    sbmt_gemm(rows, head->d, keys, tiles->dscore, TILE_COLUMNS, head->k + at_key, stride, 1,
              grad->dq + at_row, stride);
    sbmt_gemm_tn(keys, head->d, rows, tiles->dscore, TILE_COLUMNS, head->q + at_row, stride, 1,
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
    if (!tiles_init(&tiles, head, pass))
        return sbmt_arena_check(pass->scratch, "softmax attention", err);
    for (int first = 0; first < head->n; first += TILE_ROWS) {
        const int rows = at_most(head->n - first, TILE_ROWS);
        real delta[TILE_ROWS];
        for (int i = 0; i < rows; i++)
            delta[i] = pass->kernels->dot(head->d, row_of(head, dout, first + i),
                                          row_of(head, saved->out, first + i));
        for (int key = 0; key < head->n; key += TILE_COLUMNS)
            backward_tile(&tiles, saved, delta, first, rows, key,
                          at_most(head->n - key, TILE_COLUMNS), dout, grad);
    }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static struct sbmt_cost cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return (struct sbmt_cost){
        .flops = 4.0 * n * n * d,
        .bytes = 4.0 * ((double)n + 2.0 * TILE_ROWS * TILE_COLUMNS),
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
