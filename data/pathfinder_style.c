/* The parameters of the four sizes.
 *
 * Source: Long Range Arena, lra_benchmarks/data/pathfinder.py, where each size names what it
 * changes in the defaults of drewlinsley/pathfinder, snakes2_wrapper.py (padding 22, seed distance
 * 27, paddle length 5, paddle contrast 1). Contrasts: the paddles of the two long snakes have the
 * product of snake and paddle contrast, those of the distractors the snake contrast alone. */
#include "data/pathfinder_style.h"

#include <assert.h>
#include <stddef.h>

enum { CONTOUR_TO_DISTRACTOR = 3 };

struct size {
    struct sbmt_pathfinder_style style;
    int distractor_paddles; /* in all; the snakes are as many as are whole */
};

static const struct size sizes[] = {
    {{.side = 32,
      .padding = 1,
      .seed_distance = 7,
      .paddle_length = 2,
      .paddle_thickness = 0.5,
      .margin = {1, 1},
      .continuity = 1.0,
      .marker_radius = 1.5,
      .contour_contrast = 1.5,
      .distractor_contrast = 2.0},
     .distractor_paddles = 20},
    {{.side = 64,
      .padding = 1,
      .seed_distance = 12,
      .paddle_length = 5,
      .paddle_thickness = 1.0,
      .margin = {1, 1},
      .continuity = 1.8,
      .marker_radius = 2.5,
      .contour_contrast = 0.8,
      .distractor_contrast = 0.8},
     .distractor_paddles = 22},
    {{.side = 128,
      .padding = 1,
      .seed_distance = 20,
      .paddle_length = 5,
      .paddle_thickness = 1.5,
      .margin = {2, 3},
      .continuity = 1.8,
      .marker_radius = 3.0,
      .contour_contrast = 0.9,
      .distractor_contrast = 0.9},
     .distractor_paddles = 35},
    {{.side = 256,
      .padding = 22,
      .seed_distance = 27,
      .paddle_length = 5,
      .paddle_thickness = 2.0,
      .margin = {3, 3},
      .continuity = 1.8,
      .marker_radius = 5.0,
      .contour_contrast = 1.0,
      .distractor_contrast = 1.0},
     .distractor_paddles = 30},
};

struct sbmt_pathfinder_style sbmt_pathfinder_style(int side, int contour_length)
{
    size_t i = 0;
    assert(contour_length >= CONTOUR_TO_DISTRACTOR);
    while (sizes[i].style.side != side) {
        i++;
        assert(i < sizeof sizes / sizeof sizes[0]);
    }
    struct sbmt_pathfinder_style style = sizes[i].style;
    style.contour_length = contour_length;
    style.distractor_length = contour_length / CONTOUR_TO_DISTRACTOR;
    style.distractors = sizes[i].distractor_paddles / style.distractor_length;
    return style;
}
