/* Pixels in SVG drawings. */
#include "bench/svg_pixels.h"

#include <stdlib.h>

#include "data/png.h"

/* Pixels that the longer side of what is shown has at the least, or nearly. */
enum { SHARP = 512 };

/* It makes red of white, and nothing of black. */
void sbmt_svg_overlay_filter(struct sbmt_str *out)
{
    sbmt_str_printf(out, "<defs><filter id=\"red\" color-interpolation-filters=\"sRGB\">"
                         "<feColorMatrix type=\"matrix\" values=\"0 0 0 0 0.9  0 0 0 0 0.1  "
                         "0 0 0 0 0.1  1 0 0 0 0\"/></filter></defs>\n");
}

void sbmt_svg_frame(struct sbmt_box box, struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
                    "stroke=\"#888\" stroke-width=\"0.5\"/>\n",
                    box.x, box.y, box.width, box.height);
}

/* Base64 (RFC 4648, section 4). */
static void put_base64(const uint8_t *bytes, size_t size, struct sbmt_str *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t word = 0;
        for (size_t b = 0; b < 3; b++)
            word = word << 8 | (i + b < size ? bytes[i + b] : 0);
        char four[4];
        for (int d = 0; d < 4; d++)
            four[d] = digits[word >> (18 - 6 * d) & 63];
        if (i + 2 >= size)
            four[3] = '=';
        if (i + 1 >= size)
            four[2] = '=';
        sbmt_str_append(out, four, sizeof four);
    }
}

/* How often each pixel is repeated either way: not all programs show a few pixels as squares when
 * they stretch them. */
static int repeats(const struct sbmt_pixels *pixels)
{
    const int longer = pixels->width > pixels->height ? pixels->width : pixels->height;
    return longer < SHARP ? SHARP / longer : 1;
}

static void enlarge(const struct sbmt_pixels *pixels, int times, uint8_t *to)
{
    for (int y = 0; y < pixels->height * times; y++)
        for (int x = 0; x < pixels->width * times; x++)
            *to++ = pixels->grey[(size_t)(y / times) * (size_t)pixels->width + (size_t)(x / times)];
}

bool sbmt_svg_pixels(struct sbmt_box box, const struct sbmt_pixels *pixels, bool overlay,
                     struct sbmt_str *out, struct sbmt_error *err)
{
    const int times = repeats(pixels);
    const int width = times * pixels->width, height = times * pixels->height;
    size_t size = 0;
    uint8_t *large = malloc((size_t)width * (size_t)height);
    uint8_t *png = malloc(sbmt_png_room(width, height));
    if (large == NULL || png == NULL) {
        free(large);
        free(png);
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "picture: out of memory");
    }
    enlarge(pixels, times, large);
    const bool made = sbmt_png_write(large, width, height, png, &size, err);
    if (made) {
        sbmt_str_printf(out,
                        "<image x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                        "preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\"%s "
                        "href=\"data:image/png;base64,",
                        box.x, box.y, box.width, box.height,
                        overlay ? " filter=\"url(#red)\"" : "");
        put_base64(png, size, out);
        sbmt_str_printf(out, "\"/>\n");
    }
    free(large);
    free(png);
    return made;
}
