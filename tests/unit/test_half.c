/* Half precision: values that the formats define, and rounding against arithmetic. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/io/half.h"
#include "tests/suite.h"

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The value of a finite binary16 by its definition. */
static double f16_value(uint16_t bits)
{
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double magnitude = exponent == 0 ? ldexp(fraction, -24)
                                           : ldexp(1024 + fraction, exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

START_TEST(every_f16_is_exact_and_comes_back)
{
    for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
        const float value = sbmt_float_from_f16((uint16_t)bits);
        if ((bits & 0x7C00) != 0x7C00)
            ck_assert_double_eq((double)value, f16_value((uint16_t)bits));
        const bool is_nan = (bits & 0x7C00) == 0x7C00 && (bits & 0x3FF) != 0;
        ck_assert_int_eq(isnan(value), is_nan);
        ck_assert_int_eq(signbit(value) != 0, bits >> 15);
        ck_assert_uint_eq(sbmt_f16_from_float(value), is_nan ? bits | 0x200 : bits);
    }
    ck_assert(isinf(sbmt_float_from_f16(0x7C00)));
}
END_TEST

START_TEST(every_bf16_is_exact_and_comes_back)
{
    for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
        const float value = sbmt_float_from_bf16((uint16_t)bits);
        ck_assert_uint_eq(bits_of(value), bits << 16);
        ck_assert_uint_eq(sbmt_bf16_from_float(value), isnan(value) ? bits | 0x40 : bits);
    }
}
END_TEST

/* Between neighbours the nearer one is taken, in the middle the even one, just off it the near. */
START_TEST(f16_rounds_to_nearest_even)
{
    for (uint16_t low = 0; low < 0x7BFF; low++) {
        const uint16_t high = (uint16_t)(low + 1);
        const float middle = (sbmt_float_from_f16(low) + sbmt_float_from_f16(high)) / 2;
        ck_assert_uint_eq(sbmt_f16_from_float(middle), low % 2 == 0 ? low : high);
        ck_assert_uint_eq(sbmt_f16_from_float(nextafterf(middle, 0)), low);
        ck_assert_uint_eq(sbmt_f16_from_float(nextafterf(middle, INFINITY)), high);
        ck_assert_uint_eq(sbmt_f16_from_float(-nextafterf(middle, 0)), low | 0x8000);
    }
    ck_assert_uint_eq(sbmt_f16_from_float(65519.996F), 0x7BFF);
    ck_assert_uint_eq(sbmt_f16_from_float(65520.0F), 0x7C00);
    ck_assert_uint_eq(sbmt_f16_from_float(-1e30F), 0xFC00);
    ck_assert_uint_eq(sbmt_f16_from_float(1e-30F), 0);
    ck_assert_uint_eq(sbmt_f16_from_float(-1e-45F), 0x8000);
}
END_TEST

START_TEST(bf16_rounds_to_nearest_even)
{
    for (uint32_t low = 0; low < 0x7F7F; low++) {
        float middle;
        const uint32_t bits = (low << 16) + 0x8000;
        memcpy(&middle, &bits, sizeof middle);
        ck_assert_uint_eq(sbmt_bf16_from_float(middle), low % 2 == 0 ? low : low + 1);
        ck_assert_uint_eq(sbmt_bf16_from_float(nextafterf(middle, 0)), low);
        ck_assert_uint_eq(sbmt_bf16_from_float(nextafterf(middle, INFINITY)), low + 1);
    }
    ck_assert_uint_eq(sbmt_bf16_from_float(3.4e38F), 0x7F80);
    ck_assert_uint_eq(sbmt_bf16_from_float(-INFINITY), 0xFF80);
}
END_TEST

SBMT_SUITE_MAIN("half", every_f16_is_exact_and_comes_back, every_bf16_is_exact_and_comes_back,
                f16_rounds_to_nearest_even, bf16_rounds_to_nearest_even)
