/* Vector kernels over a row of numbers. Part of vector_kernels.h. */
#ifndef SBMT_CORE_KERNELS_VECTOR_ROWS_H
#define SBMT_CORE_KERNELS_VECTOR_ROWS_H

/* Blocks in a vector, each in 64 bits, and vectors that take turns: the rounds of one wait for each
 * other, those of the next fill the gaps. */
enum { PHILOX = LANES / 2, PHILOX_GROUPS = LANES == 16 ? 4 : 2 };

/* Philox on PHILOX_GROUPS·PHILOX blocks. Words are the lower halves of 64 bits, and what is in the
 * upper ones is left there: products do not look at it. */
static inline __attribute__((always_inline)) void
philox_groups(struct sbmt_rng_key key, uint32_t row, uint32_t first, uint32_t *out)
{
    const ivec a = i_set(0xD2511F53U), b = i_set(0xCD9E8D57U);
    ivec c0[PHILOX_GROUPS], c1[PHILOX_GROUPS], c2[PHILOX_GROUPS], c3[PHILOX_GROUPS];
    for (int g = 0; g < PHILOX_GROUPS; g++) {
        c0[g] = i_add(i_set(first + (uint32_t)(g * PHILOX)), i_ramp_pairs());
        c1[g] = i_set(row);
        c2[g] = c3[g] = i_set(0);
    }
    uint32_t k0 = key.word[0], k1 = key.word[1];
    for (int round = 0; round < 10; round++) {
        for (int g = 0; g < PHILOX_GROUPS; g++) {
            const ivec product0 = i_multiply(c0[g], a), product1 = i_multiply(c2[g], b);
            c0[g] = i_xor3(i_upper(product1), c1[g], i_set(k0));
            c2[g] = i_xor3(i_upper(product0), c3[g], i_set(k1));
            c1[g] = product1;
            c3[g] = product0;
        }
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    for (int g = 0; g < PHILOX_GROUPS; g++)
        i_store_blocks((int32_t *)out + 4 * (size_t)(g * PHILOX), i_join(c0[g], c1[g]),
                       i_join(c2[g], c3[g]));
}

static void random_bits(struct sbmt_rng_key key, uint32_t row, uint32_t first, int blocks,
                        uint32_t *out)
{
    enum { AT_ONCE = PHILOX_GROUPS * PHILOX };
    int b = 0;
    for (; b + AT_ONCE <= blocks; b += AT_ONCE)
        philox_groups(key, row, first + (uint32_t)b, out + 4 * (size_t)b);
    if (b == blocks)
        return;
    uint32_t rest[4 * AT_ONCE];
    philox_groups(key, row, first + (uint32_t)b, rest);
    memcpy(out + 4 * (size_t)b, rest, 16 * (size_t)(blocks - b));
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

static inline void v_rest_bounds(vec weight, vec share, vec scale, vec least, vec most,
                                 vec bounds[3])
{
    const vec zero = v_set(0), rest = v_sub(weight, v_mul(scale, share));
    const vec above = v_max(rest, zero), below = v_min(rest, zero);
    bounds[0] = v_fma(above, least, v_fma(below, most, bounds[0]));
    bounds[1] = v_fma(above, most, v_fma(below, least, bounds[1]));
    bounds[2] = v_fma(weight, most, bounds[2]);
}

static void rest_bounds(int count, const float *weight, const float *share, float scale,
                        const float *least, const float *most, float bounds[3])
{
    vec total[3] = {v_set(0), v_set(0), v_set(0)};
    int v = 0;
    for (; v + LANES <= count; v += LANES)
        v_rest_bounds(v_load(weight + v), v_load(share + v), v_set(scale), v_load(least + v),
                      v_load(most + v), total);
    if (v < count)
        v_rest_bounds(v_load_part(weight + v, count - v), v_load_part(share + v, count - v),
                      v_set(scale), v_load_part(least + v, count - v),
                      v_load_part(most + v, count - v), total);
    for (int i = 0; i < 3; i++)
        bounds[i] = v_total(total[i]);
}

static inline vec v_halves_part(const uint32_t *halves, int count)
{
    uint32_t rest[LANES / 2] = {0};
    for (int i = 0; i < (count + 1) / 2; i++)
        rest[i] = halves[i];
    return v_halves(rest);
}

static int above(int count, const float *x, float threshold, int32_t *columns)
{
    const vec least = v_set(threshold);
    int found = 0, j = 0;
    for (; j + LANES <= count; j += LANES) {
        const unsigned in = v_less_mask(least, v_load(x + j));
        i_store_chosen(columns + found, in, i_add(i_set((uint32_t)j), i_ramp()));
        found += __builtin_popcount(in);
    }
    for (; j < count; j++) {
        columns[found] = j;
        found += x[j] > threshold;
    }
    return found;
}

/* The candidates among LANES pairs, as bits, and those of them that are unsure. */
static inline unsigned scan_lanes(vec x, vec half, vec least, vec most, unsigned *doubt)
{
    const vec units = v_set(65536.0F);
    const unsigned in = v_less_mask(half, v_mul(v_add(x, most), units));
    *doubt = v_less_mask(v_mul(v_add(x, least), units), v_add(half, v_set(1.0F))) & in;
    return in;
}

/* The same of the last pairs of a row, fewer than LANES. */
static inline unsigned scan_rest(int rest, const float *along, float scale, vec least, vec most,
                                 const uint32_t *bits, unsigned *doubt)
{
    const unsigned valid = (1U << rest) - 1;
    const vec x = v_mul(v_set(scale), v_load_part(along, rest));
    const unsigned in = scan_lanes(x, v_halves_part(bits, rest), least, most, doubt) & valid;
    *doubt &= valid;
    return in;
}

/* A few pairs in a thousand are unsure, so they are written one by one. */
static int scan(int count, const float *along, float scale, float low, float high,
                const uint32_t *bits, uint32_t *edges, int32_t *unsure, int *unsure_count)
{
    const vec by = v_set(scale), least = v_set(low), most = v_set(high);
    int found = 0, doubtful = 0;
    for (int j = 0; j < count; j += 32) {
        uint32_t in = 0, doubt = 0;
        for (int from = 0; from < 32 && j + from < count; from += LANES) {
            const int at = j + from;
            unsigned doubts;
            const unsigned set = count - at >= LANES
                                     ? scan_lanes(v_mul(by, v_load(along + at)),
                                                  v_halves(bits + at / 2), least, most, &doubts)
                                     : scan_rest(count - at, along + at, scale, least, most,
                                                 bits + at / 2, &doubts);
            in |= set << from;
            doubt |= doubts << from;
        }
        edges[j / 32] = in;
        found += __builtin_popcount(in);
        for (; doubt != 0; doubt &= doubt - 1)
            unsure[doubtful++] = j + __builtin_ctz(doubt);
    }
    *unsure_count = doubtful;
    return found;
}

/* LANES bits at a time; where a word's groups go does not wait for one another. */
static int set_bits(int words, const uint32_t *bits, int32_t first, int32_t *places)
{
    const unsigned group = (1U << LANES) - 1;
    int found = 0;
    for (int w = 0; w < words; w++) {
        const uint32_t word = bits[w];
        for (int from = 0; from < 32; from += LANES) {
            const int before = __builtin_popcount(word & ((1U << from) - 1));
            i_store_chosen(places + found + before, word >> from & group,
                           i_add(i_set((uint32_t)(first + 32 * w + from)), i_ramp()));
        }
        found += __builtin_popcount(word);
    }
    return found;
}

static int collect(int words, const uint32_t *bits, float scale, const float *x, float *out)
{
    const unsigned group = (1U << LANES) - 1;
    int found = 0;
    for (int j = 0; j < 32 * words; j += LANES) {
        const unsigned in = bits[j / 32] >> (j % 32) & group;
        v_store_chosen(out + found, in, v_mul(v_set(scale), v_load(x + j)));
        found += __builtin_popcount(in);
    }
    return found;
}

static void spread(int words, const uint32_t *bits, const float *x, float *out)
{
    const unsigned group = (1U << LANES) - 1;
    for (int j = 0; j < 32 * words; j += LANES) {
        const unsigned in = bits[j / 32] >> (j % 32) & group;
        v_store(out + j, v_spread(x, in));
        x += __builtin_popcount(in);
    }
}

static float keep(int words, const uint32_t *bits, float filler, float *x)
{
    const unsigned group = (1U << LANES) - 1;
    const vec fillers = v_set(filler);
    vec total = v_set(0);
    for (int j = 0; j < 32 * words; j += LANES) {
        const unsigned in = bits[j / 32] >> (j % 32) & group;
        const vec here = v_load(x + j);
        total = v_add(total, v_choose(in, here, v_set(0)));
        v_store(x + j, v_choose(in, here, fillers));
    }
    return v_total(total);
}

/* Word `word` of every row, and zeroes up to whole vectors. */
static void words_of_rows(int rows, const uint32_t *bits, size_t stride, uint32_t *words)
{
    for (int i = 0; i < rows; i++)
        words[i] = bits[(size_t)i * stride];
    for (int i = rows; i % LANES != 0; i++)
        words[i] = 0;
}

/* A vector holds the words of LANES rows, so a bit of it is LANES pairs of a column. */
static void turn_bits(int rows, int columns, const uint32_t *bits, int stride, int32_t *next,
                      int *begin, uint32_t *turned)
{
    uint32_t words[SBMT_TURNED_ROWS];
    int found = 0;
    for (int j = 0; j < columns; j++) {
        if (j % 32 == 0)
            words_of_rows(rows, bits + j / 32, (size_t)stride, words);
        const ivec bit = i_set(1U << (j % 32));
        begin[j] = found;
        for (int i = 0; i < rows; i += LANES) {
            ivec at = i_load(next + i);
            const ivec here = at;
            const unsigned in = i_count_bit(i_load((const int32_t *)words + i), bit, &at);
            const ivec edge = i_add(i_raise(here, SBMT_TURNED_BITS),
                                    i_add(i_set((uint32_t)i), i_ramp()));
            i_store_chosen((int32_t *)turned + found, in, edge);
            i_store(next + i, at);
            found += __builtin_popcount(in);
        }
    }
    begin[columns] = found;
}

#endif
