/* Snakes: paths that grow paddle by paddle in what room is left (Linsley et al. 2018, arXiv
 * 1805.08315; the procedure of drewlinsley/pathfinder, snakes2.py of 2019). */
#ifndef SBMT_DATA_PATHFINDER_SNAKE_H
#define SBMT_DATA_PATHFINDER_SNAKE_H

#include <stdbool.h>

#include "core/base/rng.h"
#include "data/pathfinder_stamp.h"

enum {
    SBMT_GROUND_MOST_PIXELS = SBMT_PATHFINDER_MOST_SIDE * SBMT_PATHFINDER_MOST_SIDE,
    SBMT_GROUND_FINE = SBMT_PATHFINDER_ANTIALIAS * SBMT_PATHFINDER_MOST_EXTENT / 2,
    SBMT_GROUND_FINE_SIDE = 2 * SBMT_GROUND_FINE + 1,
};

/** Random numbers one after the other. */
struct sbmt_draws {
    struct sbmt_rng_key key;
    uint32_t count; /**< drawn so far */
};

/** The next number, uniform in 0 … bound−1. */
uint32_t sbmt_draws_below(struct sbmt_draws *draws, uint32_t bound);

enum {
    SBMT_GROUND_MOST_SHAPES = 128,   /**< different ends that a paddle has on the fine grid */
    SBMT_GROUND_MOST_DIRECTIONS = 64 /**< in which a snake goes on */
};

/** Where the far end of a next paddle may be, from where it turns. */
struct sbmt_direction {
    struct sbmt_point offset;
    double orientation;
};

/** What snakes grow in: which pixels are taken, from 0 to 255, and random numbers. */
struct sbmt_ground {
    const struct sbmt_pathfinder_style *style;
    struct sbmt_brush brush;
    struct sbmt_draws draws;
    struct sbmt_direction direction[SBMT_GROUND_MOST_DIRECTIONS];
    int directions;
    /** Masks met so far, of paddles that start at 0, 0; `shape` holds 1 + their places by where a
     * paddle ends on the fine grid, from −SBMT_GROUND_FINE to SBMT_GROUND_FINE. */
    struct sbmt_stamp mask[SBMT_GROUND_MOST_SHAPES];
    int shapes;
    uint8_t shape[SBMT_GROUND_FINE_SIDE][SBMT_GROUND_FINE_SIDE];
    uint8_t taken[SBMT_GROUND_MOST_PIXELS]; /**< (side, side) */
};

/** A snake that grows. Its last paddle is not yet among the ground's taken pixels: the next one
 * begins within its margin. */
struct sbmt_snake {
    struct sbmt_paddle paddle[SBMT_PATHFINDER_MOST_PADDLES];
    int length;              /**< paddles so far */
    struct sbmt_point pivot; /**< where the last paddle was turned around */
    double orientation;
    struct sbmt_point first, last; /**< pixels at its two ends */
};

/** Begins a ground; all is free but the padding. */
void sbmt_ground_init(struct sbmt_ground *ground, const struct sbmt_pathfinder_style *style,
                      int margin, struct sbmt_draws draws);

/** Frees all but the padding; random numbers go on. */
void sbmt_ground_clear(struct sbmt_ground *ground);

/** True if at least a hundredth of the pixels is free. */
bool sbmt_ground_has_room(const struct sbmt_ground *ground);

/** Marks a snake's last paddle as taken. */
void sbmt_ground_take(struct sbmt_ground *ground, const struct sbmt_snake *snake);

/** Begins a snake where its first paddle has room and `border` pixels along the edges stay free.
 * False if there is none. */
bool sbmt_snake_begin(struct sbmt_snake *snake, struct sbmt_ground *ground, int border);

/** Begins a snake `distance` from a pixel, whatever is there. False if it would leave the ground.
 */
bool sbmt_snake_begin_near(struct sbmt_snake *snake, struct sbmt_ground *ground,
                           struct sbmt_point point, int distance);

/** Adds a paddle and marks the one before it as taken. False if there is no room for it. */
bool sbmt_snake_extend(struct sbmt_snake *snake, struct sbmt_ground *ground);

#endif
