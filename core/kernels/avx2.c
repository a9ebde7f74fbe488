/* The kernels for AVX2 with FMA: eight lanes. */
#include "core/kernels/kernels.h"

#include <immintrin.h>
#include <string.h>

enum { LANES = 8 };

typedef __m256 vec;
typedef __m256i ivec;

static inline vec v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

static inline void v_store(float *p, vec x)
{
    _mm256_storeu_ps(p, x);
}

/* Lanes below `count` (< LANES) set. */
static inline ivec lane_mask(int count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* The first `count` lanes from memory, the others 0. */
static inline vec v_load_part(const float *p, int count)
{
    return _mm256_maskload_ps(p, lane_mask(count));
}

static inline void v_store_part(float *p, int count, vec x)
{
    _mm256_maskstore_ps(p, lane_mask(count), x);
}

/* The lanes below `count` (< LANES), the others 0. */
static inline vec v_first(vec x, int count)
{
    return _mm256_and_ps(_mm256_castsi256_ps(lane_mask(count)), x);
}

static inline vec v_set(float x)
{
    return _mm256_set1_ps(x);
}

static inline vec v_add(vec a, vec b)
{
    return _mm256_add_ps(a, b);
}

static inline vec v_sub(vec a, vec b)
{
    return _mm256_sub_ps(a, b);
}

static inline vec v_mul(vec a, vec b)
{
    return _mm256_mul_ps(a, b);
}

static inline vec v_div(vec a, vec b)
{
    return _mm256_div_ps(a, b);
}

/* a·b + c, rounded once. */
static inline vec v_fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_ps(a, b, c);
}

static inline vec v_max(vec a, vec b)
{
    return _mm256_max_ps(a, b);
}

static inline vec v_min(vec a, vec b)
{
    return _mm256_min_ps(a, b);
}

static inline vec v_abs(vec x)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x);
}

/* Where a < b: x, else y. */
static inline vec v_less(vec a, vec b, vec x, vec y)
{
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

/* x·2^n for a whole number n that keeps the result normal. */
static inline vec v_scale2(vec x, vec n)
{
    const ivec shift = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), shift));
}

static inline float v_total(vec x)
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

static inline float v_largest(vec x)
{
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

/* Adds four vectors across, as far as it goes within halves of 128 bits; v_join does the rest, for
 * vectors FOLDED_LANE(g, 0 … 3) in group g. */
#define FOLDED_LANE(g, i) (4 * (g) + (i))
static inline vec v_fold(vec a, vec b, vec c, vec d)
{
    const vec ab = v_add(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    const vec cd = v_add(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    return v_add(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xEE));
}

/* The totals of LANES vectors, in their order. */
static inline vec v_join(const vec group[LANES / 4])
{
    const vec low = _mm256_permute2f128_ps(group[0], group[1], 0x20);
    return v_add(low, _mm256_permute2f128_ps(group[0], group[1], 0x31));
}

/* LANES half-words, low first: x where one is at least the threshold, else 0. */
static inline vec v_keep(const uint32_t *halves, uint32_t threshold, vec x)
{
    const ivec words = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)halves));
    const ivec dropped = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)threshold), words);
    return _mm256_andnot_ps(_mm256_castsi256_ps(dropped), x);
}

/* LANES half-words, low first, as numbers. */
static inline vec v_halves(const uint32_t *halves)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)halves)));
}

/* Which lanes have a < b, as bits. */
static inline unsigned v_less_mask(vec a, vec b)
{
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

/* LANES words of 32 bits as numbers, rounded once. */
static inline vec v_words(const uint32_t *words)
{
    const ivec x = _mm256_loadu_si256((const ivec *)words);
    const vec high = _mm256_cvtepi32_ps(_mm256_srli_epi32(x, 16));
    const vec low = _mm256_cvtepi32_ps(_mm256_and_si256(x, _mm256_set1_epi32(0xFFFF)));
    return v_fma(high, v_set(65536.0F), low);
}

/* x > 0 as *part · 2^n with *part in [√½, √2); returns n. */
static inline vec v_split2(vec x, vec *part)
{
    const ivec bits = _mm256_castps_si256(x), root_half = _mm256_set1_epi32(0x3F3504F3);
    const ivec n = _mm256_srai_epi32(_mm256_sub_epi32(bits, root_half), 23);
    *part = _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(n, 23)));
    return _mm256_cvtepi32_ps(n);
}

static inline ivec i_set(uint32_t x)
{
    return _mm256_set1_epi32((int)x);
}

static inline ivec i_ramp(void)
{
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}

static inline ivec i_add(ivec a, ivec b)
{
    return _mm256_add_epi32(a, b);
}

/* x·2^bits. */
static inline ivec i_raise(ivec x, const int bits)
{
    return _mm256_slli_epi32(x, bits);
}

static inline ivec i_load(const int32_t *p)
{
    return _mm256_loadu_si256((const ivec *)p);
}

static inline void i_store(int32_t *p, ivec x)
{
    _mm256_storeu_si256((ivec *)p, x);
}

/* Numbers that an int can hold, cut to whole ones. */
static inline ivec i_whole(vec x)
{
    return _mm256_cvttps_epi32(x);
}

/* Sums of the lanes up to each: within halves of 128 bits, then the lower one's total to the upper.
 */
static inline ivec i_running_sum(ivec x)
{
    x = i_add(x, _mm256_slli_si256(x, 4));
    x = i_add(x, _mm256_slli_si256(x, 8));
    const ivec total = _mm256_shuffle_epi32(x, 0xFF);
    return i_add(x, _mm256_permute2x128_si256(total, total, 0x08));
}

/* Which lanes have a < b, as bits. */
static inline unsigned i_less_mask(ivec a, ivec b)
{
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a)));
}

/* The numbers at p that the lanes of `place` choose. */
static inline vec v_gather(const float *p, ivec place)
{
    return _mm256_i32gather_ps(p, place, sizeof *p);
}

/* LANES unit numbers (sbmt_rng_unit). */
static inline vec v_units(const uint32_t *words)
{
    const ivec upper = _mm256_srli_epi32(_mm256_loadu_si256((const ivec *)words), 8);
    return v_mul(_mm256_cvtepi32_ps(upper), v_set(0x1p-24F));
}

static inline ivec i_xor3(ivec a, ivec b, ivec c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}

/* Products of the lower halves of 64 bits. */
static inline ivec i_multiply(ivec a, ivec b)
{
    return _mm256_mul_epu32(a, b);
}

/* The upper halves of 64 bits, as the lower ones. */
static inline ivec i_upper(ivec x)
{
    return _mm256_srli_epi64(x, 32);
}

/* The lower halves of 64 bits of a and, above them, those of b. */
static inline ivec i_join(ivec a, ivec b)
{
    return _mm256_blend_epi32(a, _mm256_slli_epi64(b, 32), 0xAA);
}

/* Numbers of 64 bits in the order in which i_store_blocks stores them. */
static inline ivec i_ramp_pairs(void)
{
    return _mm256_setr_epi32(0, 0, 2, 0, 1, 0, 3, 0);
}

/* Stores 64 bits of `low` and then 64 bits of `high` in turn, in the order of i_ramp_pairs. */
static inline void i_store_blocks(int32_t *out, ivec low, ivec high)
{
    i_store(out, _mm256_unpacklo_epi64(low, high));
    i_store(out + LANES, _mm256_unpackhi_epi64(low, high));
}

/* The lanes that a mask of eight bits chooses, in order, a byte each. */
#define CHOSEN(m, b)                                                                               \
    ((uint64_t)((m) >> (b)&1) * (b) << (8 * __builtin_popcount((m) & ((1 << (b)) - 1))))
#define CHOSEN_1(m)                                                                                \
    CHOSEN(m, 0) | CHOSEN(m, 1) | CHOSEN(m, 2) | CHOSEN(m, 3) | CHOSEN(m, 4) | CHOSEN(m, 5) |      \
        CHOSEN(m, 6) | CHOSEN(m, 7)
#define CHOSEN_4(m) CHOSEN_1(m), CHOSEN_1((m) + 1), CHOSEN_1((m) + 2), CHOSEN_1((m) + 3)
#define CHOSEN_16(m) CHOSEN_4(m), CHOSEN_4((m) + 4), CHOSEN_4((m) + 8), CHOSEN_4((m) + 12)
#define CHOSEN_64(m) CHOSEN_16(m), CHOSEN_16((m) + 16), CHOSEN_16((m) + 32), CHOSEN_16((m) + 48)
static const uint64_t chosen_lanes[256] = {CHOSEN_64(0), CHOSEN_64(64), CHOSEN_64(128),
                                           CHOSEN_64(192)};

/* The lanes of x that have the bit, as a mask, and *count one more in them. */
static inline unsigned i_count_bit(ivec x, ivec bit, ivec *count)
{
    const ivec in = _mm256_cmpeq_epi32(_mm256_and_si256(x, bit), bit);
    *count = _mm256_sub_epi32(*count, in);
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(in));
}

/* Stores the lanes chosen by the mask side by side; all LANES places are written. */
static inline void i_store_chosen(int32_t *to, unsigned mask, ivec x)
{
    const __m128i lanes = _mm_loadl_epi64((const __m128i *)&chosen_lanes[mask]);
    const ivec order = _mm256_cvtepu8_epi32(lanes);
    _mm256_storeu_si256((ivec *)to, _mm256_permutevar8x32_epi32(x, order));
}

/* The same of reals. */
static inline void v_store_chosen(float *to, unsigned mask, vec x)
{
    i_store_chosen((int32_t *)to, mask, _mm256_castps_si256(x));
}

/* For each lane how many before it a mask of eight bits chooses, a byte each. */
#define BEFORE(m, b) ((uint64_t)__builtin_popcount((m) & ((1 << (b)) - 1)) << (8 * (b)))
#define BEFORE_1(m)                                                                                \
    BEFORE(m, 0) | BEFORE(m, 1) | BEFORE(m, 2) | BEFORE(m, 3) | BEFORE(m, 4) | BEFORE(m, 5) |      \
        BEFORE(m, 6) | BEFORE(m, 7)
#define BEFORE_4(m) BEFORE_1(m), BEFORE_1((m) + 1), BEFORE_1((m) + 2), BEFORE_1((m) + 3)
#define BEFORE_16(m) BEFORE_4(m), BEFORE_4((m) + 4), BEFORE_4((m) + 8), BEFORE_4((m) + 12)
#define BEFORE_64(m) BEFORE_16(m), BEFORE_16((m) + 16), BEFORE_16((m) + 32), BEFORE_16((m) + 48)
static const uint64_t lanes_before[256] = {BEFORE_64(0), BEFORE_64(64), BEFORE_64(128),
                                           BEFORE_64(192)};

/* All bits of the lanes that a mask of eight bits chooses. */
static inline vec lanes_of(unsigned mask)
{
    const ivec bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const ivec all = _mm256_set1_epi32((int)mask);
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(all, bit), bit));
}

/* The numbers at p go to the lanes chosen, zeros to the others; LANES numbers are read. */
static inline vec v_spread(const float *p, unsigned mask)
{
    const __m128i before = _mm_loadl_epi64((const __m128i *)&lanes_before[mask]);
    const vec x = _mm256_permutevar8x32_ps(v_load(p), _mm256_cvtepu8_epi32(before));
    return _mm256_and_ps(x, lanes_of(mask));
}

/* The lanes of x that the mask chooses, and the others of y. */
static inline vec v_choose(unsigned mask, vec x, vec y)
{
    return _mm256_blendv_ps(y, x, lanes_of(mask));
}

#define SBMT_KERNELS_TABLE sbmt_kernels_avx2
#define SBMT_KERNELS_NAME "avx2"
#include "core/kernels/vector_kernels.h"
