/* Softmax attention along the edges of a block. */
#include "core/attention/attend.h"

#include <string.h>

bool sbmt_attend_init(struct sbmt_attend *attend, int most_edges, struct sbmt_arena *scratch)
{
    const size_t size = (size_t)most_edges + 16;
    attend->score = sbmt_arena_reals(scratch, size);
    attend->weight = sbmt_arena_reals(scratch, size);
    attend->dscore = sbmt_arena_reals(scratch, size);
    attend->bits = sbmt_arena_alloc(scratch, size / 2 * sizeof *attend->bits + 64);
    return attend->score != NULL && attend->weight != NULL && attend->dscore != NULL &&
           attend->bits != NULL;
}

static void drop(const struct sbmt_attend *attend, const struct sbmt_block *block, int row,
                 int count, real *x)
{
    if (attend->dropout.threshold == 0)
        return;
    block->kernels->random_bits(attend->key, (uint32_t)row, 0, (count + 7) / 8, attend->bits);
    block->kernels->dropout(count, attend->bits, attend->dropout.threshold, attend->dropout.scale,
                            x);
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
    sbmt_block_dot(block, d, attend->q, stride, attend->k, stride, attend->scale, attend->weight);
    add_multiplicity(attend, block, attend->weight);
    for (int i = 0; i < block->rows; i++) {
        const int row = block->first + i;
        int count;
        real *weight = attend->weight + sbmt_block_row(block, i, &count);
        memset(out + (size_t)row * (size_t)stride, 0, (size_t)d * sizeof *out);
        const real largest = count > 0 ? kernels->max(count, weight) : 0;
        sum[i] = count > 0 ? kernels->exp_sum(count, weight, 1, largest) : 1;
        log_sum[row] = largest + real_log(sum[i]);
        drop(attend, block, row, count, weight);
    }
    sbmt_block_gather(block, d, attend->weight, attend->v, stride, out, stride);
    for (int i = 0; i < block->rows; i++) {
        real *to = out + (size_t)(block->first + i) * (size_t)stride;
        for (int j = 0; j < d; j++)
            to[j] /= sum[i];
    }
}

/* With A the weights before dropout and m the dropout factors:  ∂L/∂A_e = m_e·(dout_i·v_j),
 * ∂L/∂s_e = A_e·(∂L/∂A_e − Σ A·∂L/∂A) over the row. */
void sbmt_attend_backward(const struct sbmt_attend *attend, const struct sbmt_block *block,
                          const real *log_sum, const real *dout, real *dq, real *dk, real *dv)
{
    const struct sbmt_kernels *kernels = block->kernels;
    const int d = attend->d, stride = attend->stride;
    sbmt_block_dot(block, d, attend->q, stride, attend->k, stride, attend->scale, attend->score);
    sbmt_block_dot(block, d, dout, stride, attend->v, stride, 1, attend->dscore);
    memcpy(attend->weight, attend->score, (size_t)block->edges * sizeof *attend->weight);
    add_multiplicity(attend, block, attend->weight);
    for (int i = 0; i < block->rows; i++) {
        const int row = block->first + i;
        int count;
        const int begin = sbmt_block_row(block, i, &count);
        real *weight = attend->weight + begin, *dscore = attend->dscore + begin;
        kernels->exp_sum(count, weight, 1, log_sum[row]);
        drop(attend, block, row, count, dscore);
        const real delta = kernels->dot(count, weight, dscore);
        kernels->softmax_backward(count, weight, dscore, delta, 1, dscore);
        drop(attend, block, row, count, weight);
    }
    sbmt_block_scatter(block, d, attend->weight, dout, stride, dv, stride);
    for (int e = 0; e < block->edges; e++)
        attend->weight[e] = attend->dscore[e] * attend->scale;
    sbmt_block_exchange(block, d, attend->weight, attend->q, attend->k, dq, stride, dk, stride);
}
