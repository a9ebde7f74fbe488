/* The kernels in plain C: the definition that every other version is checked against. */
#include "core/kernels/kernels.h"
#include "core/kernels/plain_loops.h"

static void random_bits(struct sbmt_rng_key key, uint32_t row, uint32_t first, int blocks,
                        uint32_t *out)
{
    for (int b = 0; b < blocks; b++) {
        const uint32_t counter[4] = {first + (uint32_t)b, row, 0, 0};
        sbmt_philox(counter, key, out + 4 * (size_t)b);
    }
}

static real sum(int count, const real *x)
{
    real total = 0;
    for (int i = 0; i < count; i++)
        total += x[i];
    return total;
}

static real dot(int count, const real *x, const real *y)
{
    real total = 0;
    for (int i = 0; i < count; i++)
        total += x[i] * y[i];
    return total;
}

static real max(int count, const real *x)
{
    real largest = SBMT_R(-SBMT_REAL_MAX);
    for (int i = 0; i < count; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}

static real exp_sum(int count, real *x, real scale, real shift)
{
    real total = 0;
    for (int i = 0; i < count; i++) {
        x[i] = real_exp(x[i] * scale - shift);
        total += x[i];
    }
    return total;
}

static void logarithm(int count, real *x)
{
    for (int i = 0; i < count; i++)
        x[i] = real_log(x[i]);
}

static void sigmoid(int count, real *x)
{
    for (int i = 0; i < count; i++)
        x[i] = 1 / (1 + real_exp(-x[i]));
}

/* Φ(x), the normal distribution function. */
static real normal_cdf(real x)
{
    const real half_root = SBMT_R(0.70710678118654752440);
    return SBMT_R(0.5) * (1 + real_erf(x * half_root));
}

static void gelu(int count, const real *x, real *y)
{
    for (int i = 0; i < count; i++)
        y[i] = x[i] * normal_cdf(x[i]);
}

static void gelu_backward(int count, const real *x, const real *dy, real *dx)
{
    const real density_at_0 = SBMT_R(0.39894228040143267794);
    for (int i = 0; i < count; i++) {
        const real density = density_at_0 * real_exp(SBMT_R(-0.5) * x[i] * x[i]);
        dx[i] = dy[i] * (normal_cdf(x[i]) + x[i] * density);
    }
}

static void dropout(int count, const uint32_t *bits, uint32_t threshold, real scale, real *x)
{
    for (int i = 0; i < count; i++) {
        const uint32_t half = (bits[i / 2] >> (16 * (i % 2))) & 0xFFFFU;
        x[i] = half < threshold ? 0 : x[i] * scale;
    }
}

static void exponential(int count, const uint32_t *bits, real *out)
{
    for (int i = 0; i < count; i++)
        out[i] = SBMT_R(-log1p(-((double)bits[i] + 0.5) * 0x1p-32));
}

static int above(int count, const real *x, real threshold, int32_t *columns)
{
    int found = 0;
    for (int j = 0; j < count; j++) {
        columns[found] = j;
        found += x[j] > threshold;
    }
    return found;
}

static void rest_bounds(int count, const real *weight, const real *share, real scale,
                        const real *least, const real *most, real bounds[3])
{
    bounds[0] = bounds[1] = bounds[2] = 0;
    for (int v = 0; v < count; v++) {
        const real rest = weight[v] - scale * share[v];
        const real above = rest > 0 ? rest : 0, below = rest < 0 ? rest : 0;
        bounds[0] += above * least[v] + below * most[v];
        bounds[1] += above * most[v] + below * least[v];
        bounds[2] += weight[v] * most[v];
    }
}

static int scan(int count, const real *along, real scale, real low, real high, const uint32_t *bits,
                uint32_t *edges, int32_t *unsure, int *unsure_count)
{
    int found = 0, doubtful = 0;
    for (int j = 0; j < count; j++) {
        if (j % 32 == 0)
            edges[j / 32] = 0;
        const real half = SBMT_R((bits[j / 2] >> (16 * (j % 2))) & 0xFFFFU);
        const real x = scale * along[j];
        if (!(half < (x + high) * SBMT_R(65536)))
            continue;
        if (half + 1 > (x + low) * SBMT_R(65536))
            unsure[doubtful++] = j;
        edges[j / 32] |= 1U << (j % 32);
        found++;
    }
    *unsure_count = doubtful;
    return found;
}

static int skip(int count, const real *wait, real per_gap, int limit, int *at, int32_t *columns)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        const real gap = wait[i] * per_gap;
        if (gap >= SBMT_R(limit - 1 - *at))
            break;
        *at += (int)gap + 1;
        columns[found++] = *at;
    }
    return found;
}

static int thin(int count, int32_t *columns, const uint32_t *bits, const real *along,
                const struct sbmt_thinning *by, struct sbmt_unsure *unsure)
{
    int kept = 0;
    unsure->count = 0;
    for (int e = 0; e < count; e++) {
        const int32_t column = columns[e];
        const real level = SBMT_R(sbmt_rng_unit(bits[e])) * by->cap, x = by->scale * along[column];
        if (!(level < x + by->high))
            continue;
        if (!(level < x + by->low)) {
            unsure->column[unsure->count] = column;
            unsure->place[unsure->count] = kept;
            unsure->level[unsure->count++] = level;
        }
        columns[kept++] = column;
    }
    return kept;
}

static int set_bits(int words, const uint32_t *bits, int32_t first, int32_t *places)
{
    int found = 0;
    for (int w = 0; w < words; w++)
        for (uint32_t rest = bits[w]; rest != 0; rest &= rest - 1)
            places[found++] = first + 32 * w + __builtin_ctz(rest);
    return found;
}

static int collect(int words, const uint32_t *bits, real scale, const real *x, real *out)
{
    int found = 0;
    for (int j = 0; j < 32 * words; j++)
        if (bits[j / 32] >> (j % 32) & 1)
            out[found++] = scale * x[j];
    return found;
}

static void spread(int words, const uint32_t *bits, const real *x, real *out)
{
    for (int j = 0; j < 32 * words; j++)
        out[j] = bits[j / 32] >> (j % 32) & 1 ? *x++ : 0;
}

static real keep(int words, const uint32_t *bits, real filler, real *x)
{
    real total = 0;
    for (int j = 0; j < 32 * words; j++)
        if (bits[j / 32] >> (j % 32) & 1)
            total += x[j];
        else
            x[j] = filler;
    return total;
}

/* A word of a row's bits, without those behind the last column. */
static uint32_t row_word(const uint32_t *bits, int row, int stride, int word, int columns)
{
    const uint32_t all = bits[(size_t)row * (size_t)stride + (size_t)word];
    const int valid = columns - 32 * word;
    return valid < 32 ? all & ((1U << valid) - 1) : all;
}

/* By rows, so that only bits that are set cost anything: columns are counted, and then filled from
 * their ends, the last rows first. */
static void turn_bits(int rows, int columns, const uint32_t *bits, int stride, int32_t *next,
                      int *begin, uint32_t *turned)
{
    const int words = (columns + 31) / 32;
    for (int j = 0; j <= columns; j++)
        begin[j] = 0;
    for (int i = 0; i < rows; i++)
        for (int w = 0; w < words; w++)
            for (uint32_t rest = row_word(bits, i, stride, w, columns); rest != 0;
                 rest &= rest - 1) {
                begin[32 * w + __builtin_ctz(rest)]++;
                next[i]++;
            }
    for (int j = 1; j <= columns; j++)
        begin[j] += begin[j - 1];
    for (int i = rows - 1; i >= 0; i--) {
        int32_t last = next[i];
        for (int w = words - 1; w >= 0; w--)
            for (uint32_t rest = row_word(bits, i, stride, w, columns); rest != 0;) {
                const int bit = 31 - __builtin_clz(rest), to = --begin[32 * w + bit];
                turned[to] = sbmt_turned(i, --last);
                rest &= ~(1U << bit);
            }
    }
}

static void product(int m, int n, int depth, bool add, const real *a, int row_step, int depth_step,
                    const real *b, int ldb, real *c, int ldc)
{
    for (int i = 0; i < m; i++) {
        real *to = c + (size_t)i * (size_t)ldc;
        for (int j = 0; j < n && !add; j++)
            to[j] = 0;
        for (int p = 0; p < depth; p++) {
            const real left = a[(size_t)i * (size_t)row_step + (size_t)p * (size_t)depth_step];
            const real *right = b + (size_t)p * (size_t)ldb;
            for (int j = 0; j < n; j++)
                to[j] += left * right[j];
        }
    }
}

static void butterfly(int count, size_t step, const real *re, const real *im, const real w[8],
                      real *out_re, real *out_im)
{
    static const real turn_re[4] = {1, 0, -1, 0}, turn_im[4] = {0, -1, 0, 1}; /* (−i)^p */
    for (int q = 0; q < 4; q++)
        for (int i = 0; i < count; i++) {
            const size_t to = (size_t)(q * count + i);
            real sum_re = 0, sum_im = 0;
            for (int p = 0; p < 4; p++) {
                const size_t from = (size_t)p * step + (size_t)i;
                const real c = turn_re[p * q % 4], s = turn_im[p * q % 4];
                sum_re += c * re[from] - s * im[from];
                sum_im += s * re[from] + c * im[from];
            }
            out_re[to] = q == 0 ? sum_re : w[q] * sum_re - w[4 + q] * sum_im;
            out_im[to] = q == 0 ? sum_im : w[4 + q] * sum_re + w[q] * sum_im;
        }
}

static void gather_dot(int d, int count, const int32_t *columns, const real *row,
                       const real *matrix, int ld, real scale, real *out)
{
    for (int e = 0; e < count; e++)
        out[e] = scale * dot(d, row, matrix + (size_t)columns[e] * (size_t)ld);
}

static void add_row(int d, real weight, const real *row, real *out)
{
    for (int j = 0; j < d; j++)
        out[j] += weight * row[j];
}

static void gather_add(int d, int count, const int32_t *columns, const real *weight,
                       const real *matrix, int ld, real *out)
{
    for (int e = 0; e < count; e++)
        add_row(d, weight[e], matrix + (size_t)columns[e] * (size_t)ld, out);
}

static void gather_add_turned(int d, int count, const uint32_t *turned, const real *weight,
                              const real *matrix, int ld, real *out)
{
    for (int e = 0; e < count; e++)
        add_row(d, weight[sbmt_turned_place(turned[e])],
                matrix + (size_t)sbmt_turned_row(turned[e]) * (size_t)ld, out);
}

extern const struct sbmt_kernels sbmt_kernels_c;
const struct sbmt_kernels sbmt_kernels_c = {
    .cpu = "c",
    .random_bits = random_bits,
    .sum = sum,
    .dot = dot,
    .max = max,
    .exp_sum = exp_sum,
    .log = logarithm,
    .sigmoid = sigmoid,
    .gelu = gelu,
    .gelu_backward = gelu_backward,
    .dropout = dropout,
    .softmax_backward = softmax_backward,
    .exponential = exponential,
    .above = above,
    .rest_bounds = rest_bounds,
    .scan = scan,
    .skip = skip,
    .thin = thin,
    .set_bits = set_bits,
    .collect = collect,
    .spread = spread,
    .keep = keep,
    .turn_bits = turn_bits,
    .product = product,
    .butterfly = butterfly,
    .gather_dot = gather_dot,
    .gather_add = gather_add,
    .gather_add_turned = gather_add_turned,
};
