/* The discrete Fourier transform of columns.
 *
 * Lengths of the form 2^a·3^b·5^c go through the library as they are, all others by Bluestein's
 * algorithm (1970): with c_j = e^{−πi·j²/n}, F x is the convolution of (c∘x) with the conjugate of
 * c, times c, which transforms of a longer length compute, whose size can be chosen.
 *
 * The engine in double, for the gradient tests, computes the sum that defines the transform. */
#include "core/nn/fourier.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* e^{−πi·k/n}, exact for large k. */
static void turn(int64_t k, int n, real *re, real *im)
{
    const double angle = pi * (double)(k % (2 * (int64_t)n)) / n;
    *re = SBMT_R(cos(angle));
    *im = SBMT_R(-sin(angle));
}

#if SBMT_REAL_BITS == 64

bool sbmt_fourier_real(int n, int d, const real *a, const real *b, int stride, real *out,
                       int out_stride, struct sbmt_arena *scratch)
{
    (void)scratch;
    for (int j = 0; j < n; j++) {
        real *to = out + (size_t)j * (size_t)out_stride;
        memset(to, 0, (size_t)d * sizeof *to);
        for (int k = 0; k < n; k++) {
            const size_t row = (size_t)k * (size_t)stride;
            real re, im;
            turn(2 * (int64_t)j * k, n, &re, &im);
            for (int t = 0; t < d; t++)
                to[t] += re * a[row + (size_t)t] - im * b[row + (size_t)t];
        }
    }
    return true;
}

#else

#include <kiss_fft.h>

/* What the columns share. */
struct plan {
    int n, size; /* of the transforms: n, or longer by Bluestein */
    kiss_fft_cfg forward, inverse;
    kiss_fft_cpx *chirp;     /* (n) c; NULL where size is n */
    kiss_fft_cpx *conjugate; /* (size) the transform of c's conjugate, over size */
    kiss_fft_cpx *in, *out;  /* (size) */
};

static kiss_fft_cpx times(kiss_fft_cpx x, kiss_fft_cpx y)
{
    return (kiss_fft_cpx){x.r * y.r - x.i * y.i, x.r * y.i + x.i * y.r};
}

static kiss_fft_cfg configure(int size, bool inverse, struct sbmt_arena *scratch)
{
    size_t bytes = 0;
    kiss_fft_alloc(size, inverse, NULL, &bytes);
    void *memory = sbmt_arena_alloc(scratch, bytes);
    return memory == NULL ? NULL : kiss_fft_alloc(size, inverse, memory, &bytes);
}

static kiss_fft_cpx *complexes(int count, struct sbmt_arena *scratch)
{
    return sbmt_arena_zalloc(scratch, (size_t)count, sizeof(kiss_fft_cpx));
}

static bool bluestein_init(struct plan *plan, struct sbmt_arena *scratch)
{
    plan->inverse = configure(plan->size, true, scratch);
    plan->chirp = complexes(plan->n, scratch);
    plan->conjugate = complexes(plan->size, scratch);
    if (scratch->failed)
        return false;
    for (int j = 0; j < plan->n; j++) {
        kiss_fft_cpx *c = &plan->chirp[j];
        turn((int64_t)j * j, plan->n, &c->r, &c->i);
        plan->in[j] = (kiss_fft_cpx){c->r / (real)plan->size, -c->i / (real)plan->size};
        plan->in[j == 0 ? 0 : plan->size - j] = plan->in[j];
    }
    kiss_fft(plan->forward, plan->in, plan->conjugate);
    memset(plan->in, 0, (size_t)plan->size * sizeof *plan->in);
    return true;
}

static bool plan_init(struct plan *plan, int n, struct sbmt_arena *scratch)
{
    const bool direct = kiss_fft_next_fast_size(n) == n;
    *plan = (struct plan){.n = n, .size = direct ? n : kiss_fft_next_fast_size(2 * n - 1)};
    plan->forward = configure(plan->size, false, scratch);
    plan->in = complexes(plan->size, scratch);
    plan->out = complexes(plan->size, scratch);
    return !scratch->failed && (direct || bluestein_init(plan, scratch));
}

/* The transform of plan->in, whose entries from n on are and stay 0, into plan->out. */
static void transform(struct plan *plan)
{
    if (plan->chirp != NULL)
        for (int j = 0; j < plan->n; j++)
            plan->in[j] = times(plan->in[j], plan->chirp[j]);
    kiss_fft(plan->forward, plan->in, plan->out);
    if (plan->chirp != NULL) {
        for (int j = 0; j < plan->size; j++)
            plan->in[j] = times(plan->out[j], plan->conjugate[j]);
        kiss_fft(plan->inverse, plan->in, plan->out);
        memset(plan->in + plan->n, 0, (size_t)(plan->size - plan->n) * sizeof *plan->in);
        for (int j = 0; j < plan->n; j++)
            plan->out[j] = times(plan->out[j], plan->chirp[j]);
    }
}

/* Column z of (n) complex numbers has Re(F z) = F h with h_j = (z_j + conj z_{−j})/2. What such
 * columns transform to is real, so that two of them, h + i·h', go through one transform and come
 * out as its real and its imaginary part. */
static void load(struct plan *plan, int columns, const real *a, const real *b, int stride)
{
    for (int j = 0; j < plan->n; j++) {
        const size_t at = (size_t)j * (size_t)stride;
        const size_t mirrored = (size_t)(j == 0 ? 0 : plan->n - j) * (size_t)stride;
        kiss_fft_cpx h = {(a[at] + a[mirrored]) / 2, (b[at] - b[mirrored]) / 2};
        if (columns == 2) {
            h.r -= (b[at + 1] - b[mirrored + 1]) / 2;
            h.i += (a[at + 1] + a[mirrored + 1]) / 2;
        }
        plan->in[j] = h;
    }
}

static void store(const struct plan *plan, int columns, real *out, int out_stride)
{
    for (int j = 0; j < plan->n; j++) {
        real *to = out + (size_t)j * (size_t)out_stride;
        to[0] = plan->out[j].r;
        if (columns == 2)
            to[1] = plan->out[j].i;
    }
}

bool sbmt_fourier_real(int n, int d, const real *a, const real *b, int stride, real *out,
                       int out_stride, struct sbmt_arena *scratch)
{
    const struct sbmt_arena_mark mark = sbmt_arena_mark(scratch);
    struct plan plan;
    if (n == 1) { /* for which the library asks the heap for memory */
        memcpy(out, a, (size_t)d * sizeof *out);
        return true;
    }
    if (!plan_init(&plan, n, scratch))
        return false;
    for (int t = 0; t < d; t += 2) {
        const int columns = t + 1 < d ? 2 : 1;
        load(&plan, columns, a + t, b + t, stride);
        transform(&plan);
        store(&plan, columns, out + t, out_stride);
    }
    sbmt_arena_release(scratch, mark);
    return true;
}

#endif
