/* Growing snakes. */
#include "data/pathfinder_snake.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

enum {
    TRIES = 3,      /* for one paddle */
    OCCUPIED = 77,  /* of 255: a pixel where no paddle may begin */
    COLLISION = 459 /* sum of two masks at a pixel, 1.8 of 255, that is too much */
};

uint32_t sbmt_draws_below(struct sbmt_draws *draws, uint32_t bound)
{
    return sbmt_rng_below(draws->key, draws->count++, 0, bound);
}

static double draw_unit(struct sbmt_draws *draws)
{
    return (double)sbmt_rng_unit(sbmt_rng_bits(draws->key, draws->count++, 0));
}

static bool contains(const struct sbmt_ground *ground, struct sbmt_point point)
{
    const int side = ground->style->side;
    return point.y >= 0 && point.y < side && point.x >= 0 && point.x < side;
}

/* Sets a border of pixels along all edges. */
static void fill_border(uint8_t *pixels, int side, int width)
{
    for (int y = 0; y < side; y++) {
        uint8_t *row = pixels + y * side;
        const bool whole = y < width || y >= side - width;
        memset(row, UINT8_MAX, (size_t)(whole ? side : width));
        memset(row + side - width, UINT8_MAX, (size_t)width);
    }
}

static bool is_known(const struct sbmt_ground *ground, struct sbmt_point offset)
{
    for (int i = 0; i < ground->directions; i++)
        if (ground->direction[i].offset.y == offset.y && ground->direction[i].offset.x == offset.x)
            return true;
    return false;
}

/* The pixels of a circle, met in steps of one pixel's length. */
static void find_directions(struct sbmt_ground *ground)
{
    const int radius = ground->brush.length + ground->brush.margin;
    ground->directions = 0;
    for (int k = 0; k < 2 * pi * radius; k++) {
        const struct sbmt_point offset = {(int)floor(radius * sin((double)k / radius)),
                                          (int)floor(radius * cos((double)k / radius))};
        if (is_known(ground, offset))
            continue;
        assert(ground->directions < SBMT_GROUND_MOST_DIRECTIONS);
        ground->direction[ground->directions++] = (struct sbmt_direction){
            offset, atan2(offset.y, offset.x)};
    }
}

void sbmt_ground_init(struct sbmt_ground *ground, const struct sbmt_pathfinder_style *style,
                      int margin, struct sbmt_draws draws)
{
    ground->style = style;
    ground->draws = draws;
    sbmt_brush_init(&ground->brush, style, margin);
    find_directions(ground);
    ground->shapes = 0;
    memset(ground->shape, 0, sizeof ground->shape);
    sbmt_ground_clear(ground);
}

void sbmt_ground_clear(struct sbmt_ground *ground)
{
    const int side = ground->style->side;
    memset(ground->taken, 0, (size_t)side * (size_t)side);
    fill_border(ground->taken, side, ground->style->padding);
}

/* The mask of a paddle, as if it started at 0, 0. */
static const struct sbmt_stamp *mask_of(struct sbmt_ground *ground,
                                        const struct sbmt_paddle *paddle)
{
    uint8_t *shape =
        &ground->shape[SBMT_GROUND_FINE + paddle->fine.y][SBMT_GROUND_FINE + paddle->fine.x];
    if (*shape == 0) {
        assert(ground->shapes < SBMT_GROUND_MOST_SHAPES);
        const struct sbmt_paddle at_zero = {.fine = paddle->fine};
        sbmt_stamp_mask(&ground->brush, &at_zero, &ground->mask[ground->shapes++]);
        *shape = (uint8_t)ground->shapes;
    }
    return &ground->mask[*shape - 1];
}

bool sbmt_ground_has_room(const struct sbmt_ground *ground)
{
    enum { SHARE = 100 };
    const int pixels = ground->style->side * ground->style->side;
    int room = 0;
    for (int i = 0; i < pixels; i++)
        room += ground->taken[i] < OCCUPIED;
    return room * SHARE >= pixels;
}

/* The part of a mask that lies in the ground, for a paddle that starts at `start`: rows and columns
 * of the mask from `first` to before `end`. */
struct part {
    struct sbmt_point first, end;
    int corner; /* index of the mask's first pixel in the ground, even where that is outside */
};

static struct part part_inside(const struct sbmt_ground *ground, const struct sbmt_stamp *mask,
                               struct sbmt_point start)
{
    const int top = start.y + mask->top, left = start.x + mask->left, side = ground->style->side;
    return (struct part){
        .first = {top < 0 ? -top : 0, left < 0 ? -left : 0},
        .end = {top + mask->height > side ? side - top : mask->height,
                left + mask->width > side ? side - left : mask->width},
        .corner = top * side + left,
    };
}

void sbmt_ground_take(struct sbmt_ground *ground, const struct sbmt_snake *snake)
{
    const struct sbmt_paddle *last = &snake->paddle[snake->length - 1];
    const struct sbmt_stamp *mask = mask_of(ground, last);
    const struct part part = part_inside(ground, mask, last->start);
    for (int y = part.first.y; y < part.end.y; y++)
        for (int x = part.first.x; x < part.end.x; x++) {
            const uint8_t pixel = mask->pixels[y * mask->width + x];
            uint8_t *taken = &ground->taken[part.corner + y * ground->style->side + x];
            *taken = *taken < pixel ? pixel : *taken;
        }
}

static bool collides(struct sbmt_ground *ground, const struct sbmt_paddle *paddle)
{
    const struct sbmt_stamp *mask = mask_of(ground, paddle);
    const struct part part = part_inside(ground, mask, paddle->start);
    for (int y = part.first.y; y < part.end.y; y++) {
        const uint8_t *taken = &ground->taken[part.corner + y * ground->style->side];
        int most = 0;
        for (int x = part.first.x; x < part.end.x; x++) {
            const int sum = taken[x] + mask->pixels[y * mask->width + x];
            most = sum > most ? sum : most;
        }
        if (most >= COLLISION)
            return true;
    }
    return false;
}

/* Orientations of first paddles are whole degrees. */
static double draw_orientation(struct sbmt_draws *draws)
{
    return ((int)sbmt_draws_below(draws, 360) - 180) * pi / 180;
}

/* Makes the first paddle at `tail`, if both its head and the point that the next one turns around
 * lie in the ground. */
static bool place_first(struct sbmt_snake *snake, const struct sbmt_ground *ground,
                        struct sbmt_point tail, double orientation)
{
    const struct sbmt_brush *brush = &ground->brush;
    const double reversed = orientation < 0 ? orientation + pi : orientation - pi;
    const struct sbmt_point head = sbmt_point_translate(tail, orientation, brush->length);
    const struct sbmt_point pivot = sbmt_point_translate(head, reversed,
                                                         brush->length + brush->margin);
    if (!contains(ground, head) || !contains(ground, pivot))
        return false;
    snake->paddle[0] = sbmt_paddle_make(brush, tail, orientation);
    snake->length = 1;
    snake->pivot = pivot;
    snake->orientation = orientation;
    snake->first = tail;
    snake->last = head;
    return true;
}

/* Pixels in which a paddle may begin, in a square in the middle of the ground. */
struct places {
    int first, end;                           /* rows and columns of the square */
    uint8_t blocked[SBMT_GROUND_MOST_PIXELS]; /* (side, side), of the whole ground */
};

/* Blocks each pixel from which `offset` leads to an occupied one. */
static void block(const uint8_t *occupied, int side, struct sbmt_point offset,
                  struct places *places)
{
    const int top = places->first > -offset.y ? places->first : -offset.y;
    const int bottom = places->end < side - offset.y ? places->end : side - offset.y;
    const int left = places->first > -offset.x ? places->first : -offset.x;
    const int right = places->end < side - offset.x ? places->end : side - offset.x;
    for (int y = top; y < bottom; y++) {
        const uint8_t *from = occupied + (y + offset.y) * side + offset.x;
        uint8_t *to = places->blocked + y * side;
        for (int x = left; x < right; x++)
            to[x] |= from[x];
    }
}

/* The pixels around the start of a paddle that must be free for it to begin there. */
struct footprint {
    int count;
    struct sbmt_point offset[SBMT_STAMP_MOST_SIDE * SBMT_STAMP_MOST_SIDE];
};

/* Pixels that the mask takes whole, shifted by one down and right, as far as the paddle reaches
 * with its margin: the shift and the limit are those of the original procedure. */
static void find_footprint(struct sbmt_ground *ground, double orientation,
                           struct footprint *footprint)
{
    const int reach = ground->brush.length + ground->brush.margin;
    const struct sbmt_paddle paddle = sbmt_paddle_make(&ground->brush, (struct sbmt_point){0, 0},
                                                       orientation);
    const struct sbmt_stamp *mask = mask_of(ground, &paddle);
    footprint->count = 0;
    for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++) {
            const struct sbmt_point offset = {mask->top + y + 1, mask->left + x + 1};
            if (mask->pixels[y * mask->width + x] == UINT8_MAX && abs(offset.y) <= reach &&
                abs(offset.x) <= reach)
                footprint->offset[footprint->count++] = offset;
        }
}

/* True if at every corner of the ground, and so everywhere, part of the footprint lies inside.
 * Where it does not, the original procedure takes the whole ground for occupied. This is why
 * distractors with the thin paddles of 32 pixels begin in few orientations. */
static bool is_around_start(const struct footprint *footprint)
{
    for (int corner = 0; corner < 4; corner++) {
        const int down = corner / 2 == 0 ? 1 : -1, right = corner % 2 == 0 ? 1 : -1;
        bool inside = false;
        for (int i = 0; i < footprint->count; i++)
            inside = inside ||
                     (footprint->offset[i].y * down >= 0 && footprint->offset[i].x * right >= 0);
        if (!inside)
            return false;
    }
    return true;
}

static void find_places(const struct sbmt_ground *ground, const struct footprint *footprint,
                        int border, struct places *places)
{
    const int side = ground->style->side, reach = ground->brush.length + ground->brush.margin;
    uint8_t occupied[SBMT_GROUND_MOST_PIXELS];
    for (int i = 0; i < side * side; i++)
        occupied[i] = ground->taken[i] >= OCCUPIED ? UINT8_MAX : 0;
    fill_border(occupied, side, border);
    /* From farther outside all of the footprint would lie in the border. */
    places->first = border > reach ? border - reach : 0;
    places->end = side - places->first;
    memset(places->blocked, 0, (size_t)side * (size_t)side);
    for (int i = 0; i < footprint->count; i++)
        block(occupied, side, footprint->offset[i], places);
}

/* A place that is not blocked; false if there is none. */
static bool draw_place(struct sbmt_ground *ground, const struct places *places,
                       struct sbmt_point *place)
{
    const int side = ground->style->side;
    int count = 0;
    for (int y = places->first; y < places->end; y++)
        for (int x = places->first; x < places->end; x++)
            count += places->blocked[y * side + x] == 0;
    if (count == 0)
        return false;
    int skip = (int)sbmt_draws_below(&ground->draws, (uint32_t)count);
    for (int y = places->first; y < places->end; y++)
        for (int x = places->first; x < places->end; x++)
            if (places->blocked[y * side + x] == 0 && skip-- == 0)
                *place = (struct sbmt_point){y, x};
    return true;
}

bool sbmt_snake_begin(struct sbmt_snake *snake, struct sbmt_ground *ground, int border)
{
    for (int i = 0; i < TRIES; i++) {
        const double orientation = draw_orientation(&ground->draws);
        struct footprint footprint;
        struct places places;
        struct sbmt_point tail = {0, 0};
        find_footprint(ground, orientation, &footprint);
        if (!is_around_start(&footprint))
            return false;
        find_places(ground, &footprint, border, &places);
        if (!draw_place(ground, &places, &tail))
            return false;
        if (place_first(snake, ground, tail, orientation))
            return true;
    }
    return false;
}

bool sbmt_snake_begin_near(struct sbmt_snake *snake, struct sbmt_ground *ground,
                           struct sbmt_point point, int distance)
{
    for (int i = 0; i < TRIES; i++) {
        const double orientation = draw_orientation(&ground->draws);
        const double direction = (int)sbmt_draws_below(&ground->draws, 360) * pi / 180;
        const struct sbmt_point tail = {(int)rint(point.y + distance * sin(direction)),
                                        (int)rint(point.x + distance * cos(direction))};
        if (place_first(snake, ground, tail, orientation))
            return true;
    }
    return false;
}

/* How much a pixel and those within the margin around it are free, 0 … 1. */
static double freedom(const struct sbmt_ground *ground, struct sbmt_point point)
{
    const int margin = ground->brush.margin;
    int most = 0;
    for (int dy = -margin; dy <= margin; dy++)
        for (int dx = -margin; dx <= margin; dx++) {
            const struct sbmt_point near = {point.y + dy, point.x + dx};
            if (dy * dy + dx * dx > margin * margin || !contains(ground, near))
                continue;
            const int taken = ground->taken[near.y * ground->style->side + near.x];
            most = taken > most ? taken : most;
        }
    return 1 - most / 255.0;
}

/* The weight of each direction: cos² of the turn times continuity, times how much its end is free.
 */
static double weigh_directions(const struct sbmt_snake *snake, const struct sbmt_ground *ground,
                               struct sbmt_point pivot, double *weight)
{
    double sum = 0;
    for (int i = 0; i < ground->directions; i++) {
        const struct sbmt_direction *direction = &ground->direction[i];
        const struct sbmt_point head = {pivot.y + direction->offset.y,
                                        pivot.x + direction->offset.x};
        const double difference = fabs(direction->orientation - snake->orientation);
        const double turn = fmin(difference, 2 * pi - difference) * ground->style->continuity;
        weight[i] = 0;
        if (turn >= pi / 2 || !contains(ground, head))
            continue;
        weight[i] = cos(turn) * cos(turn) * freedom(ground, head);
        sum += weight[i];
    }
    return sum;
}

static int draw_direction(struct sbmt_ground *ground, const double *weight, double sum)
{
    double left = draw_unit(&ground->draws) * sum;
    int last = 0; /* of those that are possible: where rounding leads beyond all */
    for (int i = 0; i < ground->directions; i++) {
        if (weight[i] == 0)
            continue;
        last = i;
        left -= weight[i];
        if (left < 0)
            break;
    }
    return last;
}

bool sbmt_snake_extend(struct sbmt_snake *snake, struct sbmt_ground *ground)
{
    const struct sbmt_brush *brush = &ground->brush;
    const struct sbmt_point pivot = sbmt_point_translate(snake->pivot, snake->orientation,
                                                         brush->length + 2 * brush->margin);
    double weight[SBMT_GROUND_MOST_DIRECTIONS];
    const double sum = weigh_directions(snake, ground, pivot, weight);
    if (sum < 1e-4)
        return false;
    for (int i = 0; i < TRIES; i++) {
        const struct sbmt_direction *drawn =
            &ground->direction[draw_direction(ground, weight, sum)];
        const struct sbmt_point head = {pivot.y + drawn->offset.y, pivot.x + drawn->offset.x};
        /* From its far end back towards the pivot: the margin before the pivot is the gap. */
        const double back = drawn->orientation < 0 ? drawn->orientation + pi
                                                   : drawn->orientation - pi;
        const struct sbmt_paddle paddle = sbmt_paddle_make(brush, head, back);
        if (collides(ground, &paddle))
            continue;
        sbmt_ground_take(ground, snake);
        snake->paddle[snake->length++] = paddle;
        snake->pivot = pivot;
        snake->orientation = drawn->orientation;
        snake->last = head;
        return true;
    }
    return false;
}
