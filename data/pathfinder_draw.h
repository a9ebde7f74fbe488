/* Pathfinder pictures: two long snakes and many short ones, with a marker at one end of a long
 * snake and another at the far end of the same one or of the other. (Linsley et al. 2018, arXiv
 * 1805.08315; as a sequence: Long Range Arena, Tay et al. 2021, arXiv 2011.04006.) */
#ifndef SBMT_DATA_PATHFINDER_DRAW_H
#define SBMT_DATA_PATHFINDER_DRAW_H

#include "core/base/rng.h"
#include "data/pathfinder_stamp.h"

/** What a picture shows, before anything is drawn. */
struct sbmt_pathfinder_scene {
    struct sbmt_paddle paddle[SBMT_PATHFINDER_MOST_PADDLES];
    int paddles, contour_paddles; /**< all, and how many of them, at the start, are long snakes' */
    int margin;
    struct sbmt_point end[2][2]; /**< of each long snake: its first pixel and its last */
    struct sbmt_point marker[2]; /**< near the middle, and at the far end of a snake */
    int label;                   /**< 1: both markers are at ends of the same snake; 0: not */
};

/** Makes up a scene: a pure function of the key. Label and snakes are independent. Long snakes are
 * whole or begun anew, which takes some dozens of tries where they turn little; distractors for
 * which there is no room in a few tries are left out. Needs 400 KB of stack. */
void sbmt_pathfinder_plan(const struct sbmt_pathfinder_style *style, struct sbmt_rng_key key,
                          struct sbmt_pathfinder_scene *scene);

/** Draws a scene into pixels (side, side), stretched from black to white. Needs 300 KB of
 * stack. */
void sbmt_pathfinder_render(const struct sbmt_pathfinder_style *style,
                            const struct sbmt_pathfinder_scene *scene, uint8_t *pixels);

/** The two together; returns the label. */
int sbmt_pathfinder_draw(const struct sbmt_pathfinder_style *style, struct sbmt_rng_key key,
                         uint8_t *pixels);

/** Examples for struct sbmt_generator.make: the pixels of a hard picture row by row, and its label.
 * Return 1024, 4096, 16384 and 65536. */
int sbmt_pathfinder_make_32(struct sbmt_rng_key key, int32_t *tokens, int32_t *label);
int sbmt_pathfinder_make_64(struct sbmt_rng_key key, int32_t *tokens, int32_t *label);
int sbmt_pathfinder_make_128(struct sbmt_rng_key key, int32_t *tokens, int32_t *label);
int sbmt_pathfinder_make_256(struct sbmt_rng_key key, int32_t *tokens, int32_t *label);

#endif
