/* Half precision to float, by integer arithmetic on the bits. */
#include "core/io/half.h"

#include <string.h>

enum {
    FRACTION = 23,      /* bits of a float's fraction */
    HALF_FRACTION = 10, /* bits of a binary16's */
    BIAS = 127,
    HALF_BIAS = 15,
    DROPPED = FRACTION - HALF_FRACTION,
};

static const uint32_t infinity = 0x7F800000U;

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

float sbmt_float_from_bf16(uint16_t bits)
{
    return float_of((uint32_t)bits << 16);
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
