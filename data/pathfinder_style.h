/* The data sets of Pathfinder: what their pictures are made of. */
#ifndef SBMT_DATA_PATHFINDER_STYLE_H
#define SBMT_DATA_PATHFINDER_STYLE_H

/** Limits of all styles. */
enum {
    SBMT_PATHFINDER_MOST_SIDE = 256,
    SBMT_PATHFINDER_MOST_PADDLES = 64, /**< of a picture */
    SBMT_PATHFINDER_MOST_EXTENT = 10, /**< pixels that a paddle and its margin reach from its end */
    SBMT_PATHFINDER_ANTIALIAS = 2,    /**< fine pixels to a pixel, each way */
};

/** What a picture is made of; lengths are in pixels. A snake is a path of paddles: short strokes
 * with gaps between them. */
struct sbmt_pathfinder_style {
    int side;
    int padding;                        /**< pixels along the edge that no snake may enter */
    int seed_distance;                  /**< between the first ends of the two long snakes */
    int contour_length;                 /**< paddles of each of the two long snakes */
    int distractors, distractor_length; /**< short snakes, and paddles of each */
    int paddle_length;
    double paddle_thickness;
    int margin[2];     /**< around a paddle; one of the two is drawn for a picture */
    double continuity; /**< snakes turn by less than 90° divided by this from paddle to paddle */
    double marker_radius;
    double contour_contrast, distractor_contrast; /**< markers have 1 */
};

/** The style of a data set of Long Range Arena: pictures of `side` 32, 64, 128 or 256, snakes of
 * `contour_length` 6 (easy), 9 (intermediate) or 14 (hard). */
struct sbmt_pathfinder_style sbmt_pathfinder_style(int side, int contour_length);

#endif
