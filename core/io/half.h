/* Half precision: IEEE 754 binary16 (F16) and bfloat16 (BF16), as bits, to float, which is exact.
 *
 * binary16: sign, 5 bits of exponent, 10 of fraction. bfloat16: the upper 16 bits of a float. A NaN
 * stays one, with its sign and payload. */
#ifndef SBMT_CORE_IO_HALF_H
#define SBMT_CORE_IO_HALF_H

#include <stdint.h>

float sbmt_float_from_f16(uint16_t bits);
float sbmt_float_from_bf16(uint16_t bits);

#endif
