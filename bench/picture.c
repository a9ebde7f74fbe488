/* A picture of what heads attend to. */
#include "bench/picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/graph_files.h"
#include "bench/picture_pixels.h"
#include "bench/picture_title.h"
#include "core/io/file.h"

/* Lengths in pixels of the picture. */
enum {
    MARGIN = 16,
    TITLE = 40,       /* above all panels */
    CAPTION = 18,     /* above a matrix */
    SIDE = 300,       /* of a matrix without tokens along it */
    TOKEN = 9,        /* room of a token along an axis */
    MOST_TOKENS = 72, /* that are shown along an axis */
    MOST_LETTERS = 8, /* of a token that is shown along an axis */
    LABELS = 44,      /* room of tokens beside an axis */
    SMALL = 92,       /* side of a map under a matrix */
    GAP = 12,         /* between those */
};

/* The picture being drawn. */
struct drawing {
    const struct sbmt_inspection *inspection;
    const struct sbmt_examined *examined;
    struct sbmt_arena arena; /* pixels */
    struct sbmt_str svg;
    int query;
    bool labels;  /* tokens along the axes */
    bool maps;    /* memberships and blocks */
    bool picture; /* the tokens are pixels */
    double side, panel_width, panel_height;
};

static void put_text(struct drawing *drawing, double x, double y, double size, const char *text)
{
    sbmt_svg_text(x, y, (struct sbmt_svg_text_style){.colour = SBMT_SVG_TEXT, .size = size}, text,
                  &drawing->svg);
}

static void caption(struct drawing *drawing, double x, double y, const char *text)
{
    put_text(drawing, x, y, 10, text);
}

/* Tokens stand along axes where all are few and short. */
static bool fit_labels(const struct drawing *drawing)
{
    bool fit = drawing->inspection->experiment.form->picture_width == 0;
    struct sbmt_str token = {0};
    for (int s = 0; s < drawing->examined->batch.segments && fit; s++) {
        const int rows = sbmt_examined_rows(drawing->inspection, drawing->examined, s);
        fit = rows <= MOST_TOKENS;
        for (int i = 0; i < rows && fit; i++) {
            sbmt_str_clear(&token);
            sbmt_examined_token(drawing->inspection, drawing->examined, s, i, &token);
            fit = token.length <= MOST_LETTERS;
        }
    }
    sbmt_str_finish(&token);
    return fit;
}

static void measure(struct drawing *drawing)
{
    const struct sbmt_examined *examined = drawing->examined;
    int longest = 0;
    for (int s = 0; s < examined->batch.segments; s++) {
        const int rows = sbmt_examined_rows(drawing->inspection, examined, s);
        longest = rows > longest ? rows : longest;
    }
    drawing->labels = fit_labels(drawing);
    drawing->maps = sbmt_capture_find(&examined->capture, "block", 0, 0, 0) != NULL;
    drawing->picture = drawing->inspection->experiment.form->picture_width > 0;
    drawing->side = drawing->labels && longest * TOKEN > SIDE ? longest * TOKEN : SIDE;
    const double labels = drawing->labels ? LABELS : 0;
    const double below = CAPTION + SMALL + GAP;
    drawing->panel_width = drawing->side + labels + 2 * MARGIN;
    drawing->panel_height = CAPTION + labels + drawing->side + GAP + (drawing->maps ? below : 0) +
                            (drawing->picture ? CAPTION + SIDE / 2 - GAP / 2 + GAP : 0) + MARGIN;
}

static void draw_tokens(struct drawing *drawing, int segment, struct sbmt_box box)
{
    const int rows = sbmt_examined_rows(drawing->inspection, drawing->examined, segment);
    const double step = box.width / rows;
    const struct sbmt_svg_text_style left = {SBMT_SVG_LAST, SBMT_SVG_TEXT, 8, false},
                                     above = {SBMT_SVG_START, SBMT_SVG_TEXT, 8, true};
    struct sbmt_str token = {0};
    for (int i = 0; i < rows; i++) {
        const double at = (i + 0.5) * step + 2.5;
        sbmt_str_clear(&token);
        sbmt_examined_token(drawing->inspection, drawing->examined, segment, i, &token);
        if (token.length == 0)
            continue;
        sbmt_svg_text(box.x - 3, box.y + at, left, token.text, &drawing->svg);
        sbmt_svg_text(box.x + at, box.y - 3, above, token.text, &drawing->svg);
    }
    drawing->svg.failed |= token.failed;
    sbmt_str_finish(&token);
}

static bool draw_pixels(struct drawing *drawing, struct sbmt_box box, struct sbmt_pixels pixels,
                        bool overlay, struct sbmt_error *err)
{
    if (!sbmt_arena_check(&drawing->arena, "picture", err) ||
        !sbmt_svg_pixels(box, &pixels, overlay, &drawing->svg, err))
        return false;
    sbmt_svg_frame(box, &drawing->svg);
    return true;
}

static bool draw_maps(struct drawing *drawing, const struct sbmt_head_walk *walk, double x,
                      double y, struct sbmt_error *err)
{
    static const char *const names[][2] = {
        {"membership.query", "Y"}, {"membership.key", "Z"}, {"block", "B"}};
    for (int i = 0; i < 3; i++, x += SMALL + GAP) {
        const struct sbmt_captured *matrix = sbmt_capture_find(
            &drawing->examined->capture, names[i][0], walk->segment, walk->layer, walk->head);
        if (matrix == NULL)
            continue;
        double least, most;
        char text[64];
        const struct sbmt_pixels pixels = sbmt_pixels_of_matrix(matrix, &least, &most,
                                                                &drawing->arena);
        snprintf(text, sizeof text, "%s %.2g \u2013 %.2g", names[i][1], least, most);
        caption(drawing, x, y + CAPTION - 4, text);
        if (!draw_pixels(drawing, (struct sbmt_box){x, y + CAPTION, SMALL, SMALL}, pixels, false,
                         err))
            return false;
    }
    return true;
}

/* What each pixel gets of the attention of one query, or of all (−1). */
static double *attention_to(struct drawing *drawing, const struct sbmt_pairs *pairs, int from)
{
    double *got = sbmt_arena_zalloc(&drawing->arena, (size_t)pairs->n, sizeof *got);
    for (int64_t e = 0; e < pairs->count && got != NULL; e++) {
        int query, key;
        sbmt_pairs_at(pairs, e, &query, &key);
        if (from < 0 || query == from)
            got[key] += (double)pairs->weight[e];
    }
    return got;
}

/* The picture in grey, and over it the attention that its pixels get. A class token is no pixel. */
static bool draw_attention(struct drawing *drawing, const struct sbmt_head_walk *walk,
                           const struct sbmt_pairs *pairs, int from, struct sbmt_box box,
                           struct sbmt_error *err)
{
    const struct sbmt_sequence sequence = sbmt_batch_sequence(&drawing->examined->batch, 0,
                                                              walk->segment);
    const int width = drawing->inspection->experiment.form->picture_width;
    const int height = drawing->inspection->experiment.form->max_length / width;
    double *grey = sbmt_arena_zalloc(&drawing->arena, (size_t)sequence.n, sizeof *grey);
    double *got = attention_to(drawing, pairs, from);
    if (grey == NULL || got == NULL)
        return sbmt_arena_check(&drawing->arena, "picture", err);
    double least = from < 0 ? INFINITY : 0;
    for (int i = 0; i < pairs->n && from < 0; i++)
        least = fmin(least, got[i]);
    for (int i = 0; i < pairs->n; i++)
        got[i] -= least;
    /* Pixels go by their squares, for dark ones are darker on a screen. */
    for (int i = 0; i < sequence.n; i++)
        grey[i] = (double)sequence.tokens[i] * sequence.tokens[i];
    const struct sbmt_pixels below = sbmt_pixels_of_places(sequence.n, grey, sequence.position,
                                                           width, height, &drawing->arena);
    const struct sbmt_pixels above = sbmt_pixels_of_places(
        sequence.n, got + pairs->n - sequence.n, sequence.position, width, height, &drawing->arena);
    return draw_pixels(drawing, box, below, false, err) &&
           draw_pixels(drawing, box, above, true, err);
}

static bool draw_pictures(struct drawing *drawing, const struct sbmt_head_walk *walk,
                          const struct sbmt_pairs *pairs, double x, double y,
                          struct sbmt_error *err)
{
    const double side = (SIDE - GAP) / 2.0;
    const int width = drawing->inspection->experiment.form->picture_width;
    const int query = drawing->query >= 0 ? drawing->query : (pairs->n + width) / 2;
    char text[64];
    snprintf(text, sizeof text, "attended to by query %d", query);
    caption(drawing, x, y + CAPTION - 4, text);
    caption(drawing, x + side + GAP, y + CAPTION - 4, "attention of all queries");
    return draw_attention(drawing, walk, pairs, query,
                          (struct sbmt_box){x, y + CAPTION, side, side}, err) &&
           draw_attention(drawing, walk, pairs, -1,
                          (struct sbmt_box){x + side + GAP, y + CAPTION, side, side}, err);
}

static bool draw_panel(struct drawing *drawing, const struct sbmt_head_walk *walk,
                       const struct sbmt_pairs *pairs, double x, double y, struct sbmt_error *err)
{
    const double labels = drawing->labels ? LABELS : 0;
    const double density = (double)pairs->count / ((double)pairs->n * pairs->n);
    char text[128], sequence[32] = "";
    if (drawing->examined->batch.segments > 1)
        snprintf(sequence, sizeof sequence, "sequence %d, ", walk->segment);
    snprintf(text, sizeof text, "%slayer %d, head %d: %" PRId64 " edges, %.1f %%", sequence,
             walk->layer, walk->head, pairs->count, 100 * density);
    caption(drawing, x + labels, y + CAPTION - 6, text);
    const struct sbmt_box box = {x + labels, y + CAPTION + labels, drawing->side, drawing->side};
    if (!draw_pixels(drawing, box, sbmt_pixels_of_pairs(pairs, &drawing->arena), false, err))
        return false;
    if (drawing->labels)
        draw_tokens(drawing, walk->segment, box);
    double below = box.y + box.height + GAP;
    if (drawing->maps && !draw_maps(drawing, walk, box.x, below, err))
        return false;
    below += drawing->maps ? CAPTION + SMALL + GAP : 0;
    return !drawing->picture || draw_pictures(drawing, walk, pairs, box.x, below, err);
}

/* Room of a text with margins, of letters that are 0.58 of the size wide on average at the most. */
static double room_of(const char *text, double size)
{
    int letters = 0;
    for (; *text != '\0'; text++)
        letters += ((unsigned char)*text & 0xC0) != 0x80;
    return 2 * MARGIN + 0.58 * size * letters;
}

/* Begins the picture, as wide as its panels and what stands above them, and writes that. */
static void begin(struct drawing *drawing, double width, double height)
{
    static const char below[] = "queries from top to bottom, keys from left to right; the darker, "
                                "the larger a key's share of its query's attention";
    struct sbmt_str title = {0};
    sbmt_picture_title(drawing->inspection, drawing->examined, &title);
    const char *text = title.failed ? "" : title.text;
    sbmt_svg_begin(fmax(width, fmax(room_of(text, 13), room_of(below, 9))), height, "picture",
                   "graphs of an example", true, &drawing->svg);
    sbmt_svg_overlay_filter(&drawing->svg);
    put_text(drawing, MARGIN, 20, 13, text);
    put_text(drawing, MARGIN, 34, 9, below);
    sbmt_str_finish(&title);
}

/* A grid: heads side by side; layers, and the sequences of a pair, below each other. */
static bool draw_all(struct drawing *drawing, struct sbmt_head_walk walk, struct sbmt_error *err)
{
    const int columns = walk.only_head >= 0 ? 1 : walk.heads;
    const int layers = walk.only_layer >= 0 ? 1 : walk.layers;
    const double height = TITLE + layers * walk.capture->segments * drawing->panel_height;
    struct sbmt_pairs pairs;
    begin(drawing, columns * drawing->panel_width, height);
    while (sbmt_head_next(&walk, &pairs)) {
        const int column = walk.only_head >= 0 ? 0 : walk.head;
        const int row = walk.segment * layers + (walk.only_layer >= 0 ? 0 : walk.layer);
        const struct sbmt_arena_mark mark = sbmt_arena_mark(&drawing->arena);
        if (drawing->query >= pairs.n)
            return sbmt_fail(err, SBMT_ERROR_USAGE, "--query %d: the example has queries 0 to %d",
                             drawing->query, pairs.n - 1);
        if (!draw_panel(drawing, &walk, &pairs, MARGIN + column * drawing->panel_width,
                        TITLE + row * drawing->panel_height, err))
            return false;
        sbmt_arena_release(&drawing->arena, mark);
    }
    sbmt_svg_end(&drawing->svg);
    return !drawing->svg.failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "picture: out of memory");
}

bool sbmt_picture_write(const char *path, const struct sbmt_inspection *inspection,
                        const struct sbmt_examined *examined, int layer, int head, int query,
                        struct sbmt_error *err)
{
    struct drawing drawing = {.inspection = inspection, .examined = examined, .query = query};
    const struct sbmt_head_walk walk = sbmt_examined_heads(inspection, examined, layer, head);
    struct sbmt_head_walk any = walk;
    struct sbmt_pairs pairs;
    if (!sbmt_head_next(&any, &pairs))
        return sbmt_graph_fail_none("--svg", inspection, err);
    measure(&drawing);
    const bool drawn = draw_all(&drawing, walk, err) &&
                       sbmt_file_write(path, drawing.svg.text, drawing.svg.length, err);
    sbmt_str_finish(&drawing.svg);
    sbmt_arena_finish(&drawing.arena);
    return drawn;
}
