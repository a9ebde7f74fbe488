/* Vector kernel: one factor of four of a Fourier transform. Part of vector_kernels.h. */
#ifndef SBMT_CORE_KERNELS_VECTOR_BUTTERFLY_H
#define SBMT_CORE_KERNELS_VECTOR_BUTTERFLY_H

struct complex_vec {
    vec re, im;
};

static inline struct complex_vec c_add(struct complex_vec x, struct complex_vec y)
{
    return (struct complex_vec){v_add(x.re, y.re), v_add(x.im, y.im)};
}

static inline struct complex_vec c_sub(struct complex_vec x, struct complex_vec y)
{
    return (struct complex_vec){v_sub(x.re, y.re), v_sub(x.im, y.im)};
}

/* x·(re + i·im). */
static inline struct complex_vec c_times(struct complex_vec x, vec re, vec im)
{
    return (struct complex_vec){v_sub(v_mul(x.re, re), v_mul(x.im, im)),
                                v_fma(x.re, im, v_mul(x.im, re))};
}

/* LANES transforms, or `rest` if that is not 0. */
static inline __attribute__((always_inline)) void butterfly_lanes(const int rest, size_t step,
                                                                  size_t width, const float *re,
                                                                  const float *im, const float w[8],
                                                                  float *out_re, float *out_im)
{
    struct complex_vec x[4];
    for (size_t p = 0; p < 4; p++) {
        x[p].re = rest == 0 ? v_load(re + p * step) : v_load_part(re + p * step, rest);
        x[p].im = rest == 0 ? v_load(im + p * step) : v_load_part(im + p * step, rest);
    }
    const struct complex_vec even = c_add(x[0], x[2]), odd = c_add(x[1], x[3]);
    const struct complex_vec a = c_sub(x[0], x[2]), b = c_sub(x[1], x[3]);
    const struct complex_vec turned = {b.im, v_sub(v_set(0), b.re)}; /* −i·b */
    const struct complex_vec y[4] = {
        c_add(even, odd),
        c_times(c_add(a, turned), v_set(w[1]), v_set(w[5])),
        c_times(c_sub(even, odd), v_set(w[2]), v_set(w[6])),
        c_times(c_sub(a, turned), v_set(w[3]), v_set(w[7])),
    };
    for (size_t q = 0; q < 4; q++) {
        if (rest == 0) {
            v_store(out_re + q * width, y[q].re);
            v_store(out_im + q * width, y[q].im);
        } else {
            v_store_part(out_re + q * width, rest, y[q].re);
            v_store_part(out_im + q * width, rest, y[q].im);
        }
    }
}

static void butterfly(int count, size_t step, const float *re, const float *im, const float w[8],
                      float *out_re, float *out_im)
{
    const size_t width = (size_t)count;
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        butterfly_lanes(0, step, width, re + i, im + i, w, out_re + i, out_im + i);
    if (i < count)
        butterfly_lanes(count - i, step, width, re + i, im + i, w, out_re + i, out_im + i);
}

#endif
