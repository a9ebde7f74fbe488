/* The kernels for AVX-512 (F, DQ, VL, BW): sixteen lanes. */
#include "core/kernels/kernels.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 16 };

typedef __m512 vec;
typedef __m512i ivec;

static inline vec v_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

static inline void v_store(float *p, vec x)
{
    _mm512_storeu_ps(p, x);
}

/* Lanes below `count` (< LANES) set. */
static inline __mmask16 lane_mask(int count)
{
    return (__mmask16)((1U << count) - 1);
}

/* The first `count` lanes from memory, the others 0. */
static inline vec v_load_part(const float *p, int count)
{
    return _mm512_maskz_loadu_ps(lane_mask(count), p);
}

static inline void v_store_part(float *p, int count, vec x)
{
    _mm512_mask_storeu_ps(p, lane_mask(count), x);
}

/* The lanes below `count` (< LANES), the others 0. */
static inline vec v_first(vec x, int count)
{
    return _mm512_maskz_mov_ps(lane_mask(count), x);
}

static inline vec v_set(float x)
{
    return _mm512_set1_ps(x);
}

static inline vec v_add(vec a, vec b)
{
    return _mm512_add_ps(a, b);
}

static inline vec v_sub(vec a, vec b)
{
    return _mm512_sub_ps(a, b);
}

static inline vec v_mul(vec a, vec b)
{
    return _mm512_mul_ps(a, b);
}

static inline vec v_div(vec a, vec b)
{
    return _mm512_div_ps(a, b);
}

/* a·b + c, rounded once. */
static inline vec v_fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_ps(a, b, c);
}

static inline vec v_max(vec a, vec b)
{
    return _mm512_max_ps(a, b);
}

static inline vec v_min(vec a, vec b)
{
    return _mm512_min_ps(a, b);
}

static inline vec v_abs(vec x)
{
    return _mm512_abs_ps(x);
}

/* Where a < b: x, else y. */
static inline vec v_less(vec a, vec b, vec x, vec y)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}

/* x·2^n for a whole number n that keeps the result normal. */
static inline vec v_scale2(vec x, vec n)
{
    return _mm512_scalef_ps(x, n);
}

static inline float v_total(vec x)
{
    return _mm512_reduce_add_ps(x);
}

static inline float v_largest(vec x)
{
    return _mm512_reduce_max_ps(x);
}

/* Sums of the lower and upper 256 bits of two vectors, side by side. */
static inline vec fold_halves(vec a, vec b)
{
    const vec low = _mm512_shuffle_f32x4(a, b, 0x44), high = _mm512_shuffle_f32x4(a, b, 0xEE);
    return _mm512_add_ps(low, high);
}

/* Sums of 128-bit quarters: a pair of folded vectors becomes one. */
static inline vec fold_quarters(vec a, vec b)
{
    const vec low = _mm512_shuffle_f32x4(a, b, 0x88), high = _mm512_shuffle_f32x4(a, b, 0xDD);
    return _mm512_add_ps(low, high);
}

/* Of four vectors, quarter by quarter of 128 bits the sums of each; v_join adds them across, for
 * vectors FOLDED_LANE(g, 0 … 3) in group g. */
#define FOLDED_LANE(g, i) ((g) + 4 * (i))
static inline vec v_fold(vec a, vec b, vec c, vec d)
{
    return fold_quarters(fold_halves(a, b), fold_halves(c, d));
}

/* The totals of LANES vectors, in their order. */
static inline vec v_join(const vec group[LANES / 4])
{
    const vec a = _mm512_unpacklo_ps(group[0], group[1]);
    const vec b = _mm512_unpackhi_ps(group[0], group[1]);
    const vec c = _mm512_unpacklo_ps(group[2], group[3]);
    const vec d = _mm512_unpackhi_ps(group[2], group[3]);
    const vec ab = v_add(a, b), cd = v_add(c, d);
    return v_add(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xEE));
}

/* LANES half-words, low first: x where one is at least the threshold, else 0. */
static inline vec v_keep(const uint32_t *halves, uint32_t threshold, vec x)
{
    const ivec words = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)halves));
    const __mmask16 kept = _mm512_cmpge_epi32_mask(words, _mm512_set1_epi32((int)threshold));
    return _mm512_maskz_mov_ps(kept, x);
}

/* LANES half-words, low first, as numbers. */
static inline vec v_halves(const uint32_t *halves)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)halves)));
}

/* Which lanes have a < b, as bits. */
static inline unsigned v_less_mask(vec a, vec b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

/* LANES words of 32 bits as numbers, rounded once. */
static inline vec v_words(const uint32_t *words)
{
    const ivec x = _mm512_loadu_si512(words);
    const vec high = _mm512_cvtepi32_ps(_mm512_srli_epi32(x, 16));
    const vec low = _mm512_cvtepi32_ps(_mm512_and_si512(x, _mm512_set1_epi32(0xFFFF)));
    return v_fma(high, v_set(65536.0F), low);
}

/* x > 0 as *part · 2^n with *part in [√½, √2); returns n. */
static inline vec v_split2(vec x, vec *part)
{
    const ivec bits = _mm512_castps_si512(x), root_half = _mm512_set1_epi32(0x3F3504F3);
    const ivec n = _mm512_srai_epi32(_mm512_sub_epi32(bits, root_half), 23);
    *part = _mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(n, 23)));
    return _mm512_cvtepi32_ps(n);
}

static inline ivec i_set(uint32_t x)
{
    return _mm512_set1_epi32((int)x);
}

static inline ivec i_ramp(void)
{
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static inline ivec i_add(ivec a, ivec b)
{
    return _mm512_add_epi32(a, b);
}

/* x·2^bits. */
static inline ivec i_raise(ivec x, const int bits)
{
    return _mm512_slli_epi32(x, bits);
}

static inline ivec i_load(const int32_t *p)
{
    return _mm512_loadu_si512(p);
}

static inline void i_store(int32_t *p, ivec x)
{
    _mm512_storeu_si512(p, x);
}

/* Numbers that an int can hold, cut to whole ones. */
static inline ivec i_whole(vec x)
{
    return _mm512_cvttps_epi32(x);
}

/* Sums of the lanes up to each. */
static inline ivec i_running_sum(ivec x)
{
    const ivec none = _mm512_setzero_si512();
    x = i_add(x, _mm512_alignr_epi32(x, none, 15));
    x = i_add(x, _mm512_alignr_epi32(x, none, 14));
    x = i_add(x, _mm512_alignr_epi32(x, none, 12));
    return i_add(x, _mm512_alignr_epi32(x, none, 8));
}

/* Which lanes have a < b, as bits. */
static inline unsigned i_less_mask(ivec a, ivec b)
{
    return _mm512_cmpgt_epi32_mask(b, a);
}

/* The numbers at p that the lanes of `place` choose. */
static inline vec v_gather(const float *p, ivec place)
{
    return _mm512_i32gather_ps(place, p, sizeof *p);
}

/* LANES unit numbers (sbmt_rng_unit). */
static inline vec v_units(const uint32_t *words)
{
    const ivec upper = _mm512_srli_epi32(_mm512_loadu_si512(words), 8);
    return v_mul(_mm512_cvtepi32_ps(upper), v_set(0x1p-24F));
}

static inline ivec i_xor3(ivec a, ivec b, ivec c)
{
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

/* Products of the lower halves of 64 bits. */
static inline ivec i_multiply(ivec a, ivec b)
{
    return _mm512_mul_epu32(a, b);
}

/* The upper halves of 64 bits, as the lower ones. */
static inline ivec i_upper(ivec x)
{
    return _mm512_srli_epi64(x, 32);
}

/* The lower halves of 64 bits of a and, above them, those of b. */
static inline ivec i_join(ivec a, ivec b)
{
    return _mm512_mask_blend_epi32(0xAAAA, a, _mm512_slli_epi64(b, 32));
}

/* Numbers of 64 bits in the order in which i_store_blocks stores them. */
static inline ivec i_ramp_pairs(void)
{
    return _mm512_setr_epi32(0, 0, 4, 0, 1, 0, 5, 0, 2, 0, 6, 0, 3, 0, 7, 0);
}

/* Stores 64 bits of `low` and then 64 bits of `high` in turn, in the order of i_ramp_pairs. */
static inline void i_store_blocks(int32_t *out, ivec low, ivec high)
{
    i_store(out, _mm512_unpacklo_epi64(low, high));
    i_store(out + LANES, _mm512_unpackhi_epi64(low, high));
}

/* The lanes of x that have the bit, as a mask, and *count one more in them. */
static inline unsigned i_count_bit(ivec x, ivec bit, ivec *count)
{
    const __mmask16 in = _mm512_test_epi32_mask(x, bit);
    *count = _mm512_mask_add_epi32(*count, in, *count, _mm512_set1_epi32(1));
    return in;
}

/* Stores the lanes chosen by the mask side by side; all LANES places are written: storing only the
 * chosen ones takes longer. */
static inline void i_store_chosen(int32_t *to, unsigned mask, ivec x)
{
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32((__mmask16)mask, x));
}

/* The same of reals, and the reverse: the numbers at p go to the lanes chosen, zeros to the others.
 */
static inline void v_store_chosen(float *to, unsigned mask, vec x)
{
    _mm512_storeu_ps(to, _mm512_maskz_compress_ps((__mmask16)mask, x));
}

static inline vec v_spread(const float *p, unsigned mask)
{
    return _mm512_maskz_expandloadu_ps((__mmask16)mask, p);
}

/* The lanes of x that the mask chooses, and the others of y. */
static inline vec v_choose(unsigned mask, vec x, vec y)
{
    return _mm512_mask_blend_ps((__mmask16)mask, y, x);
}

#define SBMT_KERNELS_TABLE sbmt_kernels_avx512
#define SBMT_KERNELS_NAME "avx512"
#include "core/kernels/vector_kernels.h"
