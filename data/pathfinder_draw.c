/* Making up Pathfinder scenes and drawing them. */
#include "data/pathfinder_draw.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "data/pathfinder_snake.h"

enum { HARD = 14 };

static void add_paddles(struct sbmt_pathfinder_scene *scene, const struct sbmt_snake *snake)
{
    assert(scene->paddles + snake->length <= SBMT_PATHFINDER_MOST_PADDLES);
    memcpy(scene->paddle + scene->paddles, snake->paddle,
           (size_t)snake->length * sizeof snake->paddle[0]);
    scene->paddles += snake->length;
}

/* Two snakes that grow in turns. The first begins near the middle; that one's last paddle is never
 * marked as taken, as in the original procedure. */
static bool grow_contours(struct sbmt_ground *ground, struct sbmt_snake snake[2])
{
    const struct sbmt_pathfinder_style *style = ground->style;
    if (!sbmt_snake_begin(&snake[0], ground, 2 * style->seed_distance) ||
        !sbmt_snake_begin_near(&snake[1], ground, snake[0].first, style->seed_distance))
        return false;
    for (int i = 1; i < style->contour_length; i++)
        for (int s = 0; s < 2; s++)
            if (!sbmt_snake_extend(&snake[s], ground))
                return false;
    sbmt_ground_take(ground, &snake[1]);
    return true;
}

static bool grow_distractor(struct sbmt_ground *ground, struct sbmt_snake *snake)
{
    if (!sbmt_ground_has_room(ground) || !sbmt_snake_begin(snake, ground, 1))
        return false;
    for (int i = 1; i < ground->style->distractor_length; i++)
        if (!sbmt_snake_extend(snake, ground))
            return false;
    sbmt_ground_take(ground, snake);
    return true;
}

/* The distractors that find room in a few tries each. */
static void add_distractors(struct sbmt_ground *ground, struct sbmt_pathfinder_scene *scene)
{
    enum { TRIES = 5 };
    const size_t size = (size_t)ground->style->side * (size_t)ground->style->side;
    uint8_t before[SBMT_GROUND_MOST_PIXELS];
    for (int i = 0; i < ground->style->distractors; i++)
        for (int j = 0; j < TRIES; j++) {
            struct sbmt_snake snake;
            memcpy(before, ground->taken, size);
            if (grow_distractor(ground, &snake)) {
                add_paddles(scene, &snake);
                break;
            }
            memcpy(ground->taken, before, size);
        }
}

void sbmt_pathfinder_plan(const struct sbmt_pathfinder_style *style, struct sbmt_rng_key key,
                          struct sbmt_pathfinder_scene *scene)
{
    struct sbmt_draws draws = {.key = key};
    struct sbmt_ground ground;
    struct sbmt_snake snake[2];
    *scene = (struct sbmt_pathfinder_scene){.label = (int)sbmt_draws_below(&draws, 2)};
    scene->margin = style->margin[sbmt_draws_below(&draws, 2)];
    const int from = (int)sbmt_draws_below(&draws, 2);
    sbmt_ground_init(&ground, style, scene->margin, draws);
    while (!grow_contours(&ground, snake))
        sbmt_ground_clear(&ground);
    for (int s = 0; s < 2; s++) {
        add_paddles(scene, &snake[s]);
        scene->end[s][0] = snake[s].first;
        scene->end[s][1] = snake[s].last;
    }
    scene->contour_paddles = scene->paddles;
    add_distractors(&ground, scene);
    scene->marker[0] = scene->end[from][0];
    scene->marker[1] = scene->end[scene->label == 1 ? from : 1 - from][1];
}

/* Puts a stamp over what is there: the brighter pixel counts. */
static void press(const struct sbmt_stamp *stamp, double contrast, int side, float *level)
{
    for (int y = 0; y < stamp->height; y++)
        for (int x = 0; x < stamp->width; x++) {
            const int row = stamp->top + y, column = stamp->left + x;
            if (row < 0 || row >= side || column < 0 || column >= side)
                continue;
            const float light = (float)(stamp->pixels[y * stamp->width + x] / 255.0 * contrast);
            float *under = &level[row * side + column];
            *under = *under < light ? light : *under;
        }
}

/* From black to white, whatever the range of levels. It is not empty: there are markers. */
static void stretch(const float *level, int count, uint8_t *pixels)
{
    double low = (double)level[0], high = (double)level[0];
    for (int i = 1; i < count; i++) {
        low = fmin(low, (double)level[i]);
        high = fmax(high, (double)level[i]);
    }
    const double scale = UINT8_MAX / (high - low);
    for (int i = 0; i < count; i++)
        pixels[i] = (uint8_t)(((double)level[i] - low) * scale + 0.5);
}

void sbmt_pathfinder_render(const struct sbmt_pathfinder_style *style,
                            const struct sbmt_pathfinder_scene *scene, uint8_t *pixels)
{
    const int side = style->side;
    float level[SBMT_GROUND_MOST_PIXELS];
    struct sbmt_brush brush;
    struct sbmt_stamp stamp;
    memset(level, 0, (size_t)side * (size_t)side * sizeof level[0]);
    sbmt_brush_init(&brush, style, scene->margin);
    for (int i = 0; i < scene->paddles; i++) {
        sbmt_stamp_stroke(&brush, &scene->paddle[i], &stamp);
        press(&stamp,
              i < scene->contour_paddles ? style->contour_contrast : style->distractor_contrast,
              side, level);
    }
    for (int i = 0; i < 2; i++) {
        sbmt_stamp_disc(scene->marker[i], style->marker_radius, side, &stamp);
        press(&stamp, 1.0, side, level);
    }
    stretch(level, side * side, pixels);
}

int sbmt_pathfinder_draw(const struct sbmt_pathfinder_style *style, struct sbmt_rng_key key,
                         uint8_t *pixels)
{
    struct sbmt_pathfinder_scene scene;
    sbmt_pathfinder_plan(style, key, &scene);
    sbmt_pathfinder_render(style, &scene, pixels);
    return scene.label;
}

/* `pixels` is room for one picture. */
static int make(int side, struct sbmt_rng_key key, uint8_t *pixels, int32_t *tokens, int32_t *label)
{
    const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(side, HARD);
    *label = sbmt_pathfinder_draw(&style, key, pixels);
    for (int i = 0; i < side * side; i++)
        tokens[i] = pixels[i];
    return side * side;
}

#define MAKE(side)                                                                                 \
    int sbmt_pathfinder_make_##side(struct sbmt_rng_key key, int32_t *tokens, int32_t *label)      \
    {                                                                                              \
        uint8_t pixels[(side) * (side)];                                                           \
        return make(side, key, pixels, tokens, label);                                             \
    }

MAKE(32)
MAKE(64)
MAKE(128)
MAKE(256)
