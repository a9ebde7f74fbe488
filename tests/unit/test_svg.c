/* The colours of series: how far apart they are for every kind of colour vision. */
#include "tests/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/svg.h"

enum { VISIONS = 4 };

/* Linear RGB as it is seen: by all cones, and without the long, middle or short ones (Machado,
 * Oliveira and Fernandes 2009, severity 1.0). */
static const double seen[VISIONS][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868},
     {0.114503, 0.786281, 0.099216},
     {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968},
     {0.280085, 0.672501, 0.047413},
     {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779},
     {-0.078411, 0.930809, 0.147602},
     {0.004733, 0.691367, 0.303900}},
};

/* sRGB (IEC 61966-2-1) to linear RGB. */
static void read_colour(const char *hex, double rgb[3])
{
    ck_assert_int_eq(hex[0], '#');
    const long value = strtol(hex + 1, NULL, 16);
    for (int i = 0; i < 3; i++) {
        const double part = (double)(value >> (16 - 8 * i) & 255) / 255;
        rgb[i] = part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
    }
}

static double curve(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* CIELAB under D65 of a colour as it is seen. */
static void lab_of(const double rgb[3], const double vision[3][3], double lab[3])
{
    static const double xyz[3][3] = {{0.4124564, 0.3575761, 0.1804375},
                                     {0.2126729, 0.7151522, 0.0721750},
                                     {0.0193339, 0.1191920, 0.9503041}};
    static const double white[] = {0.95047, 1, 1.08883};
    double part[3], f[3];
    for (int i = 0; i < 3; i++)
        part[i] = fmin(
            fmax(vision[i][0] * rgb[0] + vision[i][1] * rgb[1] + vision[i][2] * rgb[2], 0), 1);
    for (int i = 0; i < 3; i++)
        f[i] = curve((xyz[i][0] * part[0] + xyz[i][1] * part[1] + xyz[i][2] * part[2]) / white[i]);
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

/* ΔE of 1976. */
static double distance(const double a[3], const double b[3], int vision)
{
    double first[3], second[3];
    lab_of(a, seen[vision], first);
    lab_of(b, seen[vision], second);
    return hypot(hypot(first[0] - second[0], first[1] - second[1]), first[2] - second[2]);
}

/* The colour of a series: the attribute, or in the dark what the style says. */
static void colour_of(int series, bool dark, double rgb[3])
{
    struct sbmt_str text = {0};
    char before[32] = "stroke=\"";
    if (dark) {
        snprintf(before, sizeof before, "path.k%d,line.k%d{stroke:", series, series);
        sbmt_svg_style(&text);
    } else {
        sbmt_svg_line(0, 0, 1, 1, series, &text);
    }
    const char *found = strstr(text.text, before);
    ck_assert_ptr_nonnull(found);
    read_colour(found + strlen(before), rgb);
    sbmt_str_finish(&text);
}

START_TEST(colours_can_be_told_apart)
{
    for (int a = 0; a < SBMT_SVG_COLOURS; a++)
        for (int b = 0; b < a; b++)
            for (int vision = 0; vision < VISIONS; vision++) {
                double first[3], second[3];
                colour_of(a, _i, first);
                colour_of(b, _i, second);
                ck_assert_msg(distance(first, second, vision) >= 18,
                              "colours %d and %d, vision %d: %g", b, a, vision,
                              distance(first, second, vision));
            }
}
END_TEST

/* Three to one, as WCAG 2.1 asks of graphics (1.4.11). */
START_TEST(colours_stand_out_from_the_ground)
{
    double ground[3];
    read_colour(_i ? "#1e2125" : "#f4f5f6", ground); /* of a report's figures */
    for (int a = 0; a < SBMT_SVG_COLOURS; a++) {
        double rgb[3];
        colour_of(a, _i, rgb);
        const double one = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        const double other = 0.2126 * ground[0] + 0.7152 * ground[1] + 0.0722 * ground[2];
        ck_assert_double_ge((fmax(one, other) + 0.05) / (fmin(one, other) + 0.05), 3);
    }
}
END_TEST

/* Red is (53.24, 80.09, 67.20) in CIELAB, green (87.73, −86.18, 83.18). */
START_TEST(distances_are_those_of_cie76)
{
    double red[3], green[3];
    read_colour("#ff0000", red);
    read_colour("#00ff00", green);
    ck_assert_double_eq_tol(distance(red, green, 0), 170.56, 0.05);
}
END_TEST

int main(void)
{
    const struct sbmt_suite_loop tests[] = {{colours_can_be_told_apart, 2},
                                            {colours_stand_out_from_the_ground, 2},
                                            {distances_are_those_of_cie76, 1}};
    return sbmt_suite_run_loops("svg", tests, 3);
}
