/* Drawing paddles, their masks, and discs. */
#include "data/pathfinder_stamp.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FINE = SBMT_PATHFINDER_ANTIALIAS, WHITE = 255 };

/* A square on the fine grid. */
struct fine {
    int side;
    uint8_t pixels[SBMT_LANCZOS_MOST_IN * SBMT_LANCZOS_MOST_IN];
};

void sbmt_brush_init(struct sbmt_brush *brush, const struct sbmt_pathfinder_style *style,
                     int margin)
{
    brush->length = style->paddle_length;
    brush->thickness = (int)(style->paddle_thickness * FINE);
    brush->margin = margin;
    brush->extent = style->paddle_length + (int)ceil(style->paddle_thickness) + margin;
    assert(brush->extent <= SBMT_PATHFINDER_MOST_EXTENT);
    sbmt_lanczos_init(&brush->shrink, 2 * FINE * brush->extent + 1, 2 * brush->extent + 1);
}

struct sbmt_point sbmt_point_translate(struct sbmt_point point, double orientation, int distance)
{
    /* The sum is rounded, not the step: a sine that should be 0 vanishes in it. */
    return (struct sbmt_point){
        .y = (int)ceil(point.y + distance * sin(orientation)),
        .x = (int)ceil(point.x + distance * cos(orientation)),
    };
}

struct sbmt_paddle sbmt_paddle_make(const struct sbmt_brush *brush, struct sbmt_point start,
                                    double orientation)
{
    const int center = FINE * brush->extent;
    const struct sbmt_point end = sbmt_point_translate((struct sbmt_point){center, center},
                                                       orientation, FINE * brush->length);
    return (struct sbmt_paddle){start, {end.y - center, end.x - center}};
}

/* A line one pixel wide: a pixel for each step along its longer direction. */
static void draw_thin(struct fine *fine, struct sbmt_point from, struct sbmt_point step)
{
    const int steps = abs(step.y) > abs(step.x) ? abs(step.y) : abs(step.x);
    for (int i = 0; i <= steps; i++) {
        /* Halves are rounded away from the start. */
        const int dy = steps > 0 ? (2 * i * abs(step.y) + steps) / (2 * steps) : 0;
        const int dx = steps > 0 ? (2 * i * abs(step.x) + steps) / (2 * steps) : 0;
        const int y = from.y + (step.y < 0 ? -dy : dy), x = from.x + (step.x < 0 ? -dx : dx);
        fine->pixels[y * fine->side + x] = WHITE;
    }
}

/* The part of a row that lies in a quadrangle, first and last pixel, with halves rounded inwards;
 * none where first > last. */
static void span(const struct sbmt_point corner[4], int y, int *first, int *last)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < 4; i++) {
        const struct sbmt_point a = corner[i], b = corner[(i + 1) % 4];
        if ((y < a.y && y < b.y) || (y > a.y && y > b.y))
            continue;
        const double slope = a.y == b.y ? 0 : (double)(b.x - a.x) / (b.y - a.y);
        const double crossing = a.x + slope * (y - a.y);
        low = fmin(low, a.y == b.y ? fmin(a.x, b.x) : crossing);
        high = fmax(high, a.y == b.y ? fmax(a.x, b.x) : crossing);
    }
    *first = low <= high ? (int)floor(low + 0.5) : 0;
    *last = low <= high ? (int)ceil(high - 0.5) : -1;
}

/* A wider line: the quadrangle between two parallels, with corners on pixels. */
static void draw_thick(struct fine *fine, struct sbmt_point from, struct sbmt_point step,
                       int thickness)
{
    /* An even thickness has its middle between two pixels: one side is half a pixel nearer. */
    const double length = hypot(step.x, step.y);
    const double near = floor((thickness - 1) / 2.0) / length;
    const double far = ceil((thickness - 1) / 2.0) / length;
    const struct sbmt_point to = {from.y + step.y, from.x + step.x};
    const struct sbmt_point one = {(int)lround(far * step.x), -(int)lround(near * step.y)};
    const struct sbmt_point other = {-(int)lround(near * step.x), (int)lround(far * step.y)};
    const struct sbmt_point corner[4] = {{from.y + one.y, from.x + one.x},
                                         {to.y + one.y, to.x + one.x},
                                         {to.y + other.y, to.x + other.x},
                                         {from.y + other.y, from.x + other.x}};
    for (int y = 0; y < fine->side; y++) {
        int first, last;
        span(corner, y, &first, &last);
        for (int x = first; x <= last; x++)
            fine->pixels[y * fine->side + x] = WHITE;
    }
}

static void draw_line(const struct sbmt_brush *brush, const struct sbmt_paddle *paddle,
                      struct fine *fine)
{
    const struct sbmt_point center = {FINE * brush->extent, FINE * brush->extent};
    fine->side = brush->shrink.in;
    memset(fine->pixels, 0, (size_t)fine->side * (size_t)fine->side);
    if (brush->thickness > 1)
        draw_thick(fine, center, paddle->fine, brush->thickness);
    else
        draw_thin(fine, center, paddle->fine);
}

/* Everything within `radius` of what is drawn, which is at least that far from the edges. */
static void dilate(const struct fine *fine, int radius, struct fine *out)
{
    out->side = fine->side;
    memset(out->pixels, 0, (size_t)fine->side * (size_t)fine->side);
    for (int y = radius; y < fine->side - radius; y++)
        for (int x = radius; x < fine->side - radius; x++) {
            if (fine->pixels[y * fine->side + x] == 0)
                continue;
            for (int dy = -radius; dy <= radius; dy++)
                for (int dx = -radius; dx <= radius; dx++)
                    if (dy * dy + dx * dx <= radius * radius)
                        out->pixels[(y + dy) * fine->side + x + dx] = WHITE;
        }
}

static void shrink(const struct sbmt_brush *brush, const struct sbmt_paddle *paddle,
                   const struct fine *fine, struct sbmt_stamp *stamp)
{
    stamp->top = paddle->start.y - brush->extent;
    stamp->left = paddle->start.x - brush->extent;
    stamp->height = stamp->width = brush->shrink.out;
    sbmt_lanczos_shrink(&brush->shrink, &brush->shrink, fine->pixels, stamp->pixels);
}

void sbmt_stamp_stroke(const struct sbmt_brush *brush, const struct sbmt_paddle *paddle,
                       struct sbmt_stamp *stamp)
{
    struct fine line;
    draw_line(brush, paddle, &line);
    shrink(brush, paddle, &line, stamp);
}

void sbmt_stamp_mask(const struct sbmt_brush *brush, const struct sbmt_paddle *paddle,
                     struct sbmt_stamp *stamp)
{
    struct fine line, room;
    draw_line(brush, paddle, &line);
    dilate(&line, FINE * brush->margin, &room);
    shrink(brush, paddle, &room, stamp);
}

/* Where a stamp begins and how long it is, around `center` within 0 … side−1. */
static int clip(int center, int reach, int side, int *length)
{
    const int first = center > reach ? center - reach : 0;
    const int last = center + reach < side ? center + reach : side - 1;
    *length = last - first + 1;
    return first;
}

void sbmt_stamp_disc(struct sbmt_point center, double radius, int side, struct sbmt_stamp *stamp)
{
    enum { LOBES = 3 };
    const int reach = (int)ceil(radius) + 2 * LOBES + 1;
    uint8_t fine[SBMT_LANCZOS_MOST_IN * SBMT_LANCZOS_MOST_IN];
    struct sbmt_lanczos rows, columns;
    stamp->top = clip(center.y, reach, side, &stamp->height);
    stamp->left = clip(center.x, reach, side, &stamp->width);
    sbmt_lanczos_init(&rows, FINE * stamp->height, stamp->height);
    sbmt_lanczos_init(&columns, FINE * stamp->width, stamp->width);
    for (int y = 0; y < rows.in; y++)
        for (int x = 0; x < columns.in; x++) {
            const int dy = FINE * (stamp->top - center.y) + y;
            const int dx = FINE * (stamp->left - center.x) + x;
            const bool inside = dy * dy + dx * dx <= FINE * FINE * radius * radius;
            fine[y * columns.in + x] = inside ? WHITE : 0;
        }
    sbmt_lanczos_shrink(&rows, &columns, fine, stamp->pixels);
}
