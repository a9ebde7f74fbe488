/* Sinkhorn balancing. */
#include "core/nn/balance.h"

#include <string.h>

bool sbmt_balance_init(struct sbmt_balance *balance, int m, int iterations,
                       struct sbmt_arena *arena)
{
    const size_t size = (size_t)m * (size_t)m;
    *balance = (struct sbmt_balance){
        .m = m,
        .iterations = iterations,
        .steps = sbmt_arena_reals(arena, (2 * (size_t)iterations + 1) * size),
        .result = sbmt_arena_reals(arena, size),
    };
    return !arena->failed;
}

/* y = xᵀ, for (m, m). */
static void turn(int m, const real *x, real *y)
{
    for (size_t i = 0; i < (size_t)m; i++)
        for (size_t j = 0; j < (size_t)m; j++)
            y[j * (size_t)m + i] = x[i * (size_t)m + j];
}

void sbmt_balance_forward(struct sbmt_balance *balance, const struct sbmt_kernels *kernels)
{
    const int m = balance->m;
    const size_t size = (size_t)m * (size_t)m;
    real *work = balance->result;
    for (int step = 0; step < 2 * balance->iterations; step++) {
        const real *x = balance->steps + (size_t)step * size;
        memcpy(work, x, size * sizeof *work);
        for (int i = 0; i < m; i++) {
            real *row = work + (size_t)i * (size_t)m;
            const real largest = kernels->max(m, row);
            const real log_sum = largest + real_log(kernels->exp_sum(m, row, 1, largest));
            for (int j = 0; j < m; j++)
                row[j] = x[(size_t)i * (size_t)m + (size_t)j] - log_sum;
        }
        turn(m, work, balance->steps + (size_t)(step + 1) * size);
    }
    memcpy(work, balance->steps + 2 * (size_t)balance->iterations * size, size * sizeof *work);
    kernels->exp_sum((int)size, work, 1, 0);
}

/* Of a row y = x − log Σ e^x:  dx = dy − e^y·Σ dy. */
bool sbmt_balance_backward(const struct sbmt_balance *balance, const struct sbmt_kernels *kernels,
                           real *dx, struct sbmt_arena *scratch)
{
    const int m = balance->m;
    const size_t size = (size_t)m * (size_t)m;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    real *share = sbmt_arena_reals(scratch, size), *dy = sbmt_arena_reals(scratch, size);
    if (scratch->failed)
        return false;
    for (size_t i = 0; i < size; i++)
        dx[i] *= balance->result[i];
    for (int step = 2 * balance->iterations; step > 0; step--) {
        turn(m, dx, dy);
        turn(m, balance->steps + (size_t)step * size, share);
        kernels->exp_sum((int)size, share, 1, 0);
        for (size_t i = 0; i < size; i += (size_t)m) {
            const real total = kernels->sum(m, dy + i);
            for (size_t j = i; j < i + (size_t)m; j++)
                dx[j] = dy[j] - share[j] * total;
        }
    }
    sbmt_arena_release(scratch, mark);
    return true;
}
