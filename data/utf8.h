/* UTF-8, strictly. */
#ifndef SBMT_DATA_UTF8_H
#define SBMT_DATA_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum {
    SBMT_UTF8_REPLACEMENT = 0xFFFD,   /**< stands for what is no UTF-8 */
    SBMT_UTF8_CODE_POINTS = 0x110000, /**< code points are below */
};

/** The code point at the beginning of `size` > 0 bytes, whose length goes to *length: −1 with a
 * length of 1 where no valid sequence begins. */
int32_t sbmt_utf8_next(const unsigned char *bytes, size_t size, int *length);

/** Writes a code point as UTF-8 and returns how many bytes it has, 1 … 4. */
int sbmt_utf8_put(int32_t code_point, unsigned char bytes[4]);

#endif
