/* Softmax attention along the edges of a block. */
#include "core/attention/attend.h"

#include <string.h>

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

bool sbmt_attend_init(struct sbmt_attend *attend, int most_edges, const real *dout,
                      struct sbmt_arena *scratch)
{
    const size_t size = (size_t)most_edges + 16;
    attend->keys = packed(attend, attend->k, attend->scale, scratch);
    attend->values = packed(attend, attend->v, 1, scratch);
    attend->weight = sbmt_arena_reals(scratch, size);
    attend->bits = sbmt_arena_alloc(scratch, size / 2 * sizeof *attend->bits + 64);
    if (dout != NULL) {
        attend->queries = packed(attend, attend->q, attend->scale, scratch);
        attend->dout = packed(attend, dout, 1, scratch);
        attend->score = sbmt_arena_reals(scratch, size);
        attend->dscore = sbmt_arena_reals(scratch, size);
    }
    return !scratch->failed;
}

static void draw_bits(const struct sbmt_attend *attend, const struct sbmt_block *block, int row,
                      int count)
{
    if (attend->dropout.threshold != 0)
        block->kernels->random_bits(attend->key, (uint32_t)row, 0, (count + 7) / 8, attend->bits);
}

static void drop(const struct sbmt_attend *attend, const struct sbmt_block *block, int count,
                 real *x)
{
    if (attend->dropout.threshold != 0)
        block->kernels->dropout(count, attend->bits, attend->dropout.threshold,
                                attend->dropout.scale, x);
}

/* Adds log w to the block's scores in x, where edges have been drawn more than once. */
static void add_multiplicity(const struct sbmt_attend *attend, const struct sbmt_block *block,
                             real *x)
{
    if (attend->graph->weight == NULL)
        return;
    const real *multiplicity = attend->graph->weight + (block->column - attend->graph->column);
    for (int e = 0; e < block->edges; e++)
        if (multiplicity[e] > 1)
            x[e] += real_log(multiplicity[e]);
}

void sbmt_attend_forward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                         real *out, real *log_sum)
{
    const int d = attend->d, stride = attend->stride;
    const struct sbmt_kernels *kernels = block->kernels;
    real sum[SBMT_BLOCK_ROWS];
    sbmt_block_dot(block, d, attend->q, stride, attend->keys, d, 1, attend->weight);
    add_multiplicity(attend, block, attend->weight);
    for (int i = 0; i < block->rows; i++) {
        const int row = block->first + i;
        int count;
        real *weight = attend->weight + sbmt_block_row(block, i, &count);
        memset(out + (size_t)row * (size_t)stride, 0, (size_t)d * sizeof *out);
        const real largest = count > 0 ? kernels->max(count, weight) : 0;
        sum[i] = count > 0 ? kernels->exp_sum(count, weight, 1, largest) : 1;
        log_sum[row] = largest + real_log(sum[i]);
        draw_bits(attend, block, row, count);
        drop(attend, block, count, weight);
    }
    sbmt_block_gather(block, d, attend->weight, attend->values, d, out, stride);
    for (int i = 0; i < block->rows; i++) {
        real *to = out + (size_t)(block->first + i) * (size_t)stride;
        for (int j = 0; j < d; j++)
            to[j] /= sum[i];
    }
}

/* With A the weights before dropout and m the dropout factors:  ∂L/∂A_e = m_e·(dout_i·v_j),
 * ∂L/∂s_e = A_e·(∂L/∂A_e − Σ A·∂L/∂A) over the row. */
void sbmt_attend_backward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                          const real *log_sum, real *dq, real *dk, real *dv)
{
    const struct sbmt_kernels *kernels = block->kernels;
    const int d = attend->d, stride = attend->stride;
    sbmt_block_dot(block, d, attend->q, stride, attend->keys, d, 1, attend->score);
    sbmt_block_dot(block, d, attend->dout, d, attend->values, d, 1, attend->dscore);
    memcpy(attend->weight, attend->score, (size_t)block->edges * sizeof *attend->weight);
    add_multiplicity(attend, block, attend->weight);
    for (int i = 0; i < block->rows; i++) {
        const int row = block->first + i;
        int count;
        const int begin = sbmt_block_row(block, i, &count);
        real *weight = attend->weight + begin, *dscore = attend->dscore + begin;
        kernels->exp_sum(count, weight, 1, log_sum[row]);
        draw_bits(attend, block, row, count);
        drop(attend, block, count, dscore);
        const real delta = kernels->dot(count, weight, dscore);
        kernels->softmax_backward(count, weight, dscore, delta, 1, dscore);
        drop(attend, block, count, weight);
    }
    sbmt_block_gather(block, d, attend->dscore, attend->keys, d, dq, stride);
    sbmt_block_gather_turned(block, d, attend->dscore, attend->queries, d, dk, stride);
    sbmt_block_gather_turned(block, d, attend->weight, attend->dout, d, dv, stride);
}
