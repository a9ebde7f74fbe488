/* Attention along edges for scores of any size: sums relative to the first block's largest score
 * where they are small, and to the largest so far where they are not. */
#include <math.h>

#include "core/attention/attend.h"
#include "tests/suite.h"

enum { N = 700, D = 8 }; /* several blocks */

/* The size of queries and keys: the largest score is about 0.7 times its square. */
static const float sizes[] = {0.01F, 1, 2.5F, 5, 8, 40};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static bool has(int i, int j)
{
    return i % 50 == 0 ? j == i : (i + j) % 4 == 0; /* some rows with one edge */
}

static struct sbmt_graph make_graph(struct sbmt_arena *arena)
{
    int64_t *offset = sbmt_arena_zalloc(arena, N + 1, sizeof *offset);
    int32_t *column = sbmt_arena_alloc(arena, sizeof *column * N * N);
    for (int i = 0; i < N; i++) {
        offset[i + 1] = offset[i];
        for (int j = 0; j < N; j++)
            if (has(i, j))
                column[offset[i + 1]++] = j;
    }
    return (struct sbmt_graph){.rows = N, .columns = N, .offset = offset, .column = column};
}

static float *numbers(struct sbmt_arena *arena, uint32_t which, float size)
{
    float *x = sbmt_arena_alloc(arena, sizeof *x * N * D);
    for (uint32_t i = 0; i < N * D; i++)
        x[i] = size *
               (2 * sbmt_rng_unit(sbmt_rng_bits((struct sbmt_rng_key){{1, which}}, 0, i)) - 1);
    return x;
}

static double score(const struct sbmt_attend *attend, int i, int j)
{
    double sum = 0;
    for (int t = 0; t < D; t++)
        sum += (double)attend->q[i * D + t] * (double)attend->k[j * D + t];
    return sum * (double)attend->scale;
}

/* A row by the definition, in double; returns the logarithm of the sum of exponentials. */
static double expected_row(const struct sbmt_attend *attend, int i, double out[D])
{
    double largest = -INFINITY, total = 0;
    for (int j = 0; j < N; j++)
        if (has(i, j))
            largest = fmax(largest, score(attend, i, j));
    for (int t = 0; t < D; t++)
        out[t] = 0;
    for (int j = 0; j < N; j++) {
        const double weight = has(i, j) ? exp(score(attend, i, j) - largest) : 0;
        total += weight;
        for (int t = 0; t < D; t++)
            out[t] += weight * (double)attend->v[j * D + t];
    }
    for (int t = 0; t < D; t++)
        out[t] /= total;
    return largest + log(total);
}

START_TEST(scores_of_any_size)
{
    struct sbmt_arena arena = {0}, scratch = {0};
    const struct sbmt_graph graph = make_graph(&arena);
    struct sbmt_attend attend = {.n = N,
                                 .d = D,
                                 .stride = D,
                                 .scale = 1 / sqrtf(D),
                                 .q = numbers(&arena, 1, sizes[_i]),
                                 .k = numbers(&arena, 2, sizes[_i]),
                                 .v = numbers(&arena, 3, 1)};
    float *out = sbmt_arena_alloc(&arena, sizeof *out * N * D), log_sum[N];
    ck_assert(
        sbmt_attend_forward(&attend, &graph, sbmt_kernels_get(NULL, NULL), out, log_sum, &scratch));
    for (int i = 0; i < N; i++) {
        double expected[D];
        const double sum = expected_row(&attend, i, expected);
        /* Products in float are off by some 1e-7 of their size. */
        const double off = 1e-6 * (1 + (double)(sizes[_i] * sizes[_i]));
        ck_assert_double_eq_tol((double)log_sum[i], sum, off);
        for (int t = 0; t < D; t++) {
            ck_assert_double_eq_tol((double)out[i * D + t], expected[t], 4 * off);
            if (i % 50 == 0) /* the only edge has the weight 1, exactly */
                ck_assert_float_eq(out[i * D + t], attend.v[i * D + t]);
        }
    }
    sbmt_arena_finish(&arena);
    sbmt_arena_finish(&scratch);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {{scores_of_any_size, SIZES}};
    return sbmt_suite_run_loops("attend", tests, 1);
}
