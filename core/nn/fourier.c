/* The discrete Fourier transform of columns.
 *
 * Lengths of the form 2^a·3^b·5^c go by Stockham's algorithm (Cochran et al. 1967), a factor a
 * stage, all columns side by side, so that the innermost loops are as long as the columns are many.
 * All others go by Bluestein's algorithm (1970): with c_j = e^{−πi·j²/n}, F x is the convolution of
 * (c∘x) with the conjugate of c, times c, which transforms of a longer length compute, whose size
 * can be chosen. */
#include "core/nn/fourier.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/base/integer.h"

static const double pi = 3.14159265358979323846;

/* Pairs of columns that are transformed together; about what fits into the second level of cache.
 */
enum { MOST_COLUMNS = 16, MOST_FACTORS = 32 };

/* Rows are whole vectors of a processor, which takes as long for a few columns. */
enum { LANES = 8 };

/* Complex numbers, row by row. */
struct rows {
    real *re, *im;
};

struct plan {
    const struct sbmt_kernels *kernels;
    int n, size; /* of the transforms: n, or longer by Bluestein */
    int columns; /* of a row of data */
    int factor[MOST_FACTORS], factors;
    struct rows root;        /* (size) e^{−2πi·t/size} */
    struct rows chirp;       /* (n) c; NULL where size is n */
    struct rows conjugate;   /* (size) the transform of c's conjugate */
    struct rows data, other; /* (size, columns) */
};

static bool rows_init(struct rows *rows, size_t count, struct sbmt_arena *scratch)
{
    rows->re = sbmt_arena_zalloc(scratch, count, sizeof(real));
    rows->im = sbmt_arena_zalloc(scratch, count, sizeof(real));
    return !scratch->failed;
}

/* e^{−2πi·t/n} for all t < n: products of far and near ones in double, which the library's sine
 * need not compute each. */
static bool roots_init(struct rows *roots, int n, struct sbmt_arena *scratch)
{
    enum { NEAR = 64 };
    double near_re[NEAR], near_im[NEAR];
    if (!rows_init(roots, (size_t)n, scratch))
        return false;
    for (int t = 0; t < NEAR; t++) {
        near_re[t] = cos(2 * pi * t / n);
        near_im[t] = -sin(2 * pi * t / n);
    }
    for (int far = 0; far < n; far += NEAR) {
        const double re = cos(2 * pi * far / n), im = -sin(2 * pi * far / n);
        for (int t = 0; t < sbmt_int_min(NEAR, n - far); t++) {
            roots->re[far + t] = SBMT_R(re * near_re[t] - im * near_im[t]);
            roots->im[far + t] = SBMT_R(re * near_im[t] + im * near_re[t]);
        }
    }
    return true;
}

/* The factors of n, or false where it has others than 2, 3 and 5. */
static bool find_factors(int n, struct plan *plan)
{
    static const int radixes[] = {4, 2, 3, 5};
    plan->factors = 0;
    for (int i = 0; i < 4; i++)
        for (; n % radixes[i] == 0; n /= radixes[i])
            plan->factor[plan->factors++] = radixes[i];
    return n == 1;
}

/* out = Σ_p z_p·x_p; `radix` is a constant where this is instantiated. */
static inline __attribute__((always_inline)) void
sum_times(const int radix, size_t width, size_t step, const real *restrict z_re,
          const real *restrict z_im, const real *restrict re, const real *restrict im,
          real *restrict out_re, real *restrict out_im)
{
    for (size_t i = 0; i < width; i++) {
        real sum_re = re[i] * z_re[0] - im[i] * z_im[0];
        real sum_im = re[i] * z_im[0] + im[i] * z_re[0];
        for (int p = 1; p < radix; p++) {
            const size_t from = (size_t)p * step + i;
            sum_re += re[from] * z_re[p] - im[from] * z_im[p];
            sum_im += re[from] * z_im[p] + im[from] * z_re[p];
        }
        out_re[i] = sum_re;
        out_im[i] = sum_im;
    }
}

/* Two, three or five rows by the sums that define their transform. `turn` is the place of w_1 among
 * the roots. */
static void butterfly(const struct plan *plan, int radix, size_t width, size_t step, int64_t turn,
                      struct rows in, struct rows out)
{
    for (int q = 0; q < radix; q++) {
        real z_re[5], z_im[5];
        const size_t to = (size_t)q * width;
        for (int p = 0; p < radix; p++) {
            const int64_t place = (int64_t)p * q * (plan->size / radix) + q * turn;
            z_re[p] = plan->root.re[place % plan->size];
            z_im[p] = plan->root.im[place % plan->size];
        }
        if (radix == 2)
            sum_times(2, width, step, z_re, z_im, in.re, in.im, out.re + to, out.im + to);
        else if (radix == 3)
            sum_times(3, width, step, z_re, z_im, in.re, in.im, out.re + to, out.im + to);
        else
            sum_times(5, width, step, z_re, z_im, in.re, in.im, out.re + to, out.im + to);
    }
}

/* One factor of the length, radix: what is left of it is m, what has been done is s. */
static void stage(const struct plan *plan, int radix, int m, int s, int columns, struct rows in,
                  struct rows out)
{
    const size_t width = (size_t)s * (size_t)columns, step = (size_t)m * width;
    for (int j = 0; j < m; j++) {
        const size_t from = (size_t)j * width, to = (size_t)j * (size_t)radix * width;
        if (radix != 4) {
            butterfly(plan, radix, width, step, (int64_t)j * s,
                      (struct rows){in.re + from, in.im + from},
                      (struct rows){out.re + to, out.im + to});
            continue;
        }
        real w[8];
        for (int q = 0; q < 4; q++) {
            w[q] = plan->root.re[j * q * s];
            w[4 + q] = plan->root.im[j * q * s];
        }
        plan->kernels->butterfly((int)width, step, in.re + from, in.im + from, w, out.re + to,
                                 out.im + to);
    }
}

static void swap(struct rows *a, struct rows *b)
{
    const struct rows kept = *a;
    *a = *b;
    *b = kept;
}

/* *data (size, columns) ← its transform; *other is what is overwritten on the way. */
static void transform(const struct plan *plan, int columns, struct rows *data, struct rows *other)
{
    int m = plan->size, s = 1;
    for (int f = 0; f < plan->factors; f++) {
        const int radix = plan->factor[f];
        m /= radix;
        stage(plan, radix, m, s, columns, *data, *other);
        swap(data, other);
        s *= radix;
    }
}

/* The inverse, times size: real and imaginary parts change places before and after. */
static void transform_back(const struct plan *plan, int columns, struct rows *data,
                           struct rows *other)
{
    struct rows turned = {data->im, data->re}, rest = {other->im, other->re};
    transform(plan, columns, &turned, &rest);
    *data = (struct rows){turned.im, turned.re};
    *other = (struct rows){rest.im, rest.re};
}

/* Each row of x times its number. */
static void multiply(int rows, int columns, struct rows number, struct rows x)
{
    for (int j = 0; j < rows; j++)
        for (int t = 0; t < columns; t++) {
            const size_t at = (size_t)j * (size_t)columns + (size_t)t;
            const real re = x.re[at], im = x.im[at];
            x.re[at] = re * number.re[j] - im * number.im[j];
            x.im[at] = re * number.im[j] + im * number.re[j];
        }
}

static bool bluestein_init(struct plan *plan, struct sbmt_arena *scratch)
{
    const int n = plan->n, size = plan->size;
    struct rows root, other;
    if (!roots_init(&root, 2 * n, scratch) || !rows_init(&plan->chirp, (size_t)n, scratch) ||
        !rows_init(&plan->conjugate, (size_t)size, scratch) ||
        !rows_init(&other, (size_t)size, scratch))
        return false;
    for (int j = 0; j < n; j++) {
        const int place = (int)((int64_t)j * j % (2 * n)), mirrored = j == 0 ? 0 : size - j;
        plan->chirp.re[j] = root.re[place];
        plan->chirp.im[j] = root.im[place];
        plan->conjugate.re[j] = plan->conjugate.re[mirrored] = root.re[place] / SBMT_R(size);
        plan->conjugate.im[j] = plan->conjugate.im[mirrored] = -root.im[place] / SBMT_R(size);
    }
    transform(plan, 1, &plan->conjugate, &other);
    return true;
}

static bool plan_init(struct plan *plan, const struct sbmt_kernels *kernels, int n, int columns,
                      struct sbmt_arena *scratch)
{
    *plan = (struct plan){.kernels = kernels, .n = n, .size = n, .columns = columns};
    const bool direct = find_factors(n, plan);
    while (!direct && (plan->size < 2 * n - 1 || !find_factors(plan->size, plan)))
        plan->size++;
    const size_t count = (size_t)plan->size * (size_t)columns;
    plan->other = (struct rows){sbmt_arena_reals(scratch, count), sbmt_arena_reals(scratch, count)};
    return roots_init(&plan->root, plan->size, scratch) && rows_init(&plan->data, count, scratch) &&
           (direct || bluestein_init(plan, scratch));
}

/* plan->data ← its transform over the first n rows. */
static void transform_any(struct plan *plan, int columns)
{
    const size_t from = (size_t)plan->n * (size_t)columns;
    const size_t rest = ((size_t)plan->size * (size_t)columns - from) * sizeof(real);
    if (plan->chirp.re == NULL) {
        transform(plan, columns, &plan->data, &plan->other);
        return;
    }
    memset(plan->data.re + from, 0, rest);
    memset(plan->data.im + from, 0, rest);
    multiply(plan->n, columns, plan->chirp, plan->data);
    transform(plan, columns, &plan->data, &plan->other);
    multiply(plan->size, columns, plan->conjugate, plan->data);
    transform_back(plan, columns, &plan->data, &plan->other);
    multiply(plan->n, columns, plan->chirp, plan->data);
}

/* Column z of complex numbers has Re(F z) = F h with h_j = (z_j + conj z_{−j})/2. What such columns
 * transform to is real, so that two of them, h + i·h', go through one transform and come out as its
 * real and its imaginary part. */
static void load_row(int whole, int pairs, const real *restrict a, const real *restrict a_mirrored,
                     const real *restrict b, const real *restrict b_mirrored, real *restrict re,
                     real *restrict im)
{
    const real half = SBMT_R(0.5);
    for (int t = 0; t < whole; t++) {
        re[t] = half * (a[t] + a_mirrored[t]);
        im[t] = half * (b[t] - b_mirrored[t]);
    }
    for (int t = 0; t < pairs; t++) {
        re[t] -= half * (b[whole + t] - b_mirrored[whole + t]);
        im[t] += half * (a[whole + t] + a_mirrored[whole + t]);
    }
}

/* Columns t and t + whole are a pair; what lies behind the pairs of a row is of no use. */
static void load(struct plan *plan, int d, const real *a, const real *b, int stride)
{
    for (int j = 0; j < plan->n; j++) {
        const size_t at = (size_t)j * (size_t)stride, to = (size_t)j * (size_t)plan->columns;
        const size_t mirrored = (size_t)(j == 0 ? 0 : plan->n - j) * (size_t)stride;
        load_row((d + 1) / 2, d / 2, a + at, a + mirrored, b + at, b + mirrored, plan->data.re + to,
                 plan->data.im + to);
    }
}

static void store(const struct plan *plan, int d, real *out, int out_stride)
{
    const int whole = (d + 1) / 2, pairs = d / 2;
    for (int j = 0; j < plan->n; j++) {
        const size_t from = (size_t)j * (size_t)plan->columns;
        const real *restrict re = plan->data.re + from, *restrict im = plan->data.im + from;
        real *restrict to = out + (size_t)j * (size_t)out_stride;
        for (int t = 0; t < whole; t++)
            to[t] = re[t];
        for (int t = 0; t < pairs; t++)
            to[whole + t] = im[t];
    }
}

bool sbmt_fourier_real(const struct sbmt_kernels *kernels, int n, int d, const real *a,
                       const real *b, int stride, real *out, int out_stride,
                       struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct plan plan;
    const int columns = sbmt_int_min((d + 1) / 2, MOST_COLUMNS);
    if (!plan_init(&plan, kernels, n, (columns + LANES - 1) / LANES * LANES, scratch))
        return false;
    for (int t = 0; t < d; t += 2 * MOST_COLUMNS) {
        const int few = sbmt_int_min(d - t, 2 * MOST_COLUMNS);
        load(&plan, few, a + t, b + t, stride);
        transform_any(&plan, plan.columns);
        store(&plan, few, out + t, out_stride);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}
