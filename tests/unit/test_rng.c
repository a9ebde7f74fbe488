/* Counter-based random numbers: the published Philox answers, and the laws of what is made of them.
 *
 * Seeds are fixed, so a statistical test either always passes or always fails. */
#include "tests/suite.h"

#include <math.h>
#include <string.h>

#include "core/base/rng.h"

/* Known answers of philox4x32-10 from Random123's kat_vectors (Salmon et al., SC 2011). */
static const struct {
    uint32_t counter[4];
    struct sbmt_rng_key key;
    uint32_t answer[4];
} known[] = {
    {{0, 0, 0, 0}, {{0, 0}}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {{0xffffffff, 0xffffffff}},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {{0xa4093822, 0x299f31d0}},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static const struct sbmt_rng_place somewhere = {
    .seed = 12345, .purpose = SBMT_RNG_GRAPH, .step = 7, .layer = 1, .head = 2, .sequence = 99};

START_TEST(philox_gives_the_known_answers)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t out[4];
        sbmt_philox(known[i].counter, known[i].key, out);
        ck_assert_mem_eq(out, known[i].answer, sizeof out);
    }
}
END_TEST

START_TEST(bits_are_the_words_of_blocks)
{
    const struct sbmt_rng_key key = {{0xa4093822, 0x299f31d0}};
    for (uint32_t row = 0; row < 3; row++) {
        for (uint32_t index = 0; index < 12; index++) {
            const uint32_t counter[4] = {index / 4, row, 0, 0};
            uint32_t out[4];
            sbmt_philox(counter, key, out);
            ck_assert_uint_eq(sbmt_rng_bits(key, row, index), out[index % 4]);
        }
    }
}
END_TEST

START_TEST(unit_lies_in_zero_to_below_one)
{
    ck_assert(sbmt_rng_unit(0) == 0.0F);
    ck_assert(sbmt_rng_unit(0xffffffff) < 1.0F);
    ck_assert(sbmt_rng_unit(0x80000000) == 0.5F);
}
END_TEST

/* Each field of a place must matter, and one place must always give one key. */
START_TEST(different_places_give_different_keys)
{
    enum { COUNT = 10 };
    struct sbmt_rng_place places[COUNT];
    for (int i = 0; i < COUNT; i++)
        places[i] = somewhere;
    places[1].seed++;
    places[2].seed += (uint64_t)1 << 32;
    places[3].purpose = SBMT_RNG_ATTENTION;
    places[4].step++;
    places[5].layer++;
    places[6].head++;
    places[7].sequence++;
    places[8].sequence += (uint64_t)1 << 32;
    places[9].layer = somewhere.head;
    places[9].head = somewhere.layer;
    struct sbmt_rng_key keys[COUNT];
    for (int i = 0; i < COUNT; i++)
        keys[i] = sbmt_rng_derive(&places[i]);
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < i; j++)
            ck_assert_mem_ne(&keys[i], &keys[j], sizeof keys[i]);
    const struct sbmt_rng_key again = sbmt_rng_derive(&somewhere);
    ck_assert_mem_eq(&again, &keys[0], sizeof again);
}
END_TEST

/* The sum of (observed - expected)^2 / expected over equally likely cells. */
static double chi_square(const int *observed, int cells, double expected)
{
    double sum = 0;
    for (int i = 0; i < cells; i++)
        sum += (observed[i] - expected) * (observed[i] - expected) / expected;
    return sum;
}

/* The value that chi-square with `freedom` degrees exceeds with probability 1e-4 (Wilson and
 * Hilferty's approximation; 3.719 is the normal quantile). */
static double chi_square_bound(int freedom)
{
    const double term = 2.0 / (9.0 * freedom);
    return freedom * pow(1.0 - term + 3.719 * sqrt(term), 3.0);
}

START_TEST(below_is_uniform_and_in_range)
{
    const struct sbmt_rng_key key = sbmt_rng_derive(&somewhere);
    static const uint32_t bounds[] = {1, 2, 3, 10, 97};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        enum { DRAWS = 100000 };
        int observed[97] = {0}, outside = 0;
        for (uint32_t i = 0; i < DRAWS; i++) {
            const uint32_t value = sbmt_rng_below(key, (uint32_t)b, i, bounds[b]);
            outside += value >= bounds[b];
            observed[value % 97]++;
        }
        ck_assert_int_eq(outside, 0);
        const double statistic = chi_square(observed, (int)bounds[b], (double)DRAWS / bounds[b]);
        if (bounds[b] > 1)
            ck_assert_double_lt(statistic, chi_square_bound((int)bounds[b] - 1));
    }
}
END_TEST

/* The product of one 32-bit word with 3·2^29, cut to its high half, meets the residues 0, 1, 2
 * modulo 3 in the ratio 3 : 3 : 2. */
START_TEST(below_is_unbiased_for_a_large_bound)
{
    const struct sbmt_rng_key key = sbmt_rng_derive(&somewhere);
    const uint32_t bound = 3U << 29;
    enum { DRAWS = 90000 };
    int residue[3] = {0}, third[8] = {0};
    for (uint32_t i = 0; i < DRAWS; i++) {
        const uint32_t value = sbmt_rng_below(key, 5, i, bound);
        residue[value % 3]++;
        third[value / (1U << 29)]++;
    }
    ck_assert_int_eq(third[0] + third[1] + third[2], DRAWS);
    ck_assert_double_lt(chi_square(residue, 3, DRAWS / 3.0), chi_square_bound(2));
    ck_assert_double_lt(chi_square(third, 3, DRAWS / 3.0), chi_square_bound(2));
}
END_TEST

START_TEST(normal_has_the_moments_of_a_normal)
{
    const struct sbmt_rng_key key = sbmt_rng_derive(&somewhere);
    enum { COUNT = 200000 };
    double sum = 0, square = 0, cube = 0, fourth = 0, product = 0, before = 0;
    int beyond = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        const double x = sbmt_rng_normal(key, 3, i);
        sum += x;
        square += x * x;
        cube += x * x * x;
        fourth += x * x * x * x;
        product += x * before;
        beyond += fabs(x) > 1.959964;
        before = x;
    }
    /* Bounds are five standard errors: the variances of x, x², x³, x⁴ are 1, 2, 15, 96. */
    const double n = COUNT;
    ck_assert(isfinite(fourth));
    ck_assert_double_lt(fabs(sum / n), 5 * sqrt(1 / n));
    ck_assert_double_lt(fabs(square / n - 1), 5 * sqrt(2 / n));
    ck_assert_double_lt(fabs(cube / n), 5 * sqrt(15 / n));
    ck_assert_double_lt(fabs(fourth / n - 3), 5 * sqrt(96 / n));
    ck_assert_double_lt(fabs(product / n), 5 * sqrt(1 / n));
    ck_assert_double_lt(fabs(beyond / n - 0.05), 5 * sqrt(0.05 * 0.95 / n));
}
END_TEST

START_TEST(normals_are_the_single_ones)
{
    const struct sbmt_rng_key key = sbmt_rng_derive(&somewhere);
    enum { MOST = 13 };
    for (int count = 0; count <= MOST; count++) {
        real found[MOST + 1];
        found[count] = SBMT_R(77);
        sbmt_rng_normals(key, 4, count, found);
        for (int i = 0; i < count; i++)
            ck_assert(memcmp(&found[i], &(real){SBMT_R(sbmt_rng_normal(key, 4, (uint32_t)i))},
                             sizeof found[i]) == 0);
        ck_assert(found[count] > 76 && found[count] < 78);
    }
}
END_TEST

START_TEST(permutation_holds_each_number_once)
{
    static const int counts[] = {0, 1, 2, 17, 1000};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        int order[1000], seen[1000] = {0};
        sbmt_rng_permutation(sbmt_rng_derive(&somewhere), counts[c], order);
        for (int i = 0; i < counts[c]; i++) {
            ck_assert_int_ge(order[i], 0);
            ck_assert_int_lt(order[i], counts[c]);
            ck_assert_int_eq(seen[order[i]]++, 0);
        }
    }
}
END_TEST

/* All 24 orders of four things are equally likely over the epochs of a run. */
START_TEST(permutation_is_uniform)
{
    enum { DRAWS = 48000, ORDERS = 24 };
    int observed[256] = {0}, cells[ORDERS], found = 0;
    for (uint32_t epoch = 0; epoch < DRAWS; epoch++) {
        struct sbmt_rng_place place = somewhere;
        place.purpose = SBMT_RNG_SHUFFLE;
        place.step = epoch;
        int order[4];
        sbmt_rng_permutation(sbmt_rng_derive(&place), 4, order);
        observed[order[0] + 4 * order[1] + 16 * order[2] + 64 * order[3]]++;
    }
    for (int code = 0; code < 256; code++) {
        if (observed[code] == 0)
            continue;
        ck_assert_int_lt(found, ORDERS);
        cells[found++] = observed[code];
    }
    ck_assert_int_eq(found, ORDERS);
    ck_assert_double_lt(chi_square(cells, ORDERS, (double)DRAWS / ORDERS),
                        chi_square_bound(ORDERS - 1));
}
END_TEST

/* The published test values of 64-bit FNV-1a. */
START_TEST(hash_is_fnv_1a)
{
    ck_assert_uint_eq(sbmt_rng_hash(""), 0xcbf29ce484222325U);
    ck_assert_uint_eq(sbmt_rng_hash("a"), 0xaf63dc4c8601ec8cU);
    ck_assert_uint_eq(sbmt_rng_hash("foobar"), 0x85944171f73967e8U);
}
END_TEST

SBMT_SUITE_MAIN("rng", philox_gives_the_known_answers, bits_are_the_words_of_blocks,
                unit_lies_in_zero_to_below_one, different_places_give_different_keys,
                below_is_uniform_and_in_range, below_is_unbiased_for_a_large_bound,
                normal_has_the_moments_of_a_normal, normals_are_the_single_ones,
                permutation_holds_each_number_once, permutation_is_uniform, hash_is_fnv_1a)
