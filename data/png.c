/* PNG by libpng. */
#include "data/png.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

/* Bytes being read or written. */
struct stream {
    const uint8_t *in;
    uint8_t *out;
    size_t size, used;
    char message[128]; /* what libpng found wrong; "" for memory */
};

/* Called by libpng; must not return. */
static void keep_message(png_structp png, png_const_charp message)
{
    struct stream *stream = png_get_error_ptr(png);
    snprintf(stream->message, sizeof stream->message, "%s", message);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message;
}

static void take_bytes(png_structp png, png_bytep bytes, size_t count)
{
    struct stream *stream = png_get_io_ptr(png);
    if (count > stream->size - stream->used)
        png_error(png, "it ends too early");
    memcpy(bytes, stream->in + stream->used, count);
    stream->used += count;
}

static void put_bytes(png_structp png, png_bytep bytes, size_t count)
{
    struct stream *stream = png_get_io_ptr(png);
    if (count > stream->size - stream->used)
        png_error(png, "more bytes than were foreseen");
    memcpy(stream->out + stream->used, bytes, count);
    stream->used += count;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

/* Fails, by png_error, for a picture of another kind. */
static void require_grey(png_structp png, png_infop info, png_uint_32 width, png_uint_32 height)
{
    char message[96];
    const png_uint_32 found_width = png_get_image_width(png, info);
    const png_uint_32 found_height = png_get_image_height(png, info);
    if (png_get_color_type(png, info) != PNG_COLOR_TYPE_GRAY ||
        png_get_valid(png, info, PNG_INFO_tRNS) != 0)
        png_error(png, "it is not grey alone");
    if (png_get_bit_depth(png, info) != 8) {
        snprintf(message, sizeof message, "it has %d bits a pixel, not 8",
                 png_get_bit_depth(png, info));
        png_error(png, message);
    }
    if (found_width != width || found_height != height) {
        snprintf(message, sizeof message, "it has %ux%u pixels, not %ux%u", (unsigned)found_width,
                 (unsigned)found_height, (unsigned)width, (unsigned)height);
        png_error(png, message);
    }
}

/* False, with stream->message set, if libpng jumped out. */
static bool read_pixels(png_structp png, png_infop info, struct stream *stream, int width,
                        int height, uint8_t *pixels)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_read_fn(png, stream, take_bytes);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(png, info);
    require_grey(png, info, (png_uint_32)width, (png_uint_32)height);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++)
            png_read_row(png, pixels + (size_t)y * (size_t)width, NULL);
    png_read_end(png, NULL);
    if (stream->used != stream->size)
        png_error(png, "there is more behind its end");
    return true;
}

bool sbmt_png_read(const char *name, const void *bytes, size_t size, int width, int height,
                   uint8_t *pixels, struct sbmt_error *err)
{
    struct stream stream = {.in = bytes, .size = size};
    if (size == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: is empty", name);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, keep_message,
                                             ignore_warning);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for reading it", name);
    }
    const bool done = read_pixels(png, info, &stream, width, height, pixels);
    png_destroy_read_struct(&png, &info, NULL);
    if (!done)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: not a whole grey PNG picture: %s", name,
                         stream.message);
    return true;
}

size_t sbmt_png_room(int width, int height)
{
    /* What cannot be compressed is stored; the rest is for the heads of its pieces. */
    enum { HEADS = 1024 };
    return HEADS + 2 * (size_t)(width + 1) * (size_t)height;
}

static bool write_pixels(png_structp png, png_infop info, struct stream *stream,
                         const uint8_t *pixels, int width, int height)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_write_fn(png, stream, put_bytes, flush_nothing);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 9);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(png, info);
    for (int y = 0; y < height; y++)
        png_write_row(png, pixels + (size_t)y * (size_t)width);
    png_write_end(png, NULL);
    return true;
}

bool sbmt_png_write(const uint8_t *pixels, int width, int height, uint8_t *out, size_t *size,
                    struct sbmt_error *err)
{
    struct stream stream = {.out = out, .size = sbmt_png_room(width, height)};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &stream, keep_message,
                                              ignore_warning);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    const bool done = info != NULL && write_pixels(png, info, &stream, pixels, width, height);
    png_destroy_write_struct(&png, &info);
    *size = stream.used;
    if (!done)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "cannot make a PNG picture of %dx%d pixels: %s",
                         width, height, stream.message[0] != '\0' ? stream.message : "no memory");
    return true;
}
