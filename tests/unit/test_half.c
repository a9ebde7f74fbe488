/* Half precision: the values that the formats define. */
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

START_TEST(every_f16_is_exact)
{
    for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
        const float value = sbmt_float_from_f16((uint16_t)bits);
        if ((bits & 0x7C00) != 0x7C00)
            ck_assert_double_eq((double)value, f16_value((uint16_t)bits));
        const bool is_nan = (bits & 0x7C00) == 0x7C00 && (bits & 0x3FF) != 0;
        ck_assert_int_eq(isnan(value), is_nan);
        ck_assert_int_eq(signbit(value) != 0, bits >> 15);
    }
    ck_assert(isinf(sbmt_float_from_f16(0x7C00)));
}
END_TEST

START_TEST(every_bf16_is_exact)
{
    for (uint32_t bits = 0; bits <= 0xFFFF; bits++) {
        const float value = sbmt_float_from_bf16((uint16_t)bits);
        ck_assert_uint_eq(bits_of(value), bits << 16);
    }
}
END_TEST

SBMT_SUITE_MAIN("half", every_f16_is_exact, every_bf16_is_exact)
