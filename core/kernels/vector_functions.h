/* Vector kernels: exponentials and what is made of them. Part of vector_kernels.h. Polynomials:
 * scripts/kernels. */
#ifndef SBMT_CORE_KERNELS_VECTOR_FUNCTIONS_H
#define SBMT_CORE_KERNELS_VECTOR_FUNCTIONS_H

/* x·factor to the nearest whole number, below 2²². */
static inline vec v_nearest(vec x, float factor)
{
    const vec shift = v_set(12582912.0F); /* 1.5·2²³: numbers near it are whole */
    return v_sub(v_fma(x, v_set(factor), shift), shift);
}

/* e^x to 2 ulp: x = n·ln 2 + r with |r| ≤ ln 2/2, e^r = 1 + r·(1 + r·q(r)). Below −87 the result is
 * e^−87, 1.6e-38: as good as zero in any sum; above 88 it
 * is e^88. */
static inline vec v_exp(vec x)
{
    x = v_min(v_set(88.0F), v_max(v_set(-87.0F), x)); /* in this order a NaN stays one */
    const vec n = v_nearest(x, 1.44269504F);
    vec r = v_fma(n, v_set(-0.693359375F), x);
    r = v_fma(n, v_set(2.12194440e-4F), r);
    vec q = v_set(1.381459646e-03F);
    q = v_fma(q, r, v_set(8.368717507e-03F));
    q = v_fma(q, r, v_set(4.166838899e-02F));
    q = v_fma(q, r, v_set(1.666652113e-01F));
    q = v_fma(q, r, v_set(4.999999404e-01F));
    q = v_fma(q, r, v_set(1.0F));
    return v_scale2(v_fma(q, r, v_set(1.0F)), n);
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
    if (i < count) {
        const vec e = v_exp(v_fma(v_load_part(x + i, count - i), by, minus));
        v_store_part(x + i, count - i, e);
        total = v_add(total, v_first(e, count - i));
    }
    return v_total(total);
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

/* ln x of x = part·2^n. */
static inline vec v_log(vec x)
{
    vec part;
    const vec n = v_split2(x, &part);
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
    return v_fma(n, v_set(0.693147182F), v_add(f, tail));
}

static void logarithm(int count, float *x)
{
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(x + i, v_log(v_load(x + i)));
    if (i < count)
        v_store_part(x + i, count - i, v_log(v_load_part(x + i, count - i)));
}

/* −ln(1 − u), by u + u²/2 + u³/3 where 1 − u would round the digits of u away. */
static inline vec v_exponential(vec u)
{
    const vec log = v_log(v_sub(v_set(1.0F), u));
    const vec series = v_fma(v_mul(u, u), v_fma(u, v_set(0.333333343F), v_set(0.5F)), u);
    return v_less(u, v_set(0x1p-8F), series, v_sub(v_set(0), log));
}

static void exponential(int count, const uint32_t *bits, float *out)
{
    const vec half = v_set(0x1p-33F), step = v_set(0x1p-32F);
    /* The 128 largest words round to u = 1: they get the largest float below it. */
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

#endif
