/* Stands in for the compiler's <immintrin.h>: the AVX-512 operations in plain C, by SIMDe, so that
 * the code for AVX-512 can be tested on any processor. Below are the operations that SIMDe 0.7
 * lacks, and a product-sum that is rounded once as the processor's is. */
#ifndef SBMT_TESTS_KERNELS_EMULATION_IMMINTRIN_H
#define SBMT_TESTS_KERNELS_EMULATION_IMMINTRIN_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <math.h>
#include <simde/x86/avx512.h>
#include <string.h>

typedef simde__mmask16 __mmask16;

enum { EMULATED_LANES = 16 };

static inline __m512 emulated_fmadd(__m512 a_in, __m512 b_in, __m512 c_in)
{
    float a[EMULATED_LANES], b[EMULATED_LANES], c[EMULATED_LANES];
    memcpy(a, &a_in, sizeof a);
    memcpy(b, &b_in, sizeof b);
    memcpy(c, &c_in, sizeof c);
    for (int i = 0; i < EMULATED_LANES; i++)
        c[i] = fmaf(a[i], b[i], c[i]);
    memcpy(&c_in, c, sizeof c);
    return c_in;
}

/* Only the lanes of the mask touch memory. */
static inline __m512 emulated_maskz_loadu(unsigned mask, const float *from)
{
    float lanes[EMULATED_LANES] = {0};
    __m512 result;
    for (int i = 0; i < EMULATED_LANES; i++)
        if (mask >> i & 1)
            lanes[i] = from[i];
    memcpy(&result, lanes, sizeof result);
    return result;
}

static inline void emulated_mask_storeu(float *to, unsigned mask, __m512 x)
{
    float lanes[EMULATED_LANES];
    memcpy(lanes, &x, sizeof lanes);
    for (int i = 0; i < EMULATED_LANES; i++)
        if (mask >> i & 1)
            to[i] = lanes[i];
}

static inline __m512i emulated_cvttps_epi32(__m512 x)
{
    float lanes[EMULATED_LANES];
    int32_t words[EMULATED_LANES];
    __m512i result;
    memcpy(lanes, &x, sizeof lanes);
    for (int i = 0; i < EMULATED_LANES; i++)
        words[i] = (int32_t)lanes[i];
    memcpy(&result, words, sizeof result);
    return result;
}

/* The lanes of b from `first` on, and behind them those of a. */
static inline __m512i emulated_alignr_epi32(__m512i a, __m512i b, int first)
{
    int32_t lanes[2 * EMULATED_LANES];
    memcpy(lanes, &b, sizeof b);
    memcpy(lanes + EMULATED_LANES, &a, sizeof a);
    memcpy(&a, lanes + first, sizeof a);
    return a;
}

static inline __m512 emulated_i32gather_ps(__m512i place, const float *from)
{
    int32_t words[EMULATED_LANES];
    float lanes[EMULATED_LANES];
    __m512 result;
    memcpy(words, &place, sizeof words);
    for (int i = 0; i < EMULATED_LANES; i++)
        lanes[i] = from[words[i]];
    memcpy(&result, lanes, sizeof result);
    return result;
}

static inline __m512 emulated_cvtepi32_ps(__m512i x)
{
    int32_t words[EMULATED_LANES];
    float lanes[EMULATED_LANES];
    __m512 result;
    memcpy(words, &x, sizeof words);
    for (int i = 0; i < EMULATED_LANES; i++)
        lanes[i] = (float)words[i];
    memcpy(&result, lanes, sizeof result);
    return result;
}

static inline __m512i emulated_srai_epi32(__m512i x, unsigned count)
{
    int32_t words[EMULATED_LANES];
    memcpy(words, &x, sizeof words);
    for (int i = 0; i < EMULATED_LANES; i++)
        words[i] >>= count;
    memcpy(&x, words, sizeof x);
    return x;
}

static inline __m512i emulated_cvtepu16_epi32(__m256i x)
{
    uint16_t halves[EMULATED_LANES];
    uint32_t words[EMULATED_LANES];
    __m512i result;
    memcpy(halves, &x, sizeof halves);
    for (int i = 0; i < EMULATED_LANES; i++)
        words[i] = halves[i];
    memcpy(&result, words, sizeof result);
    return result;
}

/* Halves are folded onto each other, as compilers do it. */
static inline float emulated_reduce_add(__m512 x)
{
    float lanes[EMULATED_LANES];
    memcpy(lanes, &x, sizeof lanes);
    for (int half = EMULATED_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

static inline float emulated_reduce_max(__m512 x)
{
    float lanes[EMULATED_LANES];
    memcpy(lanes, &x, sizeof lanes);
    for (int i = 1; i < EMULATED_LANES; i++)
        lanes[0] = lanes[i] > lanes[0] ? lanes[i] : lanes[0];
    return lanes[0];
}

/* Quarters of 128 bits: two of a, then two of b, named by two bits each. */
static inline __m512 emulated_shuffle_quarters(__m512 a_in, __m512 b_in, unsigned which)
{
    float a[EMULATED_LANES], b[EMULATED_LANES], out[EMULATED_LANES];
    memcpy(a, &a_in, sizeof a);
    memcpy(b, &b_in, sizeof b);
    for (unsigned quarter = 0; quarter < 4; quarter++)
        memcpy(out + 4 * quarter, (quarter < 2 ? a : b) + 4 * (which >> 2 * quarter & 3),
               4 * sizeof *out);
    memcpy(&a_in, out, sizeof out);
    return a_in;
}

/* Only as many numbers as the mask has bits are read. */
static inline __m512 emulated_maskz_expandloadu(unsigned mask, const float *from)
{
    float lanes[EMULATED_LANES] = {0};
    __m512 result;
    for (int i = 0; i < EMULATED_LANES; i++)
        if (mask >> i & 1)
            lanes[i] = *from++;
    memcpy(&result, lanes, sizeof result);
    return result;
}

#undef _mm512_fmadd_ps
#define _mm512_fmadd_ps(a, b, c) emulated_fmadd(a, b, c)
#define _mm512_maskz_loadu_ps(mask, from) emulated_maskz_loadu(mask, from)
#define _mm512_maskz_expandloadu_ps(mask, from) emulated_maskz_expandloadu(mask, from)
#define _mm512_mask_storeu_ps(to, mask, x) emulated_mask_storeu(to, mask, x)
#define _mm512_cvtepi32_ps emulated_cvtepi32_ps
#define _mm512_cvttps_epi32 emulated_cvttps_epi32
#define _mm512_alignr_epi32 emulated_alignr_epi32
#define _mm512_i32gather_ps(place, from, size) emulated_i32gather_ps(place, from)
#define _mm512_srai_epi32 emulated_srai_epi32
#define _mm512_cvtepu16_epi32(x) emulated_cvtepu16_epi32(x)
#define _mm512_reduce_add_ps(x) emulated_reduce_add(x)
#define _mm512_reduce_max_ps(x) emulated_reduce_max(x)
#define _mm512_shuffle_f32x4(a, b, which) emulated_shuffle_quarters(a, b, which)

#endif
