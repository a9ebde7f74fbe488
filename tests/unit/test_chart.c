/* Charts: where ticks are, what is drawn, what is left out. */
#include "tests/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/chart.h"

static void compare_ticks(double low, double high, bool logarithmic, const double *expected,
                          int count)
{
    double tick[SBMT_CHART_TICKS];
    ck_assert_int_eq(sbmt_chart_ticks(low, high, logarithmic, tick), count);
    for (int i = 0; i < count; i++)
        ck_assert_double_eq_tol(tick[i], expected[i], 1e-9 * fabs(expected[i]) + 1e-12);
}

START_TEST(ticks_are_round)
{
    compare_ticks(0, 100, false, (const double[]){0, 20, 40, 60, 80, 100}, 6);
    compare_ticks(36, 41.2, false, (const double[]){36, 37, 38, 39, 40, 41, 42}, 7);
    compare_ticks(-0.3, 0.3, false, (const double[]){-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3}, 7);
    compare_ticks(1, 1000, true, (const double[]){1, 10, 100, 1000}, 4);
    compare_ticks(300, 3000, true, (const double[]){200, 500, 1000, 2000, 5000}, 5);
}
END_TEST

/* However far apart, and however near each other, the ends are. */
START_TEST(ticks_enclose_any_range)
{
    double tick[SBMT_CHART_TICKS];
    for (int e = -30; e <= 30; e++)
        for (int f = 1; f < 100; f++) {
            const double low = pow(10, e), high = low * (1 + 0.37 * f * f);
            for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
                const int count = sbmt_chart_ticks(low, high, logarithmic, tick);
                ck_assert_int_ge(count, 2);
                ck_assert_int_le(count, 12);
                ck_assert_double_le(tick[0], low * (1 + 1e-9));
                ck_assert_double_ge(tick[count - 1], high * (1 - 1e-9));
            }
        }
}
END_TEST

static int occurrences(const char *text, const char *of)
{
    int count = 0;
    for (; (text = strstr(text, of)) != NULL; text++)
        count++;
    return count;
}

START_TEST(what_cannot_be_drawn_is_left_out)
{
    const double x[] = {1, 2, 3, 4}, y[] = {1, (double)NAN, -1, 5};
    const struct sbmt_series series = {.name = "a <b>", .count = 4, .x = x, .y = y};
    const struct sbmt_chart linear = {.title = "t", .count = 1, .series = &series};
    const struct sbmt_chart logarithmic = {
        .title = "t", .y = {.logarithmic = true}, .count = 1, .series = &series};
    const struct sbmt_chart *const charts[] = {&linear, &logarithmic};
    for (int i = 0; i < 2; i++) {
        struct sbmt_str out = {0};
        struct sbmt_chart chart = *charts[i];
        chart.x.title = chart.y.title = "axis";
        sbmt_chart_write(&chart, "name", false, &out);
        ck_assert_int_eq(occurrences(out.text, "class=\"m k0\""), 3 - i + 1); /* and the legend's */
        ck_assert_int_eq(occurrences(out.text, "a &lt;b&gt;"), 1);
        ck_assert_ptr_null(strstr(out.text, "nan"));
        ck_assert_ptr_null(strstr(out.text, "<style>"));
        sbmt_str_finish(&out);
    }
}
END_TEST

START_TEST(a_chart_without_points)
{
    const double nothing[] = {(double)NAN};
    const struct sbmt_series series = {
        .name = "a", .line = true, .count = 1, .x = nothing, .y = nothing};
    const struct sbmt_chart chart = {
        .title = "t", .x = {.title = "x"}, .y = {.title = "y"}, .count = 1, .series = &series};
    struct sbmt_str out = {0};
    ck_assert(!sbmt_chart_has_points(&chart));
    sbmt_chart_write(&chart, "name", true, &out);
    ck_assert_ptr_nonnull(strstr(out.text, "no data"));
    ck_assert_ptr_nonnull(strstr(out.text, "<style>"));
    sbmt_str_finish(&out);
}
END_TEST

/* Of one colour there is one entry; a line of one point is a marker. */
START_TEST(series_of_one_colour_share_an_entry)
{
    const double x[] = {1}, y[] = {2};
    struct sbmt_series series[3];
    for (int i = 0; i < 3; i++)
        series[i] = (struct sbmt_series){
            .name = "kind", .colour = i / 2, .line = true, .count = 1, .x = x, .y = y};
    const struct sbmt_chart chart = {
        .title = "t", .x = {.title = "x"}, .y = {.title = "y"}, .count = 3, .series = series};
    struct sbmt_str out = {0};
    sbmt_chart_write(&chart, "name", false, &out);
    ck_assert_int_eq(occurrences(out.text, ">kind</text>"), 2);
    ck_assert_int_eq(occurrences(out.text, "class=\"m k"), 3);
    sbmt_str_finish(&out);
}
END_TEST

/* Six digits beside the axis, each of 7.8 units at the most, leave the axis' title alone: it is
 * written upwards, and 4 units of it are right of its base. */
START_TEST(tick_labels_keep_off_the_title)
{
    const double x[] = {1, 2}, y[] = {0.6925, 0.6935};
    const struct sbmt_series series = {.name = "a", .line = true, .count = 2, .x = x, .y = y};
    const struct sbmt_chart chart = {
        .title = "t", .x = {.title = "x"}, .y = {.title = "y"}, .count = 1, .series = &series};
    struct sbmt_str out = {0};
    sbmt_chart_write(&chart, "name", false, &out);
    const char *title = strstr(out.text, "rotate(-90 "), *label = out.text;
    ck_assert_ptr_nonnull(title);
    const double base = strtod(title + strlen("rotate(-90 "), NULL);
    int count = 0;
    while ((label = strstr(label, "<text x=\"")) != NULL) {
        const double end = strtod(label + strlen("<text x=\""), NULL);
        const char *text = strchr(label, '>') + 1;
        const char *anchor = strstr(label, "text-anchor=\"end\"");
        label = text;
        if (anchor == NULL || anchor > text)
            continue;
        ck_assert_double_ge(end - 7.8 * (double)strcspn(text, "<"), base + 4);
        count++;
    }
    ck_assert_int_ge(count, 3);
    sbmt_str_finish(&out);
}
END_TEST

SBMT_SUITE_MAIN("chart", ticks_are_round, ticks_enclose_any_range, what_cannot_be_drawn_is_left_out,
                a_chart_without_points, series_of_one_colour_share_an_entry,
                tick_labels_keep_off_the_title)
