/* Fourier mixing (Lee-Thorp et al. 2021, arXiv 2105.03824, equation 3): the real part of the
 * transform of the layer's input over tokens and width, in place of attention and its projections;
 * nothing is learned.
 *
 * Over the width the transform is a product with the matrices C = cos and S = sin (2π·jt/d), so
 * with F the transform over tokens  out = Re(F·(X·C − i·X·S)).  Both transforms are symmetric: the
 * adjoint is the same operation. */
#include <math.h>

#include "core/attention/attention.h"
#include "core/kernels/gemm.h"
#include "core/nn/fourier.h"

enum { NORM_NONE, NORM_ORTHO };

struct config {
    int norm;
};

static const char *const norms[] = {"none", "ortho", NULL};

static const struct sbmt_field fields[] = {
    SBMT_CHOICE(struct config, norm, norms, NORM_NONE,
                "none: the transform as it is defined, as published; ortho: divided by the root of "
                "tokens times width, so that it keeps lengths"),
    SBMT_FIELDS_END,
};

/* The first `half` columns of scale·C and, beside them, of −scale·S: (d, 2·half). `turn` (2·d) is
 * for the numbers that they have. */
static void fill_matrix(int d, int half, real scale, real *turn, real *matrix)
{
    for (int t = 0; t < d; t++) {
        const double angle = 6.28318530717958647692 * t / d;
        turn[2 * t] = scale * SBMT_R(cos(angle));
        turn[2 * t + 1] = -scale * SBMT_R(sin(angle));
    }
    for (int j = 0; j < d; j++)
        for (int t = 0; t < half; t++) {
            const real *of = turn + 2 * ((int64_t)j * t % d);
            matrix[(size_t)j * 2 * (size_t)half + (size_t)t] = of[0];
            matrix[((size_t)j * 2 + 1) * (size_t)half + (size_t)t] = of[1];
        }
}

/* The columns from `half` on of out (n, d), from the others. */
static void mirror(const struct sbmt_head *head, int half, real *out)
{
    for (int j = 0; j < head->n; j++) {
        const int mirrored = j == 0 ? 0 : head->n - j;
        real *to = out + (size_t)j * (size_t)head->stride;
        const real *from = out + (size_t)mirrored * (size_t)head->stride;
        for (int t = half; t < head->d; t++)
            to[t] = from[head->d - t];
    }
}

/* out = the transform of x (n, d); both have the head's stride. Allocates in scratch. */
static bool transform(const struct config *config, const struct sbmt_head *head, const real *x,
                      real *out, struct sbmt_pass *pass)
{
    struct sbmt_arena *scratch = pass->scratch;
    const int n = head->n, d = head->d, half = d / 2 + 1;
    real *matrix = sbmt_arena_reals(scratch, 2 * (size_t)d * (size_t)half);
    real *turn = sbmt_arena_reals(scratch, 2 * (size_t)d);
    real *product = sbmt_arena_reals(scratch, 2 * (size_t)n * (size_t)half);
    if (scratch->failed)
        return false;
    fill_matrix(d, half, config->norm == NORM_ORTHO ? 1 / real_sqrt(SBMT_R(n) * SBMT_R(d)) : 1,
                turn, matrix);
    sbmt_gemm(n, 2 * half, d, x, head->stride, matrix, 2 * half, 0, product, 2 * half);
    if (!sbmt_fourier_real(pass->kernels, n, half, product, product + half, 2 * half, out,
                           head->stride, scratch))
        return false;
    mirror(head, half, out);
    return true;
}

static bool forward(const void *config, const void *state, const struct sbmt_head *head,
                    struct sbmt_pass *pass, void **saved, real *out, struct sbmt_error *err)
{
    (void)state;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    *saved = NULL;
    if (!transform(config, head, head->v, out, pass))
        return sbmt_arena_check(pass->scratch, "Fourier mixing", err);
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

static bool backward(const void *config, const void *state, const struct sbmt_head *head,
                     struct sbmt_pass *pass, const void *saved, const real *dout,
                     const struct sbmt_head_grad *grad, struct sbmt_error *err)
{
    (void)state, (void)saved;
    const struct sbmt_arena_mark mark = sbmt_arena_mark(pass->scratch);
    const size_t size = (size_t)head->n * (size_t)head->stride;
    real *dx = sbmt_arena_reals(pass->scratch, size);
    if (dx == NULL || !transform(config, head, dout, dx, pass))
        return sbmt_arena_check(pass->scratch, "Fourier mixing", err);
    for (int i = 0; i < head->n; i++)
        for (int t = 0; t < head->d; t++) {
            const size_t at = (size_t)i * (size_t)head->stride + (size_t)t;
            grad->dv[at] += dx[at];
        }
    sbmt_arena_release(pass->scratch, mark);
    return true;
}

/* Of half the columns, two to a transform over tokens, which counts as 5·n·log2(n) operations, as
 * is usual. */
static struct sbmt_cost cost(const void *config, int n, int d, double density)
{
    (void)config, (void)density;
    return (struct sbmt_cost){.flops = 2.0 * n * d * d + 1.25 * n * log2(n) * d, .bytes = 0};
}

extern const struct sbmt_attention_ops sbmt_attention_fnet;
const struct sbmt_attention_ops sbmt_attention_fnet = {
    .variant = {.name = "fnet",
                .doc = "Fourier transform over tokens and width, nothing learned (Lee-Thorp et al. "
                       "2021)",
                .fields = fields,
                .config_size = sizeof(struct config)},
    .complexity = "O(n·log n·d)",
    .inputs = SBMT_INPUTS_WHOLE,
    .forward = forward,
    .backward = backward,
    .cost = cost,
};
