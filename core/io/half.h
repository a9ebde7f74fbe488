/* Half precision: IEEE 754 binary16 (F16) and bfloat16 (BF16), as bits, to and from float.
 *
 * binary16: sign, 5 bits of exponent, 10 of fraction. bfloat16: the upper 16 bits of a float. To
 * float is exact; from float rounds to the nearest, ties to even: what is too large becomes
 * infinite, what is too small a subnormal or zero. A NaN stays one, made quiet, with its sign and
 * the upper bits of its payload. */
#ifndef SBMT_CORE_IO_HALF_H
#define SBMT_CORE_IO_HALF_H

#include <stdint.h>

float sbmt_float_from_f16(uint16_t bits);
float sbmt_float_from_bf16(uint16_t bits);
uint16_t sbmt_f16_from_float(float value);
uint16_t sbmt_bf16_from_float(float value);

#endif
