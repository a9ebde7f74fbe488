/* Attention along edges, and over all pairs, for scores of any size: sums relative to the first
 * block's largest score where they are small, and to the largest so far where they are not. */
#include <math.h>

#include "core/attention/attend.h"
#include "core/attention/dense.h"
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

static bool has_all(int i, int j)
{
    (void)i, (void)j;
    return true;
}

/* A row by the definition, in double; returns the logarithm of the sum of exponentials. */
static double expected_row(const struct sbmt_attend *attend, bool (*edge)(int, int), int i,
                           double out[D])
{
    double largest = -INFINITY, total = 0;
    for (int j = 0; j < N; j++)
        if (edge(i, j))
            largest = fmax(largest, score(attend, i, j));
    for (int t = 0; t < D; t++)
        out[t] = 0;
    for (int j = 0; j < N; j++) {
        const double weight = edge(i, j) ? exp(score(attend, i, j) - largest) : 0;
        total += weight;
        for (int t = 0; t < D; t++)
            out[t] += weight * (double)attend->v[j * D + t];
    }
    for (int t = 0; t < D; t++)
        out[t] /= total;
    return largest + log(total);
}

/* Products in float are off by some 1e-7 of their size. */
static void check_row(const struct sbmt_attend *attend, bool (*edge)(int, int), float size, int i,
                      const float *out, float log_sum)
{
    double expected[D];
    const double sum = expected_row(attend, edge, i, expected);
    const double off = 1e-6 * (1 + (double)(size * size));
    ck_assert_double_eq_tol((double)log_sum, sum, off);
    for (int t = 0; t < D; t++)
        ck_assert_double_eq_tol((double)out[t], expected[t], 4 * off);
}

static struct sbmt_attend make_attend(struct sbmt_arena *arena, float size)
{
    return (struct sbmt_attend){.n = N,
                                .d = D,
                                .stride = D,
                                .scale = 1 / sqrtf(D),
                                .q = numbers(arena, 1, size),
                                .k = numbers(arena, 2, size),
                                .v = numbers(arena, 3, 1)};
}

START_TEST(scores_of_any_size)
{
    struct sbmt_arena arena = {0}, scratch = {0};
    const struct sbmt_graph graph = make_graph(&arena);
    struct sbmt_attend attend = make_attend(&arena, sizes[_i]);
    float *out = sbmt_arena_alloc(&arena, sizeof *out * N * D), log_sum[N];
    ck_assert(
        sbmt_attend_forward(&attend, &graph, sbmt_kernels_get(NULL, NULL), out, log_sum, &scratch));
    for (int i = 0; i < N; i++) {
        check_row(&attend, has, sizes[_i], i, out + i * D, log_sum[i]);
        for (int t = 0; t < D && i % 50 == 0; t++) /* the only edge has the weight 1, exactly */
            ck_assert_float_eq(out[i * D + t], attend.v[i * D + t]);
    }
    sbmt_arena_finish(&arena);
    sbmt_arena_finish(&scratch);
}
END_TEST

static struct sbmt_dense_attend make_dense(const struct sbmt_attend *attend)
{
    return (struct sbmt_dense_attend){.queries = N,
                                      .keys = N,
                                      .d = D,
                                      .width = D,
                                      .q = {attend->q, D},
                                      .k = {attend->k, D},
                                      .v = {attend->v, D},
                                      .scale = attend->scale};
}

START_TEST(scores_of_any_size_over_all_pairs)
{
    struct sbmt_arena arena = {0}, scratch = {0};
    const struct sbmt_attend attend = make_attend(&arena, sizes[_i]);
    const struct sbmt_dense_attend dense = make_dense(&attend);
    float *out = sbmt_arena_alloc(&arena, sizeof *out * N * D), log_sum[N];
    ck_assert(
        sbmt_dense_attend_forward(&dense, sbmt_kernels_get(NULL, NULL), out, D, log_sum, &scratch));
    for (int i = 0; i < N; i++)
        check_row(&attend, has_all, sizes[_i], i, out + i * D, log_sum[i]);
    sbmt_arena_finish(&arena);
    sbmt_arena_finish(&scratch);
}
END_TEST

enum { WORDS = (N + 31) / 32, EMPTY = 3 };

/* Row `empty` has none. */
static uint32_t *make_pairs(struct sbmt_arena *arena, int empty)
{
    uint32_t *pairs = sbmt_arena_zalloc(arena, (size_t)N * WORDS, sizeof *pairs);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N && i != empty; j++)
            pairs[i * WORDS + j / 32] |= (uint32_t)has(i, j) << (j % 32);
    return pairs;
}

START_TEST(scores_of_any_size_over_some_pairs)
{
    struct sbmt_arena arena = {0}, scratch = {0};
    const struct sbmt_attend attend = make_attend(&arena, sizes[_i]);
    struct sbmt_dense_attend dense = make_dense(&attend);
    dense.pairs = make_pairs(&arena, EMPTY);
    dense.pair_words = WORDS;
    float *out = sbmt_arena_alloc(&arena, sizeof *out * N * D), log_sum[N];
    ck_assert(
        sbmt_dense_attend_forward(&dense, sbmt_kernels_get(NULL, NULL), out, D, log_sum, &scratch));
    for (int i = 0; i < N; i++) {
        if (i != EMPTY)
            check_row(&attend, has, sizes[_i], i, out + i * D, log_sum[i]);
        for (int t = 0; t < D && i == EMPTY; t++)
            ck_assert_float_eq(out[i * D + t], 0);
    }
    sbmt_arena_finish(&arena);
    sbmt_arena_finish(&scratch);
}
END_TEST

/* Gradients of q, k and v: along the edges, and by pairs. */
struct gradients {
    float *dq, *dk, *dv;
};

static struct gradients make_gradients(struct sbmt_arena *arena)
{
    const size_t size = sizeof(float);
    return (struct gradients){sbmt_arena_zalloc(arena, (size_t)N * D, size),
                              sbmt_arena_zalloc(arena, (size_t)N * D, size),
                              sbmt_arena_zalloc(arena, (size_t)N * D, size)};
}

static struct gradients along_edges(struct sbmt_attend *attend, const float *dout,
                                    struct sbmt_arena *arena)
{
    const struct sbmt_kernels *kernels = sbmt_kernels_get(NULL, NULL);
    const struct sbmt_graph graph = make_graph(arena);
    const struct gradients to = make_gradients(arena);
    float *out = sbmt_arena_alloc(arena, sizeof *out * N * D), log_sum[N];
    struct sbmt_block_walk walk;
    struct sbmt_block block;
    ck_assert(sbmt_attend_forward(attend, &graph, kernels, out, log_sum, arena));
    ck_assert(sbmt_block_walk_init(&walk, &graph, kernels, true, arena));
    ck_assert(sbmt_attend_backward_init(attend, walk.most_edges, out, dout, kernels, arena));
    while (sbmt_block_next(&walk, &block)) {
        sbmt_block_turn(&walk, &block);
        sbmt_attend_backward(attend, &block, log_sum, to.dq, to.dk, to.dv);
    }
    return to;
}

static struct gradients by_pairs(const struct sbmt_attend *attend, const float *dout,
                                 struct sbmt_arena *arena)
{
    const struct sbmt_kernels *kernels = sbmt_kernels_get(NULL, NULL);
    const struct gradients to = make_gradients(arena);
    struct sbmt_dense_attend dense = make_dense(attend);
    dense.pairs = make_pairs(arena, N);
    dense.pair_words = WORDS;
    float *out = sbmt_arena_alloc(arena, sizeof *out * N * D), log_sum[N];
    const struct sbmt_dense_grad grad = {.dq = to.dq, .dk = to.dk, .dv = to.dv};
    ck_assert(sbmt_dense_attend_forward(&dense, kernels, out, D, log_sum, arena));
    ck_assert(sbmt_dense_attend_backward(&dense, kernels, (struct sbmt_rows){out, D}, log_sum,
                                         (struct sbmt_rows){dout, D}, &grad, arena));
    return to;
}

static void check_same(const float *x, const float *y, double off)
{
    double largest = 0;
    for (int i = 0; i < N * D; i++)
        largest = fmax(largest, fabs((double)x[i]));
    for (int i = 0; i < N * D; i++)
        ck_assert_double_eq_tol((double)x[i], (double)y[i], off * largest);
}

/* Where scores are large, those of pairs that do not take part are far beyond the row's others. */
START_TEST(gradients_are_the_same_by_pairs)
{
    struct sbmt_arena arena = {0};
    struct sbmt_attend attend = make_attend(&arena, sizes[_i]);
    const float *dout = numbers(&arena, 4, 1);
    const struct gradients x = along_edges(&attend, dout, &arena);
    const struct gradients y = by_pairs(&attend, dout, &arena);
    const double off = 2e-6 * (1 + (double)(sizes[_i] * sizes[_i]));
    check_same(x.dq, y.dq, off);
    check_same(x.dk, y.dk, off);
    check_same(x.dv, y.dv, off);
    sbmt_arena_finish(&arena);
}
END_TEST

/* Whatever stands before and behind it. */
START_TEST(what_is_no_number_is_not_small)
{
    const struct sbmt_kernels *kernels = sbmt_kernels_get(NULL, NULL);
    for (int bad = 0; bad < 3; bad++) {
        float rows[3 * D] = {0}, keys[D] = {1};
        const struct sbmt_rows q = {rows, D}, k = {keys, D};
        ck_assert(sbmt_scores_are_small(kernels, D, 3, q, 1, k, 1));
        rows[bad * D] = NAN;
        ck_assert(!sbmt_scores_are_small(kernels, D, 3, q, 1, k, 1));
        ck_assert(!sbmt_scores_are_small(kernels, D, 1, k, 3, q, 1));
    }
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {{scores_of_any_size, SIZES},
                                            {scores_of_any_size_over_all_pairs, SIZES},
                                            {scores_of_any_size_over_some_pairs, SIZES},
                                            {gradients_are_the_same_by_pairs, SIZES},
                                            {what_is_no_number_is_not_small, 1}};
    return sbmt_suite_run_loops("attend", tests, (int)(sizeof tests / sizeof tests[0]));
}
