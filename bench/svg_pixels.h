/* Pixels in SVG drawings (bench/svg.h): matrices and pictures. */
#ifndef SBMT_BENCH_SVG_PIXELS_H
#define SBMT_BENCH_SVG_PIXELS_H

#include <stdint.h>

#include "bench/svg.h"
#include "core/base/error.h"

/** Grey pixels (height, width), 0 black. */
struct sbmt_pixels {
    int width, height;
    uint8_t *grey;
};

/** Where something is, in pixels of the picture. */
struct sbmt_box {
    double x, y, width, height;
};

/** Once in a drawing that has an overlay. */
void sbmt_svg_overlay_filter(struct sbmt_str *out);

/** A frame. */
void sbmt_svg_frame(struct sbmt_box box, struct sbmt_str *out);

/** Pixels, stretched to a box without smoothing; with `overlay` not as grey but as red that is the
 * more opaque the brighter a pixel is. SBMT_ERROR_MEMORY where there is none. */
SBMT_MUST_CHECK bool sbmt_svg_pixels(struct sbmt_box box, const struct sbmt_pixels *pixels,
                                     bool overlay, struct sbmt_str *out, struct sbmt_error *err);

#endif
