/* Softmax attention along the edges of a graph. */
#include "core/attention/attend.h"

#include <string.h>

#include "core/attention/scores.h"

/* A head's rows side by side, times a factor: apart, as columns of a layer's projections, they
 * would compete for the same cache lines. */
static real *packed(const struct sbmt_attend *attend, const real *x, real factor,
                    struct sbmt_arena *scratch)
{
    const int d = attend->d;
    real *rows = sbmt_arena_reals(scratch, (size_t)attend->n * (size_t)d);
    for (int i = 0; rows != NULL && i < attend->n; i++)
        for (int j = 0; j < d; j++)
            rows[(size_t)i * (size_t)d + (size_t)j] =
                factor * x[(size_t)i * (size_t)attend->stride + (size_t)j];
    return rows;
}

static bool pack(struct sbmt_attend *attend, int most_edges, struct sbmt_arena *scratch)
{
    const size_t size = (size_t)most_edges + 16;
    attend->keys = packed(attend, attend->k, attend->scale, scratch);
    attend->values = packed(attend, attend->v, 1, scratch);
    attend->weight = sbmt_arena_reals(scratch, size);
    attend->bits = sbmt_arena_alloc(scratch, size / 2 * sizeof *attend->bits + 64);
    return !scratch->failed;
}

/* Room between the random numbers of blocks, in calls of eight numbers a key. */
enum { CALLS_A_KEY = 1024 };
_Static_assert(SBMT_TURNED_ROWS <= 8 * CALLS_A_KEY, "no block has more rows");

/* Random numbers for the block's edges: under the number of its first row, from a place that leaves
 * room for all blocks of earlier keys, of sequences up to 2²² tokens. */
static void draw_bits(const struct sbmt_attend *attend, const struct sbmt_block *block)
{
    if (attend->dropout.threshold != 0)
        block->kernels->random_bits(attend->key, (uint32_t)block->first,
                                    (uint32_t)block->first_key * CALLS_A_KEY,
                                    (block->edges + 7) / 8, attend->bits);
}

static void drop(const struct sbmt_attend *attend, const struct sbmt_block *block, real *x)
{
    if (attend->dropout.threshold != 0)
        block->kernels->dropout(block->edges, attend->bits, attend->dropout.threshold,
                                attend->dropout.scale, x);
}

/* Adds log w to row i's scores in x, where edges have been drawn more than once. */
static void add_multiplicity(const struct sbmt_block *block, int i, int count, real *x)
{
    if (block->graph->weight == NULL)
        return;
    const real *multiplicity = block->graph->weight + block->from[i];
    for (int e = 0; e < count; e++)
        if (multiplicity[e] > 1)
            x[e] += real_log(multiplicity[e]);
}

/* The sums of a row so far, relative to its largest score so far. */
struct sums {
    real *largest, *total; /* (n) */
    bool small;            /* a row's may stay relative to the largest score of its first block */
};

/* Raises the row's largest score so far to `score`, if that is larger, and shrinks its sums. */
static void raise_largest(const struct sums *sums, int row, real score, real *out, int d)
{
    if (score <= sums->largest[row])
        return;
    const real shrink = sums->total[row] > 0 ? real_exp(sums->largest[row] - score) : 0;
    for (int j = 0; j < d; j++)
        out[j] *= shrink;
    sums->total[row] *= shrink;
    sums->largest[row] = score;
}

/* A block's share: weights relative to the row's largest score, which may grow from block to block,
 * or to that of its first block where scores are small. */
static void forward_block(const struct sbmt_attend *attend, const struct sbmt_block *block,
                          const struct sums *sums, real *out)
{
    const int d = attend->d, stride = attend->stride;
    const struct sbmt_kernels *kernels = block->kernels;
    sbmt_block_dot(block, d, attend->q, stride, attend->keys, d, 1, attend->weight);
    for (int i = 0; i < block->rows; i++) {
        const int row = block->first + i, count = block->begin[i + 1] - block->begin[i];
        real *weight = attend->weight + block->begin[i];
        if (count == 0)
            continue;
        add_multiplicity(block, i, count, weight);
        if (!sums->small || sums->total[row] == 0)
            raise_largest(sums, row, kernels->max(count, weight),
                          out + (size_t)row * (size_t)stride, d);
        sums->total[row] += kernels->exp_sum(count, weight, 1, sums->largest[row]);
    }
    draw_bits(attend, block);
    drop(attend, block, attend->weight);
    sbmt_block_gather(block, d, attend->weight, attend->values, d, out, stride);
}

bool sbmt_attend_forward(struct sbmt_attend *attend, const struct sbmt_graph *graph,
                         const struct sbmt_kernels *kernels, real *out, real *log_sum,
                         struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    const size_t n = (size_t)attend->n, d = (size_t)attend->d, stride = (size_t)attend->stride;
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    struct sums sums = {.largest = log_sum, .total = sbmt_arena_zalloc(scratch, n, sizeof(real))};
    if (!sbmt_block_walk_init(&walk, graph, kernels, false, scratch) ||
        !pack(attend, walk.most_edges, scratch))
        return false;
    sums.small = graph->weight == NULL &&
                 sbmt_scores_are_small(kernels, attend->d, attend->n,
                                       (struct sbmt_rows){attend->q, attend->stride}, attend->n,
                                       (struct sbmt_rows){attend->keys, attend->d}, 1);
    for (size_t i = 0; i < n; i++) {
        memset(out + i * stride, 0, d * sizeof *out);
        sums.largest[i] = SBMT_R(-SBMT_REAL_MAX);
    }
    while (sbmt_block_next(&walk, &block))
        forward_block(attend, &block, &sums, out);
    for (size_t i = 0; i < n; i++) {
        const real total = sums.total[i] <= 0 ? 1 : sums.total[i];
        for (size_t j = 0; j < d; j++)
            out[i * stride + j] /= total;
        log_sum[i] += real_log(total);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}

bool sbmt_attend_backward_init(struct sbmt_attend *attend, int most_edges, const real *out,
                               const real *dout, const struct sbmt_kernels *kernels,
                               struct sbmt_arena *scratch)
{
    const size_t size = (size_t)most_edges + 16;
    real *delta = sbmt_arena_reals(scratch, (size_t)attend->n);
    attend->queries = packed(attend, attend->q, attend->scale, scratch);
    attend->dout = packed(attend, dout, 1, scratch);
    attend->score = sbmt_arena_reals(scratch, size);
    attend->dscore = sbmt_arena_reals(scratch, size);
    if (!pack(attend, most_edges, scratch))
        return false;
    for (int i = 0; i < attend->n; i++)
        delta[i] = kernels->dot(attend->d, dout + (size_t)i * (size_t)attend->stride,
                                out + (size_t)i * (size_t)attend->stride);
    attend->delta = delta;
    return true;
}

/* With A the weights before dropout and m the dropout factors:  ∂L/∂A_e = m_e·(dout_i·v_j),
 * ∂L/∂s_e = A_e·(∂L/∂A_e − Σ A·∂L/∂A) over the row, and that sum is dout_i·out_i. */
void sbmt_attend_backward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                          const real *log_sum, real *dq, real *dk, real *dv)
{
    const struct sbmt_kernels *kernels = block->kernels;
    const int d = attend->d, stride = attend->stride;
    sbmt_block_dot(block, d, attend->q, stride, attend->keys, d, 1, attend->score);
    sbmt_block_dot(block, d, attend->dout, d, attend->values, d, 1, attend->dscore);
    memcpy(attend->weight, attend->score, (size_t)block->edges * sizeof *attend->weight);
    draw_bits(attend, block);
    drop(attend, block, attend->dscore);
    for (int i = 0; i < block->rows; i++) {
        const int row = block->first + i, count = block->begin[i + 1] - block->begin[i];
        real *weight = attend->weight + block->begin[i];
        real *dscore = attend->dscore + block->begin[i];
        if (count == 0)
            continue;
        add_multiplicity(block, i, count, weight);
        kernels->exp_sum(count, weight, 1, log_sum[row]);
        kernels->softmax_backward(count, weight, dscore, attend->delta[row], 1, dscore);
    }
    drop(attend, block, attend->weight);
    sbmt_block_gather(block, d, attend->dscore, attend->keys, d, dq, stride);
    sbmt_block_gather_turned(block, d, attend->dscore, attend->queries, d, dk, stride);
    sbmt_block_gather_turned(block, d, attend->weight, attend->dout, d, dv, stride);
}
