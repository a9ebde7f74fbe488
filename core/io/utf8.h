/* UTF-8, strictly. */
#ifndef SBMT_CORE_IO_UTF8_H
#define SBMT_CORE_IO_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum {
    SBMT_UTF8_BYTES = 4,              /**< most bytes of a code point */
    SBMT_UTF8_REPLACEMENT = 0xFFFD,   /**< stands for what is no UTF-8 */
    SBMT_UTF8_CODE_POINTS = 0x110000, /**< code points are below */
};

/** The code point at the beginning of `size` > 0 bytes, whose length goes to *length: −1 with a
 * length of 1 where no valid sequence begins. */
int32_t sbmt_utf8_next(const void *bytes, size_t size, int *length);

/** Writes a code point as UTF-8 into room for SBMT_UTF8_BYTES and returns how many bytes it has,
 * 1 … 4. */
int sbmt_utf8_put(int32_t code_point, void *bytes);

/** The place of the first byte that is no UTF-8, or −1. */
int64_t sbmt_utf8_first_invalid(const void *text, size_t size);

/** Bytes of the mark of the byte order that a text begins with, 3 or 0: some editors put one there,
 * and it is no part of the text. */
size_t sbmt_utf8_mark(const void *text, size_t size);

#endif
