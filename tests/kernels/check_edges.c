/* Checks of random numbers, edge draws and the products along edges. */
#include <math.h>
#include <string.h>

#include "tests/kernels/checks.h"

enum { ROWS = 40 };

static const int widths[] = {0,  1,  3,  7,  8,  9,  12, 15,  16,  17,  20,  24,  31,  32, 33,
                             40, 48, 63, 64, 65, 72, 96, 100, 127, 128, 129, 192, 256, 300};
static const int counts[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100};
enum { WIDTHS = sizeof widths / sizeof widths[0], COUNTS = sizeof counts / sizeof counts[0] };

void check_random_bits(struct trial *trial)
{
    static const int blocks[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100, 257};
    static const uint32_t firsts[] = {0, 1, 77, 0xFFFFFFF3U};
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++)
        for (int f = 0; f < 4; f++) {
            const struct sbmt_rng_key key = {{trial_bits(trial), trial_bits(trial)}};
            const uint32_t row = trial_bits(trial), first = firsts[f];
            trial_begin(trial, f % 2);
            uint32_t *out = trial_array(trial, (size_t)blocks[b] * 4);
            trial->set->random_bits(key, row, first, blocks[b], out);
            for (uint32_t i = 0; i < (uint32_t)blocks[b]; i++) {
                const uint32_t counter[4] = {first + i, row, 0, 0};
                uint32_t expected[4];
                sbmt_philox(counter, key, expected);
                if (memcmp(expected, out + 4 * i, sizeof expected) != 0)
                    trial_fail(trial, "%d blocks from %u: block %u differs", blocks[b], first, i);
            }
            trial_check_slack(trial, "random_bits");
        }
}

void check_rest_bounds(struct trial *trial)
{
    struct nmse nmse = {0};
    for (const int *n = check_sizes; *n >= 0; n++) {
        trial_begin(trial, *n % 2);
        const float *weight = trial_floats(trial, *n, 0, 1), *share = trial_floats(trial, *n, 0, 1);
        const float *least = trial_floats(trial, *n, 0, 1), *most = trial_floats(trial, *n, 1, 2);
        float *found = trial_array(trial, 3), *expected = trial_array(trial, 3);
        trial->set->rest_bounds(*n, weight, share, 0.9F, least, most, found);
        trial->reference->rest_bounds(*n, weight, share, 0.9F, least, most, expected);
        nmse_add(&nmse, 3, found, expected);
        trial_check_slack(trial, "rest_bounds");
    }
    nmse_check(trial, &nmse, 1e-11, "all sizes", 0);
}

static void check_scan_row(struct trial *trial, int n, float scale, float low, float high)
{
    trial_begin(trial, n % 2);
    uint32_t *bits = trial_array(trial, (size_t)(n + 1) / 2);
    for (int j = 0; j < (n + 1) / 2; j++)
        bits[j] = trial_bits(trial);
    float *along = trial_floats(trial, n, 0, 1.2);
    for (int j = 0; j < n && scale > 0; j += 5) { /* on the edge: the comparisons are strict */
        const uint32_t half = j % 2 == 0 ? bits[j / 2] & 0xFFFFU : bits[j / 2] >> 16;
        along[j] = ((float)half / 65536 - (j % 10 == 0 ? low : high)) / scale;
    }
    const size_t words = ((size_t)n + 31) / 32;
    uint32_t *found = trial_array(trial, words), *expected = trial_array(trial, words);
    int32_t *unsure = trial_array(trial, (size_t)n), *doubtful = trial_array(trial, (size_t)n);
    int unsure_count, doubtful_count;
    const int count = trial->set->scan(n, along, scale, low, high, bits, found, unsure,
                                       &unsure_count);
    const int wanted = trial->reference->scan(n, along, scale, low, high, bits, expected, doubtful,
                                              &doubtful_count);
    if (count != wanted || unsure_count != doubtful_count)
        trial_fail(trial, "count = %d: %d candidates, %d unsure, expected %d and %d", n, count,
                   unsure_count, wanted, doubtful_count);
    else if (memcmp(found, expected, words * sizeof *found) != 0)
        trial_fail(trial, "count = %d: other columns than the reference's", n);
    else if (memcmp(unsure, doubtful, (size_t)unsure_count * sizeof *unsure) != 0)
        trial_fail(trial, "count = %d: other unsure ones than the reference's", n);
    trial_check_slack(trial, "scan");
}

void check_scan(struct trial *trial)
{
    static const float bounds[][2] = {{0, 0}, {0.01F, 0.02F}, {-0.3F, 0.2F}, {1, 1}, {-2, -1}};
    for (const int *n = check_sizes; *n >= 0; n++)
        for (int b = 0; b < 5; b++) {
            check_scan_row(trial, *n, 0.9F, bounds[b][0], bounds[b][1]);
            check_scan_row(trial, *n, 0, bounds[b][0], bounds[b][1]);
        }
}

enum { MOST_WORDS = 9 };

/* Some words, of which each bit is set with one of three frequencies; returns how many are. */
static int random_words(struct trial *trial, int words, int frequency, uint32_t *bits)
{
    int count = 0;
    for (int w = 0; w < words; w++) {
        bits[w] = frequency == 0 ? 0xFFFFFFFFU : trial_bits(trial);
        for (int i = 1; i < frequency; i++)
            bits[w] &= trial_bits(trial);
        count += __builtin_popcount(bits[w]);
    }
    return count;
}

static void set_bits(struct trial *trial, int words, int frequency)
{
    trial_begin(trial, words % 2);
    uint32_t *bits = trial_array(trial, (size_t)words);
    const int wanted = random_words(trial, words, frequency, bits);
    int32_t *found = trial_array(trial, (size_t)wanted + 16);
    int32_t *expected = trial_array(trial, (size_t)wanted + 16);
    const int count = trial->set->set_bits(words, bits, 77, found);
    if (trial->reference->set_bits(words, bits, 77, expected) != wanted || count != wanted)
        trial_fail(trial, "words = %d: %d bits, expected %d", words, count, wanted);
    else if (memcmp(found, expected, (size_t)count * sizeof *found) != 0)
        trial_fail(trial, "words = %d: other places than the reference's", words);
    for (int e = 0; e < wanted; e++) {
        const int bit = found[e] - 77;
        if (bit < 0 || bit >= 32 * words || !(bits[bit / 32] >> (bit % 32) & 1) ||
            (e > 0 && found[e] <= found[e - 1]))
            trial_fail(trial, "words = %d: place %d is %d", words, e, found[e]);
    }
    trial_check_slack(trial, "set_bits");
}

void check_set_bits(struct trial *trial)
{
    static const int words[] = {0, 1, 2, 3, 6, 7, 32, 33, 64};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
        for (int frequency = 0; frequency < 4; frequency++)
            set_bits(trial, words[w], frequency);
}

void check_collect(struct trial *trial)
{
    for (int i = 0; i < 4 * MOST_WORDS; i++) {
        const int words = i / 4;
        trial_begin(trial, words % 2);
        uint32_t *bits = trial_array(trial, (size_t)words);
        const int count = random_words(trial, words, i % 4, bits);
        const float *x = trial_floats(trial, 32 * words, -1, 1);
        float *found = trial_array(trial, (size_t)count + 16);
        float *expected = trial_array(trial, (size_t)count + 16);
        if (trial->set->collect(words, bits, 0.7F, x, found) != count ||
            trial->reference->collect(words, bits, 0.7F, x, expected) != count ||
            memcmp(found, expected, (size_t)count * sizeof *found) != 0)
            trial_fail(trial, "words = %d: not the %d numbers of the reference", words, count);
        trial_check_slack(trial, "collect");
    }
}

void check_spread(struct trial *trial)
{
    for (int i = 0; i < 4 * MOST_WORDS; i++) {
        const int words = i / 4;
        trial_begin(trial, words % 2);
        uint32_t *bits = trial_array(trial, (size_t)words);
        const int count = random_words(trial, words, i % 4, bits);
        const float *x = trial_floats(trial, count + 16, -1, 1);
        const size_t size = 32 * (size_t)words;
        float *found = trial_array(trial, size), *expected = trial_array(trial, size);
        trial->set->spread(words, bits, x, found);
        trial->reference->spread(words, bits, x, expected);
        if (memcmp(found, expected, size * sizeof *found) != 0)
            trial_fail(trial, "words = %d: other numbers than the reference's", words);
        trial_check_slack(trial, "spread");
    }
}

void check_keep(struct trial *trial)
{
    for (int i = 0; i < 4 * MOST_WORDS; i++) {
        const int words = i / 4;
        trial_begin(trial, words % 2);
        uint32_t *bits = trial_array(trial, (size_t)words);
        random_words(trial, words, i % 4, bits);
        const size_t size = 32 * (size_t)words;
        float *x = trial_floats(trial, 32 * words, -1, 1);
        for (size_t j = 0; j < size; j++) /* what goes may be anything */
            if (!(bits[j / 32] >> (j % 32) & 1))
                x[j] = j % 2 == 0 ? NAN : INFINITY;
        float *found = trial_array(trial, size), *expected = trial_array(trial, size);
        memcpy(found, x, size * sizeof *x);
        memcpy(expected, x, size * sizeof *x);
        const float sum = trial->set->keep(words, bits, 7, found);
        const float wanted = trial->reference->keep(words, bits, 7, expected);
        if (memcmp(found, expected, size * sizeof *found) != 0)
            trial_fail(trial, "words = %d: other numbers than the reference's", words);
        if (fabsf(sum - wanted) > 1e-5F)
            trial_fail(trial, "words = %d: the sum is %g, expected %g", words, (double)sum,
                       (double)wanted);
        for (size_t j = 0; j < size; j++)
            if (found[j] != (bits[j / 32] >> (j % 32) & 1 ? x[j] : 7))
                trial_fail(trial, "words = %d: number %zu is %g", words, j, (double)found[j]);
        trial_check_slack(trial, "keep");
    }
}

/* Rows of bits, a random number of them set, with places that begin anywhere. */
static void turn_bits(struct trial *trial, int rows, int columns, int stride)
{
    trial_begin(trial, rows % 2);
    uint32_t *bits = trial_array(trial, (size_t)rows * (size_t)stride);
    const size_t whole = ((size_t)rows + 15) / 16 * 16;
    int32_t *next = trial_array(trial, whole), *wanted = trial_array(trial, whole);
    for (int w = 0; w < rows * stride; w++)
        bits[w] = trial_bits(trial) & trial_bits(trial);
    for (int i = 0; i < rows; i++)
        next[i] = wanted[i] = (int32_t)(trial_bits(trial) % (SBMT_TURNED_EDGES - 100));
    int *begin = trial_array(trial, (size_t)columns + 1);
    const size_t room = (size_t)rows * (size_t)columns + 16;
    uint32_t *found = trial_array(trial, room);
    trial->set->turn_bits(rows, columns, bits, stride, next, begin, found);
    int count = 0;
    for (int j = 0; j < columns; j++) {
        if (begin[j] != count)
            trial_fail(trial, "%d rows: column %d begins at %d, not %d", rows, j, begin[j], count);
        for (int i = 0; i < rows; i++)
            if (bits[i * stride + j / 32] >> (j % 32) & 1) {
                if (sbmt_turned_row(found[count]) != i ||
                    sbmt_turned_place(found[count]) != wanted[i]++)
                    trial_fail(trial, "%d rows: another edge than (%d, %d)", rows, i, j);
                count++;
            }
    }
    if (begin[columns] != count || memcmp(next, wanted, (size_t)rows * sizeof *next) != 0)
        trial_fail(trial, "%d rows: %d edges, expected %d", rows, begin[columns], count);
    trial_check_slack(trial, "turn_bits");
}

void check_turn_bits(struct trial *trial)
{
    static const int rows[] = {0, 1, 7, 8, 9, 15, 16, 17, 33, 192, SBMT_TURNED_ROWS};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        turn_bits(trial, rows[r], 0, 3);
        turn_bits(trial, rows[r], 1, 1);
        turn_bits(trial, rows[r], 31, 4);
        turn_bits(trial, rows[r], 96, 3);
        turn_bits(trial, rows[r], 100, 7);
    }
}

/* Calls `check` for every width, several leading dimensions and counts; errors are averaged over
 * the counts. */
static void over_shapes(struct trial *trial, void (*check)(struct trial *trial, int d, int count,
                                                           int ld, struct nmse *nmse))
{
    static const int paddings[] = {0, 1, 13};
    for (int w = 0; w < WIDTHS; w++)
        for (int p = 0; p < 3; p++) {
            struct nmse nmse = {0};
            const int d = widths[w], ld = d + paddings[p];
            for (int c = 0; c < COUNTS; c++) {
                trial_begin(trial, (c + p) % 2);
                check(trial, d, counts[c], ld, &nmse);
                trial_check_slack(trial, "edges");
            }
            /* Sums of at most 300 products. */
            nmse_check(trial, &nmse, 1e-11, "d", d);
        }
}

/* Blocks of a graph are cut by what fits into cache; the bytes of a score must not depend on the
 * cut. */
static void gather_dot(struct trial *trial, int d, int count, int ld, struct nmse *nmse)
{
    const float scale = 0.3F;
    const float *matrix = trial_matrix(trial, ROWS, d, ld), *row = trial_floats(trial, d, -1, 1);
    const int32_t *columns = trial_columns(trial, count, ROWS);
    float *found = trial_array(trial, (size_t)count), *single = trial_array(trial, (size_t)count);
    float *expected = trial_array(trial, (size_t)count);
    trial->set->gather_dot(d, count, columns, row, matrix, ld, scale, found);
    trial->reference->gather_dot(d, count, columns, row, matrix, ld, scale, expected);
    nmse_add(nmse, count, found, expected);
    for (int e = 0; e < count; e++)
        trial->set->gather_dot(d, 1, columns + e, row, matrix, ld, scale, single + e);
    if (count > 0 && memcmp(found, single, (size_t)count * sizeof *found) != 0)
        trial_fail(trial, "d = %d: bytes depend on the edges beside an edge", d);
}

void check_gather_dot(struct trial *trial)
{
    over_shapes(trial, gather_dot);
}

static void gather_add(struct trial *trial, int d, int count, int ld, struct nmse *nmse)
{
    const float *matrix = trial_matrix(trial, ROWS, d, ld);
    const float *weight = trial_floats(trial, count, -1, 1);
    const int32_t *columns = trial_columns(trial, count, ROWS);
    float *found = trial_floats(trial, d, -1, 1), *expected = trial_copy(trial, found);
    trial->set->gather_add(d, count, columns, weight, matrix, ld, found);
    trial->reference->gather_add(d, count, columns, weight, matrix, ld, expected);
    nmse_add(nmse, d, found, expected);
}

enum { PLACES = 1024 };

/* The reference's sums, with weights that lie anywhere. */
static void gather_add_turned(struct trial *trial, int d, int count, int ld, struct nmse *nmse)
{
    const float *matrix = trial_matrix(trial, ROWS, d, ld);
    const int32_t *rows = trial_columns(trial, count, ROWS);
    const int32_t *places = trial_columns(trial, count, PLACES);
    const float *scattered = trial_floats(trial, PLACES, -1, 1);
    float *weight = trial_array(trial, (size_t)count);
    uint32_t *turned = trial_array(trial, (size_t)count);
    for (int e = 0; e < count; e++) {
        weight[e] = scattered[places[e]];
        turned[e] = sbmt_turned(rows[e], places[e]);
    }
    float *found = trial_floats(trial, d, -1, 1), *expected = trial_copy(trial, found);
    float *again = trial_copy(trial, found);
    trial->set->gather_add_turned(d, count, turned, scattered, matrix, ld, found);
    trial->reference->gather_add_turned(d, count, turned, scattered, matrix, ld, again);
    trial->reference->gather_add(d, count, rows, weight, matrix, ld, expected);
    nmse_add(nmse, d, found, expected);
    nmse_add(nmse, d, again, expected);
}

void check_gather_add(struct trial *trial)
{
    over_shapes(trial, gather_add);
}

/* The last row and place that a turned edge can name. */
static void gather_last(struct trial *trial)
{
    enum { D = 32 };
    trial_begin(trial, 0);
    float *matrix = trial_array(trial, (size_t)SBMT_TURNED_ROWS * D);
    float *weight = trial_array(trial, SBMT_TURNED_EDGES), *out = trial_array(trial, D);
    uint32_t *turned = trial_array(trial, 1);
    memset(matrix, 0, sizeof *matrix * SBMT_TURNED_ROWS * D);
    memset(weight, 0, sizeof *weight * SBMT_TURNED_EDGES);
    memset(out, 0, sizeof *out * D);
    for (int j = 0; j < D; j++)
        matrix[(SBMT_TURNED_ROWS - 1) * D + j] = 2;
    weight[SBMT_TURNED_EDGES - 1] = 3;
    *turned = sbmt_turned(SBMT_TURNED_ROWS - 1, SBMT_TURNED_EDGES - 1);
    trial->set->gather_add_turned(D, 1, turned, weight, matrix, D, out);
    for (int j = 0; j < D; j++)
        if (out[j] < 6 || out[j] > 6)
            trial_fail(trial, "the last place: %g, not 6", (double)out[j]);
    trial_check_slack(trial, "gather_add_turned");
}

void check_gather_add_turned(struct trial *trial)
{
    over_shapes(trial, gather_add_turned);
    gather_last(trial);
}

static int at_least_one(int count)
{
    return count > 0 ? count : 1;
}

/* a is stored by rows or, with `turned`, by columns. */
static void product(struct trial *trial, int m, int n, int depth, bool turned, struct nmse *nmse)
{
    const int lines = at_least_one(turned ? depth : m), width = turned ? m : depth;
    const int lda = width + m % 3, ldb = n + m % 3, ldc = n + m % 2;
    const float *a = trial_matrix(trial, lines, width, lda);
    const float *b = trial_matrix(trial, at_least_one(depth), n, ldb);
    float *found = trial_matrix(trial, at_least_one(m), n, ldc);
    float *expected = trial_copy(trial, found);
    const int row_step = turned ? 1 : lda, depth_step = turned ? lda : 1;
    trial->set->product(m, n, depth, depth % 3 > 0, a, row_step, depth_step, b, ldb, found, ldc);
    trial->reference->product(m, n, depth, depth % 3 > 0, a, row_step, depth_step, b, ldb, expected,
                              ldc);
    for (int i = 0; i < m; i++)
        nmse_add(nmse, n, found + i * ldc, expected + i * ldc);
    trial_check_gaps(trial, found, m, n, ldc);
    trial_check_slack(trial, "product");
}

void check_product(struct trial *trial)
{
    static const int rows[] = {0, 1, 2, 5, 6, 7, 12, 13, 23}, depths[] = {0, 1, 7, 19, 32};
    for (int w = 0; w < WIDTHS; w++) {
        struct nmse nmse = {0};
        for (int r = 0; r < 9; r++)
            for (int d = 0; d < 5; d++) {
                trial_begin(trial, (r + d) % 2);
                product(trial, rows[r], widths[w], depths[d], d % 2 == 0, &nmse);
                trial_begin(trial, (r + d) % 2);
                product(trial, rows[r], widths[w], depths[d], d % 2 != 0, &nmse);
            }
        nmse_check(trial, &nmse, 1e-11, "n", widths[w]);
    }
}
