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

static bool contains(const struct sbmt_pathfinder_field *field, struct sbmt_point point)
{
    const int side = field->style->side;
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

static bool is_known(const struct sbmt_pathfinder_field *field, struct sbmt_point offset)
{
    for (int i = 0; i < field->directions; i++)
        if (field->direction[i].offset.y == offset.y && field->direction[i].offset.x == offset.x)
            return true;
    return false;
}

/* The pixels of a circle, met in steps of one pixel's length. */
static void find_directions(struct sbmt_pathfinder_field *field)
{
    const int radius = field->brush.length + field->brush.margin;
    field->directions = 0;
    for (int k = 0; k < 2 * pi * radius; k++) {
        const struct sbmt_point offset = {(int)floor(radius * sin((double)k / radius)),
                                          (int)floor(radius * cos((double)k / radius))};
        if (is_known(field, offset))
            continue;
        assert(field->directions < SBMT_FIELD_MOST_DIRECTIONS);
        field->direction[field->directions++] = (struct sbmt_direction){offset,
                                                                        atan2(offset.y, offset.x)};
    }
}

void sbmt_field_init(struct sbmt_pathfinder_field *field, const struct sbmt_pathfinder_style *style,
                     int margin, struct sbmt_draws draws)
{
    field->style = style;
    field->draws = draws;
    sbmt_brush_init(&field->brush, style, margin);
    find_directions(field);
    field->shapes = 0;
    memset(field->shape, 0, sizeof field->shape);
    sbmt_field_clear(field);
}

void sbmt_field_clear(struct sbmt_pathfinder_field *field)
{
    const int side = field->style->side;
    memset(field->taken, 0, (size_t)side * (size_t)side);
    fill_border(field->taken, side, field->style->padding);
}

/* The mask of a paddle, as if it started at 0, 0. */
static const struct sbmt_stamp *mask_of(struct sbmt_pathfinder_field *field,
                                        const struct sbmt_paddle *paddle)
{
    uint8_t *shape =
        &field->shape[SBMT_FIELD_FINE + paddle->fine.y][SBMT_FIELD_FINE + paddle->fine.x];
    if (*shape == 0) {
        assert(field->shapes < SBMT_FIELD_MOST_SHAPES);
        const struct sbmt_paddle at_zero = {.fine = paddle->fine};
        sbmt_stamp_mask(&field->brush, &at_zero, &field->mask[field->shapes++]);
        *shape = (uint8_t)field->shapes;
    }
    return &field->mask[*shape - 1];
}

bool sbmt_field_has_room(const struct sbmt_pathfinder_field *field)
{
    enum { SHARE = 100 };
    const int pixels = field->style->side * field->style->side;
    int room = 0;
    for (int i = 0; i < pixels; i++)
        room += field->taken[i] < OCCUPIED;
    return room * SHARE >= pixels;
}

/* The part of a mask that lies in the field, for a paddle that starts at `start`: rows and columns
 * of the mask from `first` to before `end`. */
struct part {
    struct sbmt_point first, end;
    int corner; /* index of the mask's first pixel in the field, even where that is outside */
};

static struct part part_inside(const struct sbmt_pathfinder_field *field,
                               const struct sbmt_stamp *mask, struct sbmt_point start)
{
    const int top = start.y + mask->top, left = start.x + mask->left, side = field->style->side;
    return (struct part){
        .first = {top < 0 ? -top : 0, left < 0 ? -left : 0},
        .end = {top + mask->height > side ? side - top : mask->height,
                left + mask->width > side ? side - left : mask->width},
        .corner = top * side + left,
    };
}

void sbmt_field_take(struct sbmt_pathfinder_field *field, const struct sbmt_snake *snake)
{
    const struct sbmt_paddle *last = &snake->paddle[snake->length - 1];
    const struct sbmt_stamp *mask = mask_of(field, last);
    const struct part part = part_inside(field, mask, last->start);
    for (int y = part.first.y; y < part.end.y; y++)
        for (int x = part.first.x; x < part.end.x; x++) {
            const uint8_t pixel = mask->pixels[y * mask->width + x];
            uint8_t *taken = &field->taken[part.corner + y * field->style->side + x];
            *taken = *taken < pixel ? pixel : *taken;
        }
}

static bool collides(struct sbmt_pathfinder_field *field, const struct sbmt_paddle *paddle)
{
    const struct sbmt_stamp *mask = mask_of(field, paddle);
    const struct part part = part_inside(field, mask, paddle->start);
    for (int y = part.first.y; y < part.end.y; y++) {
        const uint8_t *taken = &field->taken[part.corner + y * field->style->side];
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
 * lie in the field. */
static bool place_first(struct sbmt_snake *snake, const struct sbmt_pathfinder_field *field,
                        struct sbmt_point tail, double orientation)
{
    const struct sbmt_brush *brush = &field->brush;
    const double reversed = orientation < 0 ? orientation + pi : orientation - pi;
    const struct sbmt_point head = sbmt_point_translate(tail, orientation, brush->length);
    const struct sbmt_point pivot = sbmt_point_translate(head, reversed,
                                                         brush->length + brush->margin);
    if (!contains(field, head) || !contains(field, pivot))
        return false;
    snake->paddle[0] = sbmt_paddle_make(brush, tail, orientation);
    snake->length = 1;
    snake->pivot = pivot;
    snake->orientation = orientation;
    snake->first = tail;
    snake->last = head;
    return true;
}

/* Pixels in which a paddle may begin, in a square in the middle of the field. */
struct places {
    int first, end;                          /* rows and columns of the square */
    uint8_t blocked[SBMT_FIELD_MOST_PIXELS]; /* (side, side), of the whole field */
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
static void find_footprint(struct sbmt_pathfinder_field *field, double orientation,
                           struct footprint *footprint)
{
    const int reach = field->brush.length + field->brush.margin;
    const struct sbmt_paddle paddle = sbmt_paddle_make(&field->brush, (struct sbmt_point){0, 0},
                                                       orientation);
    const struct sbmt_stamp *mask = mask_of(field, &paddle);
    footprint->count = 0;
    for (int y = 0; y < mask->height; y++)
        for (int x = 0; x < mask->width; x++) {
            const struct sbmt_point offset = {mask->top + y + 1, mask->left + x + 1};
            if (mask->pixels[y * mask->width + x] == UINT8_MAX && abs(offset.y) <= reach &&
                abs(offset.x) <= reach)
                footprint->offset[footprint->count++] = offset;
        }
}

/* True if at every corner of the field, and so everywhere, part of the footprint lies inside. Where
 * it does not, the original procedure takes the whole field for occupied. This is why distractors
 * with the thin paddles of 32 pixels begin in few orientations. */
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

static void find_places(const struct sbmt_pathfinder_field *field,
                        const struct footprint *footprint, int border, struct places *places)
{
    const int side = field->style->side, reach = field->brush.length + field->brush.margin;
    uint8_t occupied[SBMT_FIELD_MOST_PIXELS];
    for (int i = 0; i < side * side; i++)
        occupied[i] = field->taken[i] >= OCCUPIED ? UINT8_MAX : 0;
    fill_border(occupied, side, border);
    /* From farther outside all of the footprint would lie in the border. */
    places->first = border > reach ? border - reach : 0;
    places->end = side - places->first;
    memset(places->blocked, 0, (size_t)side * (size_t)side);
    for (int i = 0; i < footprint->count; i++)
        block(occupied, side, footprint->offset[i], places);
}

/* A place that is not blocked; false if there is none. */
static bool draw_place(struct sbmt_pathfinder_field *field, const struct places *places,
                       struct sbmt_point *place)
{
    const int side = field->style->side;
    int count = 0;
    for (int y = places->first; y < places->end; y++)
        for (int x = places->first; x < places->end; x++)
            count += places->blocked[y * side + x] == 0;
    if (count == 0)
        return false;
    int skip = (int)sbmt_draws_below(&field->draws, (uint32_t)count);
    for (int y = places->first; y < places->end; y++)
        for (int x = places->first; x < places->end; x++)
            if (places->blocked[y * side + x] == 0 && skip-- == 0)
                *place = (struct sbmt_point){y, x};
    return true;
}

bool sbmt_snake_begin(struct sbmt_snake *snake, struct sbmt_pathfinder_field *field, int border)
{
    for (int i = 0; i < TRIES; i++) {
        const double orientation = draw_orientation(&field->draws);
        struct footprint footprint;
        struct places places;
        struct sbmt_point tail = {0, 0};
        find_footprint(field, orientation, &footprint);
        if (!is_around_start(&footprint))
            return false;
        find_places(field, &footprint, border, &places);
        if (!draw_place(field, &places, &tail))
            return false;
        if (place_first(snake, field, tail, orientation))
            return true;
    }
    return false;
}

bool sbmt_snake_begin_near(struct sbmt_snake *snake, struct sbmt_pathfinder_field *field,
                           struct sbmt_point point, int distance)
{
    for (int i = 0; i < TRIES; i++) {
        const double orientation = draw_orientation(&field->draws);
        const double direction = (int)sbmt_draws_below(&field->draws, 360) * pi / 180;
        const struct sbmt_point tail = {(int)rint(point.y + distance * sin(direction)),
                                        (int)rint(point.x + distance * cos(direction))};
        if (place_first(snake, field, tail, orientation))
            return true;
    }
    return false;
}

/* How much a pixel and those within the margin around it are free, 0 … 1. */
static double freedom(const struct sbmt_pathfinder_field *field, struct sbmt_point point)
{
    const int margin = field->brush.margin;
    int most = 0;
    for (int dy = -margin; dy <= margin; dy++)
        for (int dx = -margin; dx <= margin; dx++) {
            const struct sbmt_point near = {point.y + dy, point.x + dx};
            if (dy * dy + dx * dx > margin * margin || !contains(field, near))
                continue;
            const int taken = field->taken[near.y * field->style->side + near.x];
            most = taken > most ? taken : most;
        }
    return 1 - most / 255.0;
}

/* The weight of each direction: cos² of the turn times continuity, times how much its end is free.
 */
static double weigh_directions(const struct sbmt_snake *snake,
                               const struct sbmt_pathfinder_field *field, struct sbmt_point pivot,
                               double *weight)
{
    double sum = 0;
    for (int i = 0; i < field->directions; i++) {
        const struct sbmt_direction *direction = &field->direction[i];
        const struct sbmt_point head = {pivot.y + direction->offset.y,
                                        pivot.x + direction->offset.x};
        const double difference = fabs(direction->orientation - snake->orientation);
        const double turn = fmin(difference, 2 * pi - difference) * field->style->continuity;
        weight[i] = 0;
        if (turn >= pi / 2 || !contains(field, head))
            continue;
        weight[i] = cos(turn) * cos(turn) * freedom(field, head);
        sum += weight[i];
    }
    return sum;
}

static int draw_direction(struct sbmt_pathfinder_field *field, const double *weight, double sum)
{
    double left = draw_unit(&field->draws) * sum;
    int last = 0; /* of those that are possible: where rounding leads beyond all */
    for (int i = 0; i < field->directions; i++) {
        if (weight[i] == 0)
            continue;
        last = i;
        left -= weight[i];
        if (left < 0)
            break;
    }
    return last;
}

bool sbmt_snake_extend(struct sbmt_snake *snake, struct sbmt_pathfinder_field *field)
{
    const struct sbmt_brush *brush = &field->brush;
    const struct sbmt_point pivot = sbmt_point_translate(snake->pivot, snake->orientation,
                                                         brush->length + 2 * brush->margin);
    double weight[SBMT_FIELD_MOST_DIRECTIONS];
    const double sum = weigh_directions(snake, field, pivot, weight);
    if (sum < 1e-4)
        return false;
    for (int i = 0; i < TRIES; i++) {
        const struct sbmt_direction *drawn = &field->direction[draw_direction(field, weight, sum)];
        const struct sbmt_point head = {pivot.y + drawn->offset.y, pivot.x + drawn->offset.x};
        /* From its far end back towards the pivot: the margin before the pivot is the gap. */
        const double back = drawn->orientation < 0 ? drawn->orientation + pi
                                                   : drawn->orientation - pi;
        const struct sbmt_paddle paddle = sbmt_paddle_make(brush, head, back);
        if (collides(field, &paddle))
            continue;
        sbmt_field_take(field, snake);
        snake->paddle[snake->length++] = paddle;
        snake->pivot = pivot;
        snake->orientation = drawn->orientation;
        snake->last = head;
        return true;
    }
    return false;
}
