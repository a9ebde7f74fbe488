/* Tests of the orders and grey values of published code, by vectors that were published or that
 * numpy and Pillow computed (scripts/golden/images.py). */
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "data/digest.h"
#include "data/grey.h"
#include "data/permutation.h"
#include "tests/suite.h"

START_TEST(test_torch)
{
    static const int32_t ten[] = {4, 1, 7, 5, 3, 9, 0, 8, 6, 2};
    int32_t order[10];
    sbmt_permutation_torch(0, 10, order);
    ck_assert_mem_eq(order, ten, sizeof ten);
    sbmt_permutation_torch(5, 1, order);
    ck_assert_int_eq(order[0], 0);
    /* random_split of CIFAR-10's 50,000 and of Pathfinder's 200,000 with seed 42. */
    enum { COUNT = 200000 };
    int32_t *many = malloc(COUNT * sizeof *many);
    ck_assert_ptr_nonnull(many);
    static const int32_t train[] = {37542, 44491, 216, 43688, 41558};
    static const int32_t val[] = {17408, 40845, 3378, 22188, 44921};
    sbmt_permutation_torch(42, 50000, many);
    ck_assert_mem_eq(many, train, sizeof train);
    ck_assert_mem_eq(many + 45000, val, sizeof val);
    static const int32_t pathfinder[] = {37542, 143173, 127710};
    sbmt_permutation_torch(42, COUNT, many);
    ck_assert_mem_eq(many, pathfinder, sizeof pathfinder);
    free(many);
}
END_TEST

/* The SHA-256 of indices written with commas between them. */
static void assert_digest(const int32_t *indices, int count, const char *digest)
{
    struct sbmt_str text = {0};
    for (int i = 0; i < count; i++)
        sbmt_str_printf(&text, "%s%d", i > 0 ? "," : "", (int)indices[i]);
    ck_assert(!text.failed);
    char hex[SBMT_SHA256_HEX];
    ck_assert(sbmt_digest_bytes(SBMT_DIGEST_SHA256, text.text, text.length, hex, NULL));
    ck_assert_msg(strncmp(hex, digest, strlen(digest)) == 0, "%s", hex);
    sbmt_str_finish(&text);
}

START_TEST(test_hashed)
{
    enum { COUNT = 50000, TRAIN = 45000 };
    int32_t *order = malloc(COUNT * sizeof *order);
    struct sbmt_error err = {0};
    ck_assert_ptr_nonnull(order);
    ck_assert(sbmt_permutation_hashed("train", COUNT, order, &err));
    static const int32_t first[] = {16399, 1680, 47917, 17307, 27051, 48736, 26263, 1456};
    static const int32_t val[] = {13431, 9237, 17462, 32685};
    ck_assert_mem_eq(order, first, sizeof first);
    ck_assert_mem_eq(order + TRAIN, val, sizeof val);
    assert_digest(order, TRAIN, "7a10a7baf671afcc");
    assert_digest(order + TRAIN, COUNT - TRAIN, "356681849204d9a3");
    free(order);
}
END_TEST

/* All 2^24 colours, by the sum of grey values and of the squares of their ranks: see
 * scripts/golden/images.py. */
START_TEST(test_grey)
{
    uint64_t sums[2] = {0}, hashes[2] = {0};
    int64_t differ = 0;
    for (uint32_t colour = 0; colour < 1U << 24; colour++) {
        const uint8_t r = (uint8_t)(colour >> 16), g = (uint8_t)(colour >> 8), b = (uint8_t)colour;
        const uint8_t grey[2] = {sbmt_grey_tensorflow(r, g, b), sbmt_grey_pillow(r, g, b)};
        for (int i = 0; i < 2; i++) {
            sums[i] += grey[i];
            hashes[i] += (uint64_t)grey[i] * (colour + 1);
        }
        differ += grey[0] != grey[1];
    }
    ck_assert_uint_eq(sums[0], 2134686634);
    ck_assert_uint_eq(hashes[0], 19719183268719942);
    ck_assert_uint_eq(sums[1], 2139095177);
    ck_assert_uint_eq(hashes[1], 19753196661823510);
    ck_assert_int_eq(differ, 4408543);
}
END_TEST

SBMT_SUITE_MAIN("permutation", test_torch, test_hashed, test_grey)
