/* Tests of Pathfinder pictures: labels are true and given away by nothing else, and pictures follow
 * from their keys alone. */
#include "tests/suite.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "data/pathfinder_draw.h"

enum { MOST = SBMT_PATHFINDER_MOST_SIDE };

static struct sbmt_rng_key key_of(int index)
{
    const struct sbmt_rng_place place = {
        .seed = 5, .purpose = SBMT_RNG_GENERATE, .sequence = (uint64_t)index};
    return sbmt_rng_derive(&place);
}

/* The far end of a paddle, and where it starts. */
static void ends_of(const struct sbmt_paddle *paddle, double end[2][2])
{
    end[0][0] = paddle->start.y;
    end[0][1] = paddle->start.x;
    end[1][0] = paddle->start.y + (double)paddle->fine.y / SBMT_PATHFINDER_ANTIALIAS;
    end[1][1] = paddle->start.x + (double)paddle->fine.x / SBMT_PATHFINDER_ANTIALIAS;
}

/* The least distance between ends of two paddles. */
static double gap(const struct sbmt_paddle *a, const struct sbmt_paddle *b)
{
    double one[2][2], other[2][2], least = INFINITY;
    ends_of(a, one);
    ends_of(b, other);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            least = fmin(least, hypot(one[i][0] - other[j][0], one[i][1] - other[j][1]));
    return least;
}

/* A long snake, as the paddles of a scene: each follows the one before after a margin of each, give
 * or take the rounding of three points. */
static void check_chain(const struct sbmt_paddle *paddle, int length, int margin)
{
    for (int i = 1; i < length; i++) {
        const double found = gap(&paddle[i - 1], &paddle[i]);
        ck_assert_double_ge(found, 2 * margin - 3.0);
        ck_assert_double_le(found, 2 * margin + 3.0);
    }
}

static bool same(struct sbmt_point a, struct sbmt_point b)
{
    return a.y == b.y && a.x == b.x;
}

static const struct {
    int side, contour_length;
} styles[] = {{32, 6}, {32, 9}, {32, 14}, {64, 14}, {128, 6}, {128, 14}, {256, 9}, {256, 14}};

enum { STYLES = sizeof styles / sizeof styles[0] };

START_TEST(labels_say_where_the_markers_are)
{
    const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(styles[_i].side,
                                                                     styles[_i].contour_length);
    for (int e = 0; e < 12; e++) {
        struct sbmt_pathfinder_scene scene;
        const int length = style.contour_length;
        int of[2] = {-1, -1};
        sbmt_pathfinder_plan(&style, key_of(e), &scene);
        ck_assert_int_eq(scene.contour_paddles, 2 * length);
        ck_assert_int_le(scene.paddles, 2 * length + style.distractors * style.distractor_length);
        ck_assert_int_eq((scene.paddles - 2 * length) % style.distractor_length, 0);
        for (int s = 0; s < 2; s++) {
            const struct sbmt_paddle *chain = scene.paddle + s * length;
            check_chain(chain, length, scene.margin);
            if (same(scene.marker[0], chain[0].start))
                of[0] = s;
            /* Later paddles are drawn from their far ends. */
            if (same(scene.marker[1], chain[length - 1].start))
                of[1] = s;
        }
        ck_assert_int_ge(of[0], 0);
        ck_assert_int_ge(of[1], 0);
        ck_assert_int_eq(scene.label, of[0] == of[1]);
    }
}
END_TEST

/* Pixels that can be reached from one pixel over lit pixels, jumping up to `jump`. */
static void flood(const uint8_t *pixels, int side, int from, int jump, bool *reached)
{
    static int queue[MOST * MOST];
    int head = 0, tail = 0;
    memset(reached, 0, (size_t)side * (size_t)side);
    queue[tail++] = from;
    reached[from] = true;
    while (head < tail) {
        const int y = queue[head] / side, x = queue[head] % side;
        head++;
        for (int v = y - jump; v <= y + jump; v++)
            for (int u = x - jump; u <= x + jump; u++) {
                if (v < 0 || v >= side || u < 0 || u >= side || reached[v * side + u] ||
                    pixels[v * side + u] < 90 ||
                    (v - y) * (v - y) + (u - x) * (u - x) > jump * jump)
                    continue;
                reached[v * side + u] = true;
                queue[tail++] = v * side + u;
            }
    }
}

/* The least distance between ends of paddles of the two long snakes. */
static double separation(const struct sbmt_pathfinder_scene *scene, int length)
{
    double least = INFINITY;
    for (int i = 0; i < length; i++)
        for (int j = length; j < 2 * length; j++)
            least = fmin(least, gap(&scene->paddle[i], &scene->paddle[j]));
    return least;
}

/* Without distractors, and where the long snakes stay apart, the label can be found by following
 * what is lit from marker to marker. */
START_TEST(following_the_path_gives_the_label)
{
    struct sbmt_pathfinder_style style = sbmt_pathfinder_style(128, 6);
    int followed[2] = {0, 0};
    style.distractors = 0;
    for (int e = 0; e < 400; e++) {
        static uint8_t pixels[128 * 128];
        static bool reached[128 * 128];
        struct sbmt_pathfinder_scene scene;
        sbmt_pathfinder_plan(&style, key_of(e), &scene);
        if (separation(&scene, 6) < 18)
            continue;
        sbmt_pathfinder_render(&style, &scene, pixels);
        const struct sbmt_point from = scene.marker[0], to = scene.marker[1];
        flood(pixels, 128, from.y * 128 + from.x, 10, reached);
        ck_assert_int_eq(reached[to.y * 128 + to.x], scene.label);
        followed[scene.label]++;
    }
    ck_assert_int_ge(followed[0], 10);
    ck_assert_int_ge(followed[1], 10);
}
END_TEST

/* Sum and sum of squares of something, by label. */
struct moments {
    double count[2], sum[2], square[2];
};

static void add(struct moments *moments, int label, double value)
{
    moments->count[label]++;
    moments->sum[label] += value;
    moments->square[label] += value * value;
}

/* The difference between the means of the two labels, in its standard errors. */
static double difference(const struct moments *moments)
{
    double mean[2], error = 0;
    for (int l = 0; l < 2; l++) {
        mean[l] = moments->sum[l] / moments->count[l];
        error += (moments->square[l] / moments->count[l] - mean[l] * mean[l]) / moments->count[l];
    }
    return (mean[1] - mean[0]) / sqrt(error);
}

START_TEST(nothing_else_gives_the_label_away)
{
    enum { COUNT = 4000 };
    const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(32, 14);
    struct moments light = {0}, black = {0}, paddles = {0};
    for (int e = 0; e < COUNT; e++) {
        uint8_t pixels[32 * 32];
        struct sbmt_pathfinder_scene scene;
        double sum = 0, zeros = 0;
        sbmt_pathfinder_plan(&style, key_of(e), &scene);
        sbmt_pathfinder_render(&style, &scene, pixels);
        for (int i = 0; i < 32 * 32; i++) {
            sum += pixels[i];
            zeros += pixels[i] == 0;
        }
        add(&light, scene.label, sum / (32 * 32));
        add(&black, scene.label, zeros / (32 * 32));
        add(&paddles, scene.label, scene.paddles);
    }
    ck_assert_double_eq_tol(light.count[1] / COUNT, 0.5, 4 * 0.5 / sqrt(COUNT));
    ck_assert_double_eq_tol(difference(&light), 0, 4);
    ck_assert_double_eq_tol(difference(&black), 0, 4);
    ck_assert_double_eq_tol(difference(&paddles), 0, 4);
    /* Of 5,200 pictures of the original generator: 20.13 and 0.6594. */
    ck_assert_double_eq_tol((light.sum[0] + light.sum[1]) / COUNT, 20.13, 0.25);
    ck_assert_double_eq_tol((black.sum[0] + black.sum[1]) / COUNT, 0.6594, 0.004);
}
END_TEST

START_TEST(pictures_are_black_to_white_with_free_edges)
{
    const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(styles[_i].side,
                                                                     styles[_i].contour_length);
    static uint8_t pixels[MOST * MOST];
    const int free = style.padding - (int)style.marker_radius - 4, side = style.side;
    for (int e = 0; e < 4; e++) {
        int low = 255, high = 0;
        sbmt_pathfinder_draw(&style, key_of(e), pixels);
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                const int pixel = pixels[y * side + x];
                low = pixel < low ? pixel : low;
                high = pixel > high ? pixel : high;
                if (y < free || y >= side - free || x < free || x >= side - free)
                    ck_assert_int_eq(pixel, 0);
            }
        ck_assert_int_eq(low, 0);
        ck_assert_int_eq(high, 255);
    }
}
END_TEST

/* Both markers are there, whole and as bright as they can be. */
START_TEST(markers_are_discs)
{
    const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(styles[_i].side,
                                                                     styles[_i].contour_length);
    static uint8_t pixels[MOST * MOST];
    /* Strokes may be brighter: white is then theirs. */
    const int least = (int)(235 / fmax(1, 0.62 * style.distractor_contrast));
    for (int e = 0; e < 6; e++) {
        struct sbmt_pathfinder_scene scene;
        sbmt_pathfinder_plan(&style, key_of(e), &scene);
        sbmt_pathfinder_render(&style, &scene, pixels);
        for (int m = 0; m < 2; m++)
            for (int dy = -5; dy <= 5; dy++)
                for (int dx = -5; dx <= 5; dx++) {
                    const int y = scene.marker[m].y + dy, x = scene.marker[m].x + dx;
                    const double distance = hypot(dy + 0.25, dx + 0.25);
                    if (y >= 0 && y < style.side && x >= 0 && x < style.side &&
                        distance < style.marker_radius - 0.9)
                        ck_assert_int_ge(pixels[y * style.side + x], least);
                }
    }
}
END_TEST

static uint64_t hash_of(int side, int contour_length, int index, int *label)
{
    static uint8_t pixels[MOST * MOST];
    const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(side, contour_length);
    uint64_t hash = 0xcbf29ce484222325U;
    *label = sbmt_pathfinder_draw(&style, key_of(index), pixels);
    for (int i = 0; i < side * side; i++)
        hash = (hash ^ pixels[i]) * 0x100000001b3U;
    return hash;
}

/* Other pixels here want another `version` of the tasks that are made of them. */
START_TEST(a_key_gives_one_picture)
{
    static const struct {
        int side, contour_length, label;
        uint64_t hash;
    } wanted[] = {
        {32, 6, 1, 0x66113636bcc43de4U},   {32, 14, 1, 0xce37032938d42579U},
        {64, 14, 1, 0x61ceee6f5c22d6a7U},  {128, 9, 1, 0x79a12a2d37af19ffU},
        {128, 14, 1, 0x658b19f69d7b6a56U}, {256, 14, 0, 0xe83ca65b953bba6bU},
    };
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            int label;
            const uint64_t hash = hash_of(wanted[i].side, wanted[i].contour_length, (int)i, &label);
            ck_assert_msg(hash == wanted[i].hash && label == wanted[i].label,
                          "%d px, length %d: %d, 0x%llx", wanted[i].side, wanted[i].contour_length,
                          label, (unsigned long long)hash);
        }
}
END_TEST

START_TEST(examples_are_pictures_row_by_row)
{
    static const int sides[] = {32, 128};
    for (int i = 0; i < 2; i++) {
        static int32_t tokens[128 * 128];
        static uint8_t pixels[128 * 128];
        const struct sbmt_pathfinder_style style = sbmt_pathfinder_style(sides[i], 14);
        int32_t label = -1;
        const int length = sides[i] == 32 ? sbmt_pathfinder_make_32(key_of(3), tokens, &label)
                                          : sbmt_pathfinder_make_128(key_of(3), tokens, &label);
        ck_assert_int_eq(length, sides[i] * sides[i]);
        ck_assert_int_eq(label, sbmt_pathfinder_draw(&style, key_of(3), pixels));
        for (int p = 0; p < length; p++)
            ck_assert_msg(tokens[p] == pixels[p], "pixel %d", p);
    }
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {
        {labels_say_where_the_markers_are, STYLES},
        {following_the_path_gives_the_label, 1},
        {nothing_else_gives_the_label_away, 1},
        {pictures_are_black_to_white_with_free_edges, STYLES},
        {markers_are_discs, STYLES},
        {a_key_gives_one_picture, 1},
        {examples_are_pictures_row_by_row, 1},
    };
    return sbmt_suite_run_loops("pathfinder", tests, (int)(sizeof tests / sizeof tests[0]));
}
