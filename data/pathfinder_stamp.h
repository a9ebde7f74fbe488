/* Stamps: the small pictures that Pathfinder is put together from. A paddle is drawn on a grid
 * twice as fine and shrunk; so is its mask, the room it takes with its margin. */
#ifndef SBMT_DATA_PATHFINDER_STAMP_H
#define SBMT_DATA_PATHFINDER_STAMP_H

#include "data/lanczos.h"
#include "data/pathfinder_style.h"

enum { SBMT_STAMP_MOST_SIDE = SBMT_LANCZOS_MOST_OUT };

/** A pixel. */
struct sbmt_point {
    int y, x;
};

/** A grey picture with a place in the whole one, over whose edges it may reach. */
struct sbmt_stamp {
    int top, left, height, width;
    uint8_t pixels[SBMT_STAMP_MOST_SIDE * SBMT_STAMP_MOST_SIDE]; /**< (height, width) */
};

/** A stroke from `start`; `fine` is where it ends, from there, on the fine grid. */
struct sbmt_paddle {
    struct sbmt_point start, fine;
};

/** What all paddles of a picture have in common. */
struct sbmt_brush {
    int length, thickness, margin; /**< thickness on the fine grid */
    int extent;                    /**< of a stamp, from `start` to each side */
    struct sbmt_lanczos shrink;
};

/** The brush of a style with one of its margins. */
void sbmt_brush_init(struct sbmt_brush *brush, const struct sbmt_pathfinder_style *style,
                     int margin);

/** `distance` from `point` in direction `orientation` (radians, from x to y), rounded up. */
struct sbmt_point sbmt_point_translate(struct sbmt_point point, double orientation, int distance);

/** A paddle that begins at `start`. */
struct sbmt_paddle sbmt_paddle_make(const struct sbmt_brush *brush, struct sbmt_point start,
                                    double orientation);

/** The stroke itself, at full contrast. */
void sbmt_stamp_stroke(const struct sbmt_brush *brush, const struct sbmt_paddle *paddle,
                       struct sbmt_stamp *stamp);

/** The room it takes: 255 where it is taken, less at the edge. */
void sbmt_stamp_mask(const struct sbmt_brush *brush, const struct sbmt_paddle *paddle,
                     struct sbmt_stamp *stamp);

/** A disc around a pixel, in a picture of `side` pixels over whose edges it does not reach. */
void sbmt_stamp_disc(struct sbmt_point center, double radius, int side, struct sbmt_stamp *stamp);

#endif
