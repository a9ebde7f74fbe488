/* Grey pictures as PNG, 8 bits a pixel: the one place that knows libpng. */
#ifndef SBMT_DATA_PNG_H
#define SBMT_DATA_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

/** Reads the bytes of a file into pixels (height, width). SBMT_ERROR_DATA, with `name` in front,
 * for anything but a whole grey picture of that size with 8 bits a pixel and no transparency. */
SBMT_MUST_CHECK bool sbmt_png_read(const char *name, const void *bytes, size_t size, int width,
                                   int height, uint8_t *pixels, struct sbmt_error *err);

/** Room for what sbmt_png_write makes of any picture of that size. */
size_t sbmt_png_room(int width, int height);

/** Makes the bytes of a file of pixels (height, width) into `out`, which has room for them, and
 * sets *size. The same pixels give the same bytes. SBMT_ERROR_MEMORY where there is none. */
SBMT_MUST_CHECK bool sbmt_png_write(const uint8_t *pixels, int width, int height, uint8_t *out,
                                    size_t *size, struct sbmt_error *err);

#endif
