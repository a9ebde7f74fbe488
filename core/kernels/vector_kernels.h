/* The vector kernels, written once for any number of lanes.
 *
 * Included at the foot of avx2.c and avx512.c, which define LANES, the types vec and ivec, and the
 * v_ and i_ operations above the inclusion, and SBMT_KERNELS_TABLE. Everything here is static, so
 * no code for one instruction set can be linked into another. Polynomials: scripts/kernels. */

#include "core/kernels/plain_loops.h"

static void random_bits(struct sbmt_rng_key key, uint32_t row, uint32_t first, int blocks,
                        uint32_t *out)
{
    int b = 0;
    for (; b + LANES <= blocks; b += LANES) {
        ivec c0 = i_add(i_set(first + (uint32_t)b), i_ramp()), c1 = i_set(row);
        ivec c2 = i_set(0), c3 = i_set(0);
        uint32_t k0 = key.word[0], k1 = key.word[1];
        for (int round = 0; round < 10; round++) {
            ivec high0, low0, high1, low1;
            i_multiply(c0, i_set(0xD2511F53U), &high0, &low0);
            i_multiply(c2, i_set(0xCD9E8D57U), &high1, &low1);
            c0 = i_xor(i_xor(high1, c1), i_set(k0));
            c2 = i_xor(i_xor(high0, c3), i_set(k1));
            c1 = low1;
            c3 = low0;
            k0 += 0x9E3779B9U;
            k1 += 0xBB67AE85U;
        }
        i_store_blocks(out + 4 * (size_t)b, c0, c1, c2, c3);
    }
    for (; b < blocks; b++) {
        const uint32_t counter[4] = {first + (uint32_t)b, row, 0, 0};
        sbmt_philox(counter, key, out + 4 * (size_t)b);
    }
}

static float sum(int count, const float *x)
{
    vec total = v_set(0);
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        total = v_add(total, v_load(x + i));
    if (i < count)
        total = v_add(total, v_load_part(x + i, count - i));
    return v_total(total);
}

static float dot(int count, const float *x, const float *y)
{
    vec total = v_set(0);
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        total = v_fma(v_load(x + i), v_load(y + i), total);
    if (i < count)
        total = v_fma(v_load_part(x + i, count - i), v_load_part(y + i, count - i), total);
    return v_total(total);
}

static float max(int count, const float *x)
{
    vec largest = v_set(-SBMT_REAL_MAX);
    int i = 0; /* of a number and a NaN, v_max takes its second argument: NaNs are passed over */
    for (; i + LANES <= count; i += LANES)
        largest = v_max(v_load(x + i), largest);
    float result = v_largest(largest);
    for (; i < count; i++)
        result = x[i] > result ? x[i] : result;
    return result;
}

/* e^x to 2 ulp: x = n·ln 2 + r with |r| ≤ ln 2/2, e^r = 1 + r + r²·q(r). Below −87.3 the result is
 * the smallest normal number times e^r's remainder, at most 2e-38: as good as zero in any sum. */
static inline vec v_exp(vec x)
{
    x = v_min(v_set(88.0F), v_max(v_set(-87.0F), x)); /* in this order a NaN stays one */
    const vec n = v_round(v_mul(x, v_set(1.44269504F)));
    vec r = v_fma(n, v_set(-0.693359375F), x);
    r = v_fma(n, v_set(2.12194440e-4F), r);
    vec q = v_set(1.381459646e-03F);
    q = v_fma(q, r, v_set(8.368717507e-03F));
    q = v_fma(q, r, v_set(4.166838899e-02F));
    q = v_fma(q, r, v_set(1.666652113e-01F));
    q = v_fma(q, r, v_set(4.999999404e-01F));
    const vec power = v_add(v_fma(v_mul(r, r), q, r), v_set(1.0F));
    return v_scale2(power, n);
}

static float exp_sum(int count, float *x, float scale, float shift)
{
    const vec by = v_set(scale), minus = v_set(-shift);
    vec total = v_set(0);
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        const vec e = v_exp(v_fma(v_load(x + i), by, minus));
        v_store(x + i, e);
        total = v_add(total, e);
    }
    float result = v_total(total);
    if (i < count) {
        float rest[LANES];
        v_store_part(x + i, count - i, v_exp(v_fma(v_load_part(x + i, count - i), by, minus)));
        v_store(rest, v_load_part(x + i, count - i));
        for (int j = 0; j < count - i; j++)
            result += rest[j];
    }
    return result;
}

static inline vec v_sigmoid(vec x)
{
    const vec one = v_set(1.0F);
    return v_div(one, v_add(one, v_exp(v_sub(v_set(0), x))));
}

static void sigmoid(int count, float *x)
{
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(x + i, v_sigmoid(v_load(x + i)));
    if (i < count)
        v_store_part(x + i, count - i, v_sigmoid(v_load_part(x + i, count - i)));
}

/* Φ(x) and e^{−x²/2}: Φ(−|x|) = ½·e^{−x²/2}·u·p(u) with u = 1/(1 + 0.33·|x|), relative error 1e-7.
 */
static inline vec v_normal_cdf(vec x, vec *bell)
{
    const vec t = v_min(v_abs(x), v_set(13.0F));
    const vec u = v_div(v_set(1.0F), v_fma(t, v_set(0.33F), v_set(1.0F)));
    *bell = v_exp(v_mul(v_mul(t, t), v_set(-0.5F)));
    vec p = v_set(-4.161508009e-02F);
    p = v_fma(p, u, v_set(2.461594492e-01F));
    p = v_fma(p, u, v_set(-5.343717933e-01F));
    p = v_fma(p, u, v_set(4.492608607e-01F));
    p = v_fma(p, u, v_set(-1.130535156e-01F));
    p = v_fma(p, u, v_set(2.436385304e-01F));
    p = v_fma(p, u, v_set(2.221316844e-01F));
    p = v_fma(p, u, v_set(2.646055818e-01F));
    p = v_fma(p, u, v_set(2.632443309e-01F));
    const vec tail = v_mul(v_mul(v_mul(*bell, u), p), v_set(0.5F));
    return v_less(x, v_set(0), tail, v_sub(v_set(1.0F), tail));
}

static inline vec v_gelu(vec x)
{
    vec bell;
    return v_mul(x, v_normal_cdf(x, &bell));
}

static void gelu(int count, const float *x, float *y)
{
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(y + i, v_gelu(v_load(x + i)));
    if (i < count)
        v_store_part(y + i, count - i, v_gelu(v_load_part(x + i, count - i)));
}

static inline vec v_gelu_backward(vec x, vec dy)
{
    vec bell;
    const vec cdf = v_normal_cdf(x, &bell);
    return v_mul(dy, v_fma(v_mul(x, v_set(0.398942280F)), bell, cdf));
}

static void gelu_backward(int count, const float *x, const float *dy, float *dx)
{
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(dx + i, v_gelu_backward(v_load(x + i), v_load(dy + i)));
    const int rest = count - i;
    if (rest > 0)
        v_store_part(dx + i, rest,
                     v_gelu_backward(v_load_part(x + i, rest), v_load_part(dy + i, rest)));
}

static void dropout(int count, const uint32_t *bits, uint32_t threshold, float scale, float *x)
{
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(x + i, v_keep(bits + i / 2, threshold, v_mul(v_load(x + i), v_set(scale))));
    for (; i < count; i++) {
        const uint32_t half = (bits[i / 2] >> (16 * (i % 2))) & 0xFFFFU;
        x[i] = half < threshold ? 0.0F : x[i] * scale;
    }
}

/* −ln(1 − u) by the logarithm of 1 − u = part·2^n, and by u + u²/2 + u³/3 where 1 − u would round
 * the digits of u away. */
static inline vec v_exponential(vec u)
{
    vec part;
    const vec n = v_split2(v_sub(v_set(1.0F), u), &part);
    const vec f = v_sub(part, v_set(1.0F));
    vec p = v_set(8.700359613e-02F);
    p = v_fma(p, f, v_set(-1.426747590e-01F));
    p = v_fma(p, f, v_set(1.491478682e-01F));
    p = v_fma(p, f, v_set(-1.657758653e-01F));
    p = v_fma(p, f, v_set(1.996306181e-01F));
    p = v_fma(p, f, v_set(-2.500133812e-01F));
    p = v_fma(p, f, v_set(3.333390951e-01F));
    const vec square = v_mul(f, f);
    const vec tail = v_fma(v_mul(square, f), p, v_mul(square, v_set(-0.5F)));
    const vec log = v_fma(n, v_set(0.693147182F), v_add(f, tail));
    const vec series = v_fma(v_mul(u, u), v_fma(u, v_set(0.333333343F), v_set(0.5F)), u);
    return v_less(u, v_set(0x1p-8F), series, v_sub(v_set(0), log));
}

static void exponential(int count, const uint32_t *bits, float *out)
{
    const vec half = v_set(0x1p-33F), step = v_set(0x1p-32F);
    /* The largest word rounds to u = 1: a float has no number between it and the word before. */
    const vec most = v_set(0x1.fffffep-1F);
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(out + i, v_exponential(v_min(v_fma(v_words(bits + i), step, half), most)));
    if (i < count) {
        uint32_t rest[LANES] = {0};
        for (int j = 0; j < count - i; j++)
            rest[j] = bits[i + j];
        const vec u = v_min(v_fma(v_words(rest), step, half), most);
        v_store_part(out + i, count - i, v_exponential(u));
    }
}

static inline vec v_halves_part(const uint32_t *halves, int count)
{
    uint32_t rest[LANES / 2] = {0};
    for (int i = 0; i < (count + 1) / 2; i++)
        rest[i] = halves[i];
    return v_halves(rest);
}

/* A few pairs in a thousand are unsure, so their places are found one by one. */
static int scan(int count, const float *along, float scale, float low, float high,
                const uint32_t *bits, int32_t *columns, int32_t *unsure, int *unsure_count)
{
    const vec by = v_set(scale), units = v_set(65536.0F), one = v_set(1.0F);
    const vec least = v_set(low), most = v_set(high);
    int found = 0, doubtful = 0;
    for (int j = 0; j < count; j += LANES) {
        const int filled = count - j < LANES ? count - j : LANES;
        const bool whole = filled == LANES;
        const vec half = whole ? v_halves(bits + j / 2) : v_halves_part(bits + j / 2, filled);
        const vec x = v_mul(by, whole ? v_load(along + j) : v_load_part(along + j, filled));
        const unsigned valid = (2U << (filled - 1)) - 1;
        const unsigned in = v_less_mask(half, v_mul(v_add(x, most), units)) & valid;
        unsigned doubt = v_less_mask(v_mul(v_add(x, least), units), v_add(half, one)) & in;
        i_store_chosen(columns + found, in, i_add(i_set((uint32_t)j), i_ramp()));
        for (; doubt != 0; doubt &= doubt - 1) {
            const unsigned below = (doubt & -doubt) - 1;
            unsure[doubtful++] = found + __builtin_popcount(in & below);
        }
        found += __builtin_popcount(in);
    }
    *unsure_count = doubtful;
    return found;
}

/* Dot products of LANES gathered rows at a time: their partial sums are added across by one
 * transposition. `blocks` is a constant where the functions below instantiate it, so that the row
 * stays in registers. */
static inline __attribute__((always_inline)) void
gather_dot_blocks(const int blocks, int count, const int32_t *columns, const float *row,
                  const float *matrix, int ld, float scale, float *out)
{
    int e = 0;
    for (; e < count; e += LANES) {
        const int filled = count - e < LANES ? count - e : LANES;
        vec partial[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            const int32_t column = columns[e + (lane < filled ? lane : 0)];
            const float *other = matrix + (size_t)column * (size_t)ld;
            partial[lane] = v_mul(v_load(row), v_load(other));
            for (int b = 1; b < blocks; b++)
                partial[lane] = v_fma(v_load(row + b * LANES), v_load(other + b * LANES),
                                      partial[lane]);
        }
        const vec totals = v_mul(v_totals(partial), v_set(scale));
        if (filled == LANES)
            v_store(out + e, totals);
        else
            v_store_part(out + e, filled, totals);
    }
}

static void gather_dot(int d, int count, const int32_t *columns, const float *row,
                       const float *matrix, int ld, float scale, float *out)
{
    if (d == 32) {
        gather_dot_blocks(32 / LANES, count, columns, row, matrix, ld, scale, out);
    } else if (d == 64) {
        gather_dot_blocks(64 / LANES, count, columns, row, matrix, ld, scale, out);
    } else if (d > 0 && d % LANES == 0) {
        gather_dot_blocks(d / LANES, count, columns, row, matrix, ld, scale, out);
    } else {
        for (int e = 0; e < count; e++)
            out[e] = scale * dot(d, row, matrix + (size_t)columns[e] * (size_t)ld);
    }
}

/* The products below walk a row of d reals in slices that fit the registers: a slice's sums, or its
 * source, stay there for all edges. */
enum { SLICE = 64 / LANES, HALF_SLICE = 32 / LANES };

static inline __attribute__((always_inline)) const float *row_of(const float *matrix,
                                                                 int32_t column, size_t ld)
{
    return matrix + (size_t)column * ld;
}

static inline __attribute__((always_inline)) void
gather_add_slice(const int blocks, int count, const int32_t *columns, const float *weight,
                 const float *matrix, size_t ld, float *out)
{
    vec total[SLICE];
    for (int b = 0; b < blocks; b++)
        total[b] = v_load(out + b * LANES);
    for (int e = 0; e < count; e++) {
        const float *row = row_of(matrix, columns[e], ld);
        const vec w = v_set(weight[e]);
        for (int b = 0; b < blocks; b++)
            total[b] = v_fma(w, v_load(row + b * LANES), total[b]);
    }
    for (int b = 0; b < blocks; b++)
        v_store(out + b * LANES, total[b]);
}

/* Columns from `from` on, for widths that are no multiple of the lanes. */
static void gather_add_rest(int from, int d, int count, const int32_t *columns, const float *weight,
                            const float *matrix, size_t ld, float *out)
{
    for (int j = from; j < d; j++) {
        float total = out[j];
        for (int e = 0; e < count; e++)
            total += weight[e] * row_of(matrix, columns[e], ld)[j];
        out[j] = total;
    }
}

static void gather_add(int d, int count, const int32_t *columns, const float *weight,
                       const float *matrix, int ld, float *out)
{
    const size_t step = (size_t)ld;
    int j = 0;
    for (; j + 64 <= d; j += 64)
        gather_add_slice(SLICE, count, columns, weight, matrix + j, step, out + j);
    for (; j + 32 <= d; j += 32)
        gather_add_slice(HALF_SLICE, count, columns, weight, matrix + j, step, out + j);
    for (; j + LANES <= d; j += LANES)
        gather_add_slice(1, count, columns, weight, matrix + j, step, out + j);
    gather_add_rest(j, d, count, columns, weight, matrix, step, out);
}

static inline __attribute__((always_inline)) void
scatter_add_slice(const int blocks, int count, const int32_t *columns, const float *weight,
                  const float *row, float *matrix, size_t ld)
{
    vec source[SLICE];
    for (int b = 0; b < blocks; b++)
        source[b] = v_load(row + b * LANES);
    for (int e = 0; e < count; e++) {
        float *target = matrix + (size_t)columns[e] * ld;
        const vec w = v_set(weight[e]);
        for (int b = 0; b < blocks; b++)
            v_store(target + b * LANES, v_fma(w, source[b], v_load(target + b * LANES)));
    }
}

static void scatter_add_rest(int from, int d, int count, const int32_t *columns,
                             const float *weight, const float *row, float *matrix, size_t ld)
{
    for (int e = 0; e < count; e++)
        for (int j = from; j < d; j++)
            matrix[(size_t)columns[e] * ld + (size_t)j] += weight[e] * row[j];
}

static void scatter_add(int d, int count, const int32_t *columns, const float *weight,
                        const float *row, float *matrix, int ld)
{
    const size_t step = (size_t)ld;
    int j = 0;
    for (; j + 64 <= d; j += 64)
        scatter_add_slice(SLICE, count, columns, weight, row + j, matrix + j, step);
    for (; j + 32 <= d; j += 32)
        scatter_add_slice(HALF_SLICE, count, columns, weight, row + j, matrix + j, step);
    for (; j + LANES <= d; j += LANES)
        scatter_add_slice(1, count, columns, weight, row + j, matrix + j, step);
    scatter_add_rest(j, d, count, columns, weight, row, matrix, step);
}

static inline __attribute__((always_inline)) void
exchange_slice(const int blocks, int count, const int32_t *columns, const float *weight,
               const float *row, const float *from, float *out, float *to, size_t ld)
{
    vec total[HALF_SLICE], source[HALF_SLICE];
    for (int b = 0; b < blocks; b++) {
        total[b] = v_load(out + b * LANES);
        source[b] = v_load(row + b * LANES);
    }
    for (int e = 0; e < count; e++) {
        const size_t at = (size_t)columns[e] * ld;
        const vec w = v_set(weight[e]);
        for (int b = 0; b < blocks; b++) {
            total[b] = v_fma(w, v_load(from + at + b * LANES), total[b]);
            v_store(to + at + b * LANES, v_fma(w, source[b], v_load(to + at + b * LANES)));
        }
    }
    for (int b = 0; b < blocks; b++)
        v_store(out + b * LANES, total[b]);
}

static void exchange(int d, int count, const int32_t *columns, const float *weight,
                     const float *row, const float *from, float *out, float *to, int ld)
{
    const size_t step = (size_t)ld;
    int j = 0;
    for (; j + 32 <= d; j += 32)
        exchange_slice(HALF_SLICE, count, columns, weight, row + j, from + j, out + j, to + j,
                       step);
    for (; j + LANES <= d; j += LANES)
        exchange_slice(1, count, columns, weight, row + j, from + j, out + j, to + j, step);
    gather_add_rest(j, d, count, columns, weight, from, step, out);
    scatter_add_rest(j, d, count, columns, weight, row, to, step);
}

extern const struct sbmt_kernels SBMT_KERNELS_TABLE;
const struct sbmt_kernels SBMT_KERNELS_TABLE = {
    .cpu = SBMT_KERNELS_NAME,
    .random_bits = random_bits,
    .sum = sum,
    .dot = dot,
    .max = max,
    .exp_sum = exp_sum,
    .sigmoid = sigmoid,
    .gelu = gelu,
    .gelu_backward = gelu_backward,
    .dropout = dropout,
    .softmax_backward = softmax_backward,
    .exponential = exponential,
    .scan = scan,
    .gather_dot = gather_dot,
    .gather_add = gather_add,
    .scatter_add = scatter_add,
    .exchange = exchange,
};
