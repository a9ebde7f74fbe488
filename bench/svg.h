/* SVG pictures, appended element by element. */
#ifndef SBMT_BENCH_SVG_H
#define SBMT_BENCH_SVG_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/base/str.h"

/** Grey pixels (height, width), 0 black. */
struct sbmt_pixels {
    int width, height;
    uint8_t *grey;
};

/** Where something is, in pixels of the picture. */
struct sbmt_box {
    double x, y, width, height;
};

enum sbmt_anchor { SBMT_ANCHOR_START, SBMT_ANCHOR_MIDDLE, SBMT_ANCHOR_END };

/** The root element on a white background; sbmt_svg_end closes it. */
void sbmt_svg_begin(double width, double height, struct sbmt_str *out);
void sbmt_svg_end(struct sbmt_str *out);

/** A line of text, escaped, turned by `angle` degrees about its anchor. */
void sbmt_svg_text(double x, double y, enum sbmt_anchor anchor, double size, double angle,
                   const char *text, struct sbmt_str *out);

/** A frame. */
void sbmt_svg_frame(struct sbmt_box box, struct sbmt_str *out);

/** Pixels, stretched to a box without smoothing; with `overlay` not as grey but as red that is the
 * more opaque the brighter a pixel is. SBMT_ERROR_MEMORY where there is none. */
SBMT_MUST_CHECK bool sbmt_svg_pixels(struct sbmt_box box, const struct sbmt_pixels *pixels,
                                     bool overlay, struct sbmt_str *out, struct sbmt_error *err);

#endif
