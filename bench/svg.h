/* Drawings as SVG, by primitives. Colours are attributes, so that every viewer shows them, and
 * classes, with which the style below changes them in the dark. */
#ifndef SBMT_BENCH_SVG_H
#define SBMT_BENCH_SVG_H

#include <stdbool.h>

#include "core/base/str.h"

/** Colours of series are numbered; beyond SBMT_SVG_COLOURS they come again with other dashes and
 * markers. Those of text and lines are below 0. */
enum { SBMT_SVG_COLOURS = 8, SBMT_SVG_TEXT = -1, SBMT_SVG_FAINT = -2, SBMT_SVG_GRID = -3 };

/** Appends the rules for the dark, to stand in a <style>: once a page, or in each file. */
void sbmt_svg_style(struct sbmt_str *out);

/** Begins a drawing of a width and height in user units, with a title that readers of the screen
 * say. A file of its own has its own style. `name` is unique within a page. */
void sbmt_svg_begin(double width, double height, const char *name, const char *title, bool file,
                    struct sbmt_str *out);
void sbmt_svg_end(struct sbmt_str *out);

void sbmt_svg_line(double x1, double y1, double x2, double y2, int colour, struct sbmt_str *out);

/** Where a text stands relative to its point. */
enum sbmt_svg_anchor { SBMT_SVG_START, SBMT_SVG_MIDDLE, SBMT_SVG_LAST };

/** How a text looks: `size` in units (0: 13), `upwards` along the y axis or level. */
struct sbmt_svg_text_style {
    enum sbmt_svg_anchor anchor;
    int colour;
    double size;
    bool upwards;
};

void sbmt_svg_text(double x, double y, struct sbmt_svg_text_style style, const char *text,
                   struct sbmt_str *out);

/** A line through points (count) in the dashes of its colour. */
void sbmt_svg_path(const double (*point)[2], int count, int colour, struct sbmt_str *out);

/** A marker in the shape of its colour, with a text to be seen on a pointer's rest (NULL: none). */
void sbmt_svg_marker(double x, double y, int colour, const char *text, struct sbmt_str *out);

#endif
