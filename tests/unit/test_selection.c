/* The largest of many numbers: those that sorting finds, the first ones of equals. */
#include <math.h>
#include <stdlib.h>

#include "core/attention/selection.h"
#include "core/base/rng.h"
#include "tests/suite.h"

enum { MOST = 600 };

struct numbers {
    int count;
    real x[MOST];
};

/* Expects what follows from the definition: i is chosen where fewer than `most` come before it. */
static void check(const struct numbers *numbers, int most)
{
    static sbmt_rank rank[MOST];
    int32_t found[MOST + 1];
    int taken = 0;
    found[most] = -7;
    sbmt_select_largest(numbers->count, numbers->x, most, found, rank);
    for (int i = 0; i < numbers->count; i++) {
        int before = 0;
        for (int j = 0; j < numbers->count; j++)
            before += numbers->x[j] > numbers->x[i] || (j < i && !(numbers->x[j] < numbers->x[i]));
        if (before < most)
            ck_assert_int_eq(found[taken++], i);
    }
    ck_assert_int_eq(taken, most);
    ck_assert_int_eq(found[most], -7);
}

static void check_all(const struct numbers *numbers)
{
    const int few[] = {0, 1, 2, 3, numbers->count / 2, numbers->count - 1, numbers->count};
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++)
        if (few[i] >= 0 && few[i] <= numbers->count)
            check(numbers, few[i]);
}

static uint32_t bits(uint32_t row, int i)
{
    return sbmt_rng_bits((struct sbmt_rng_key){{4, 5}}, row, (uint32_t)i);
}

START_TEST(numbers_of_all_sizes)
{
    static const int counts[] = {1, 2, 7, 256, MOST};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        struct numbers normal = {counts[c], {0}}, wild = normal, near_one = normal;
        for (int i = 0; i < counts[c]; i++) {
            normal.x[i] = SBMT_R(sbmt_rng_normal((struct sbmt_rng_key){{4, 5}}, 1, (uint32_t)i));
            wild.x[i] = SBMT_R(ldexp(normal.x[i], (int)(bits(2, i) % 200) - 100));
            near_one.x[i] = SBMT_R(1 + ldexp((double)(bits(3, i) % 64), -23));
        }
        check_all(&normal);
        check_all(&wild);
        check_all(&near_one);
    }
}
END_TEST

START_TEST(the_first_of_equals)
{
    struct numbers few = {MOST, {0}}, same = few, zeros = few;
    for (int i = 0; i < MOST; i++) {
        few.x[i] = SBMT_R(bits(6, i) % 3) - 1;
        same.x[i] = SBMT_R(-2.5);
        zeros.x[i] = bits(7, i) % 2 ? SBMT_R(0.0) : SBMT_R(-0.0);
    }
    check_all(&few);
    check_all(&same);
    check_all(&zeros);
}
END_TEST

START_TEST(infinities_are_numbers)
{
    struct numbers numbers = {
        5, {SBMT_R(-INFINITY), 3, SBMT_R(INFINITY), SBMT_R(-SBMT_REAL_MAX), SBMT_R(INFINITY)}};
    check_all(&numbers);
}
END_TEST

/* What training that has diverged may hand over still gives indices, each once. */
START_TEST(what_is_not_a_number_is_somewhere)
{
    real x[MOST];
    static sbmt_rank rank[MOST];
    int32_t found[MOST];
    for (int i = 0; i < MOST; i++)
        x[i] = bits(8, i) % 2 ? SBMT_R(copysign(NAN, bits(9, i) % 2 ? 1 : -1)) : SBMT_R(i % 7);
    for (int most = 1; most <= MOST; most += 37) {
        sbmt_select_largest(MOST, x, most, found, rank);
        for (int i = 0; i < most; i++)
            ck_assert(found[i] >= (i > 0 ? found[i - 1] + 1 : 0) && found[i] < MOST);
    }
}
END_TEST

SBMT_SUITE_MAIN("selection", numbers_of_all_sizes, the_first_of_equals, infinities_are_numbers,
                what_is_not_a_number_is_somewhere)
