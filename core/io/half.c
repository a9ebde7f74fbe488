/* Half precision, by integer arithmetic on the bits. */
#include "core/io/half.h"

#include <string.h>

enum {
    FRACTION = 23,      /* bits of a float's fraction */
    HALF_FRACTION = 10, /* bits of a binary16's */
    BIAS = 127,
    HALF_BIAS = 15,
    DROPPED = FRACTION - HALF_FRACTION,
};

static const uint32_t sign_bit = 0x80000000U, infinity = 0x7F800000U;

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The value without its lowest `count` bits (1 to 31), rounded to the nearest, ties to even. */
static uint32_t shift_rounded(uint32_t value, int count)
{
    const uint32_t kept = value >> count, rest = value & ((1U << count) - 1);
    const uint32_t tie = 1U << (count - 1);
    return kept + (rest > tie || (rest == tie && (kept & 1) != 0));
}

float sbmt_float_from_bf16(uint16_t bits)
{
    return float_of((uint32_t)bits << 16);
}

uint16_t sbmt_bf16_from_float(float value)
{
    const uint32_t bits = bits_of(value);
    if ((bits & ~sign_bit) > infinity)
        return (uint16_t)(bits >> 16 | 0x40);
    /* A fraction that rounds up to 1 carries into the exponent, which is right, also to infinity.
     */
    return (uint16_t)shift_rounded(bits, 16);
}

float sbmt_float_from_f16(uint16_t bits)
{
    const uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
    const uint32_t magnitude = bits & 0x7FFF;
    if (magnitude >= 0x7C00)
        return float_of(sign | infinity | (magnitude & 0x3FF) << DROPPED);
    if (magnitude >= 1U << HALF_FRACTION)
        return float_of(sign | ((magnitude << DROPPED) + ((BIAS - HALF_BIAS) << FRACTION)));
    /* A subnormal is its fraction times 2^−24, which a float represents exactly. */
    const float subnormal = (float)magnitude / (float)(1 << 24);
    return float_of(sign | bits_of(subnormal));
}

uint16_t sbmt_f16_from_float(float value)
{
    const uint32_t bits = bits_of(value), magnitude = bits & ~sign_bit;
    const uint32_t sign = (bits & sign_bit) >> 16;
    if (magnitude > infinity)
        return (uint16_t)(sign | 0x7E00 | (magnitude >> DROPPED & 0x3FF));
    const int exponent = (int)(magnitude >> FRACTION) - BIAS + HALF_BIAS;
    if (exponent >= 31)
        return (uint16_t)(sign | 0x7C00);
    if (exponent > 0)
        return (uint16_t)(sign |
                          shift_rounded(magnitude - ((BIAS - HALF_BIAS) << FRACTION), DROPPED));
    /* A subnormal of binary16: the fraction with its leading 1, moved to the unit 2^−24. */
    if (exponent < -HALF_FRACTION)
        return (uint16_t)sign;
    const uint32_t fraction = (magnitude & ((1U << FRACTION) - 1)) | 1U << FRACTION;
    return (uint16_t)(sign | shift_rounded(fraction, DROPPED + 1 - exponent));
}
