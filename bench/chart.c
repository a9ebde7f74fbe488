/* Charts. */
#include "bench/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/svg.h"
#include "core/base/number.h"

enum { WIDTH = 480, PLOT = 250, TOP = 34, LEFT = 72, RIGHT = 24, BELOW = 44, LEGEND_LINE = 20 };

/* A direction of the plot: values from low to high become places from `begin` to `end`. */
struct scale {
    bool logarithmic;
    double low, high, begin, end;
    double tick[SBMT_CHART_TICKS];
    int ticks;
};

static bool is_drawn(const struct sbmt_axis *axis, double value)
{
    return isfinite(value) && (!axis->logarithmic || value > 0);
}

static bool point_is_drawn(const struct sbmt_chart *chart, const struct sbmt_series *series, int i)
{
    return is_drawn(&chart->x, series->x[i]) && is_drawn(&chart->y, series->y[i]);
}

bool sbmt_chart_has_points(const struct sbmt_chart *chart)
{
    for (int s = 0; s < chart->count; s++)
        for (int i = 0; i < chart->series[s].count; i++)
            if (point_is_drawn(chart, &chart->series[s], i))
                return true;
    return false;
}

static int linear_ticks(double low, double high, double tick[SBMT_CHART_TICKS])
{
    double step = pow(10, floor(log10(high - low)));
    static const double factors[] = {0.1, 0.2, 0.5, 1, 2};
    int f = 0;
    while (f < 4 && (high - low) / (step * factors[f]) > 6)
        f++;
    step *= factors[f];
    int count = 0;
    for (double at = floor(low / step); count < SBMT_CHART_TICKS && at <= ceil(high / step - 1e-9);
         at++)
        tick[count++] = at * step;
    return count;
}

static int logarithmic_ticks(double low, double high, double tick[SBMT_CHART_TICKS])
{
    static const double factors[] = {1, 2, 5};
    const double decades = log10(high / low);
    const int stride = decades > 12 ? (int)ceil(decades / 6) : 1;
    int count = 0;
    for (int e = (int)floor(log10(low)); e <= (int)ceil(log10(high)); e += stride)
        for (int f = 0; f < (decades < 3 ? 3 : 1); f++)
            if (count < SBMT_CHART_TICKS)
                tick[count++] = factors[f] * pow(10, e);
    /* One at the most outside on either side. */
    int first = 0;
    while (first + 2 < count && tick[first + 1] <= low * (1 + 1e-9))
        first++;
    while (count > first + 2 && tick[count - 2] >= high * (1 - 1e-9))
        count--;
    memmove(tick, tick + first, (size_t)(count - first) * sizeof *tick);
    return count - first;
}

int sbmt_chart_ticks(double low, double high, bool logarithmic, double tick[SBMT_CHART_TICKS])
{
    return logarithmic ? logarithmic_ticks(low, high, tick) : linear_ticks(low, high, tick);
}

/* The least and greatest value of all points that are drawn. */
static void span_of(const struct sbmt_chart *chart, bool of_y, struct scale *scale)
{
    scale->low = (double)INFINITY;
    scale->high = -(double)INFINITY;
    for (int s = 0; s < chart->count; s++)
        for (int i = 0; i < chart->series[s].count; i++) {
            if (!point_is_drawn(chart, &chart->series[s], i))
                continue;
            const double value = of_y ? chart->series[s].y[i] : chart->series[s].x[i];
            scale->low = fmin(scale->low, value);
            scale->high = fmax(scale->high, value);
        }
}

/* Keeps the ticks within bounds, if there are two at least. */
static void keep_within(struct scale *scale, double low, double high)
{
    int first = 0, end = scale->ticks;
    while (first < end && scale->tick[first] < low)
        first++;
    while (end > first && scale->tick[end - 1] > high)
        end--;
    if (end - first < 2)
        return;
    memmove(scale->tick, scale->tick + first, (size_t)(end - first) * sizeof *scale->tick);
    scale->ticks = end - first;
    scale->low = low;
    scale->high = high;
}

/* A linear axis reaches from tick to tick, a logarithmic one a little beyond its values, so that no
 * point stands on its rim by chance. */
static struct scale scale_of(const struct sbmt_chart *chart, bool of_y, double begin, double end)
{
    const struct sbmt_axis *axis = of_y ? &chart->y : &chart->x;
    struct scale scale = {.logarithmic = axis->logarithmic, .begin = begin, .end = end};
    span_of(chart, of_y, &scale);
    const double low = scale.low, high = scale.high;
    if (low >= high) {
        const double around = low != 0 ? fabs(low) / 10 : 1;
        scale.low -= around;
        scale.high += around;
    }
    scale.ticks = sbmt_chart_ticks(scale.low, scale.high, scale.logarithmic, scale.tick);
    const double around = axis->logarithmic ? pow(scale.high / scale.low, 0.06) : 1;
    const double lowest = scale.low / around, highest = scale.high * around;
    scale.low = fmin(scale.low, scale.tick[0]);
    scale.high = fmax(scale.high, scale.tick[scale.ticks - 1]);
    if (axis->logarithmic)
        keep_within(&scale, lowest, highest);
    else if (axis->percent)
        keep_within(&scale, low >= 0 ? fmax(scale.low, 0) : scale.low,
                    high <= 100 ? fmin(scale.high, 100) : scale.high);
    return scale;
}

static double place(const struct scale *scale, double value)
{
    const double share = scale->logarithmic
                             ? log(value / scale->low) / log(scale->high / scale->low)
                             : (value - scale->low) / (scale->high - scale->low);
    return scale->begin + share * (scale->end - scale->begin);
}

/* "0.5", "20k", "1e-6": as short as can be. */
static void tick_text(double value, char text[SBMT_NUMBER_TEXT])
{
    if (fabs(value) < 1e-12)
        value = 0;
    if (fabs(value) >= 10000 && fabs(value) < 1e9) {
        const bool millions = fabs(value) >= 1e6;
        snprintf(text, SBMT_NUMBER_TEXT, "%.6g%c", value / (millions ? 1e6 : 1e3),
                 millions ? 'M' : 'k');
    } else {
        snprintf(text, SBMT_NUMBER_TEXT, "%.6g", value);
    }
}

static void draw_axes(const struct sbmt_chart *chart, const struct scale *x, const struct scale *y,
                      struct sbmt_str *out)
{
    char text[SBMT_NUMBER_TEXT];
    for (int i = 0; i < y->ticks; i++) {
        const double at = place(y, y->tick[i]);
        tick_text(y->tick[i], text);
        sbmt_svg_line(x->begin, at, x->end, at, SBMT_SVG_GRID, out);
        sbmt_svg_text(
            x->begin - 6, at + 4.5,
            (struct sbmt_svg_text_style){.anchor = SBMT_SVG_LAST, .colour = SBMT_SVG_FAINT}, text,
            out);
    }
    double free_from = 0; /* labels that would run into the one before are left out */
    for (int i = 0; i < x->ticks; i++) {
        const double at = place(x, x->tick[i]);
        tick_text(x->tick[i], text);
        sbmt_svg_line(at, y->begin, at, y->begin + 4, SBMT_SVG_FAINT, out);
        const double half = 4 * (double)strlen(text);
        if (at - half < free_from)
            continue;
        free_from = at + half + 4;
        sbmt_svg_text(
            at, y->begin + 18,
            (struct sbmt_svg_text_style){.anchor = SBMT_SVG_MIDDLE, .colour = SBMT_SVG_FAINT}, text,
            out);
    }
    sbmt_svg_line(x->begin, y->begin, x->end, y->begin, SBMT_SVG_FAINT, out);
    sbmt_svg_text((x->begin + x->end) / 2, y->begin + 37,
                  (struct sbmt_svg_text_style){.anchor = SBMT_SVG_MIDDLE, .colour = SBMT_SVG_TEXT},
                  chart->x.title, out);
    sbmt_svg_text(15, (y->begin + y->end) / 2,
                  (struct sbmt_svg_text_style){
                      .anchor = SBMT_SVG_MIDDLE, .colour = SBMT_SVG_TEXT, .upwards = true},
                  chart->y.title, out);
}

/* Lines are drawn in pieces, so that there is no limit to their points; each piece begins with the
 * last point of the one before. */
static void draw_line(const struct sbmt_chart *chart, const struct sbmt_series *series,
                      const struct scale *x, const struct scale *y, struct sbmt_str *out)
{
    enum { PIECE = 128 };
    double point[PIECE][2];
    int count = 0, all = 0;
    for (int i = 0; i < series->count; i++) {
        if (!point_is_drawn(chart, series, i))
            continue;
        point[count][0] = place(x, series->x[i]);
        point[count][1] = place(y, series->y[i]);
        all++;
        if (++count < PIECE)
            continue;
        sbmt_svg_path((const double(*)[2])point, count, series->colour, out);
        memcpy(point[0], point[PIECE - 1], sizeof point[0]);
        count = 1;
    }
    if (count > 1)
        sbmt_svg_path((const double(*)[2])point, count, series->colour, out);
    if (all == 1)
        sbmt_svg_marker(point[0][0], point[0][1], series->colour, NULL, out);
}

static void draw_series(const struct sbmt_chart *chart, const struct sbmt_series *series,
                        const struct scale *x, const struct scale *y, struct sbmt_str *out)
{
    if (series->line)
        draw_line(chart, series, x, y, out);
    for (int i = 0; i < series->count; i++)
        if (point_is_drawn(chart, series, i) && (!series->line || series->label != NULL))
            sbmt_svg_marker(place(x, series->x[i]), place(y, series->y[i]), series->colour,
                            series->label != NULL ? series->label[i] : NULL, out);
}

/* The series is the first of its colour that has something to show. */
static bool has_entry(const struct sbmt_chart *chart, int series)
{
    for (int s = 0; s <= series; s++) {
        const struct sbmt_chart alone = {
            .x = chart->x, .y = chart->y, .count = 1, .series = &chart->series[s]};
        if (chart->series[s].colour == chart->series[series].colour &&
            sbmt_chart_has_points(&alone))
            return s == series && chart->series[s].name != NULL;
    }
    return false;
}

/* Goes over the legend; draws it unless `out` is NULL. Returns its lines. */
static int legend(const struct sbmt_chart *chart, double y, struct sbmt_str *out)
{
    double x = LEFT;
    int lines = 1;
    for (int s = 0; s < chart->count; s++) {
        const struct sbmt_series *series = &chart->series[s];
        if (!has_entry(chart, s))
            continue;
        const double width = 44 + 7.2 * (double)strlen(series->name);
        if (x > LEFT && x + width > WIDTH) {
            x = LEFT;
            lines++;
        }
        const double at = y + LEGEND_LINE * (lines - 1);
        if (out != NULL) {
            if (series->line)
                sbmt_svg_line(x, at - 4, x + 22, at - 4, series->colour, out);
            if (!series->line || series->label != NULL)
                sbmt_svg_marker(x + 11, at - 4, series->colour, NULL, out);
            sbmt_svg_text(
                x + 28, at,
                (struct sbmt_svg_text_style){.anchor = SBMT_SVG_START, .colour = SBMT_SVG_TEXT},
                series->name, out);
        }
        x += width;
    }
    return lines;
}

void sbmt_chart_write(const struct sbmt_chart *chart, const char *name, bool file,
                      struct sbmt_str *out)
{
    const double foot = TOP + PLOT + BELOW + LEGEND_LINE;
    const int lines = legend(chart, 0, NULL);
    sbmt_svg_begin(WIDTH, foot + LEGEND_LINE * (lines - 1) + 10, name, chart->title, file, out);
    sbmt_svg_text(LEFT, 18,
                  (struct sbmt_svg_text_style){.anchor = SBMT_SVG_START, .colour = SBMT_SVG_TEXT},
                  chart->title, out);
    if (sbmt_chart_has_points(chart)) {
        const struct scale x = scale_of(chart, false, LEFT, WIDTH - RIGHT);
        const struct scale y = scale_of(chart, true, TOP + PLOT, TOP);
        draw_axes(chart, &x, &y, out);
        for (int s = 0; s < chart->count; s++)
            draw_series(chart, &chart->series[s], &x, &y, out);
    } else {
        sbmt_svg_text(
            WIDTH / 2.0, TOP + PLOT / 2.0,
            (struct sbmt_svg_text_style){.anchor = SBMT_SVG_MIDDLE, .colour = SBMT_SVG_FAINT},
            "no data", out);
    }
    legend(chart, foot, out);
    sbmt_svg_end(out);
}
