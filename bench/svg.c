/* Drawings as SVG. */
#include "bench/svg.h"

#include "bench/escape.h"

/* The palette of Okabe and Ito (Color Universal Design), without yellow on white and black on
 * black, each colour moved as little as leaves all pairs 18 apart (CIE 1976), whichever cones are
 * missing; tests/unit/test_svg.c computes it. */
static const struct {
    const char *light, *dark;
} colours[SBMT_SVG_COLOURS] = {
    {"#0c6fad", "#2ba0db"}, {"#dd690e", "#e77a31"}, {"#009f74", "#38d3a5"}, {"#9b497d", "#c984ae"},
    {"#c37c45", "#f0b429"}, {"#383837", "#dee3e4"}, {"#003d75", "#a0d0f1"}, {"#665b00", "#f9e810"},
};
static const struct {
    const char *light, *dark;
} others[] = {{"#1d1f21", "#e6e7e9"}, {"#5f6670", "#9aa2ad"}, {"#dcdfe3", "#363b42"}};
static const char *const dashes[] = {"", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\""};

enum { DASHES = sizeof dashes / sizeof dashes[0] };

static const char *colour_of(int colour)
{
    return colour < 0 ? others[-colour - 1].light : colours[colour % SBMT_SVG_COLOURS].light;
}

/* Classes that the style names: k0 … for series, t1 … for the others. */
static void class_of(int colour, struct sbmt_str *out)
{
    if (colour < 0)
        sbmt_str_printf(out, "class=\"t%d\"", -colour);
    else
        sbmt_str_printf(out, "class=\"k%d\"", colour % SBMT_SVG_COLOURS);
}

static const char *dash_of(int colour)
{
    return colour < 0 ? "" : dashes[colour / SBMT_SVG_COLOURS % DASHES];
}

static void rule(char letter, int number, const char *colour, struct sbmt_str *out)
{
    sbmt_str_printf(out, "path.%c%d,line.%c%d{stroke:%s}text.%c%d,.m.%c%d{fill:%s;stroke:none}",
                    letter, number, letter, number, colour, letter, number, letter, number, colour);
}

void sbmt_svg_style(struct sbmt_str *out)
{
    sbmt_str_printf(out, "@media (prefers-color-scheme:dark){");
    for (int i = 0; i < SBMT_SVG_COLOURS; i++)
        rule('k', i, colours[i].dark, out);
    for (int i = 0; i < 3; i++)
        rule('t', i + 1, others[i].dark, out);
    sbmt_str_printf(out, "}\n");
}

void sbmt_svg_begin(double width, double height, const char *name, const char *title, bool file,
                    struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\" "
                    "aria-labelledby=\"%s\" font-family=\"system-ui,sans-serif\" "
                    "font-size=\"13\"",
                    width, height, name);
    if (file)
        sbmt_str_printf(out, " width=\"%g\" height=\"%g\"", width, height);
    sbmt_str_printf(out, ">\n<title id=\"%s\">", name);
    sbmt_escape_html(title, out);
    sbmt_str_printf(out, "</title>\n");
    if (!file)
        return;
    sbmt_str_printf(out, "<style>");
    sbmt_svg_style(out);
    sbmt_str_printf(out, "@media (prefers-color-scheme:dark){.back{fill:#15171a}}</style>\n"
                         "<rect class=\"back\" width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
}

void sbmt_svg_end(struct sbmt_str *out)
{
    sbmt_str_printf(out, "</svg>\n");
}

void sbmt_svg_line(double x1, double y1, double x2, double y2, int colour, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" ", x1,
                    y1, x2, y2, colour_of(colour));
    class_of(colour, out);
    if (colour >= 0)
        sbmt_str_printf(out, " stroke-width=\"2\"%s", dash_of(colour));
    sbmt_str_printf(out, "/>\n");
}

void sbmt_svg_text(double x, double y, struct sbmt_svg_text_style style, const char *text,
                   struct sbmt_str *out)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    sbmt_str_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\" ", x, y,
                    anchors[style.anchor], colour_of(style.colour));
    class_of(style.colour, out);
    if (style.size != 0)
        sbmt_str_printf(out, " font-size=\"%g\"", style.size);
    if (style.upwards)
        sbmt_str_printf(out, " transform=\"rotate(-90 %.1f %.1f)\"", x, y);
    sbmt_str_printf(out, ">");
    sbmt_escape_html(text, out);
    sbmt_str_printf(out, "</text>\n");
}

void sbmt_svg_path(const double (*point)[2], int count, int colour, struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    "<path fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\" "
                    "stroke=\"%s\" ",
                    colour_of(colour));
    class_of(colour, out);
    sbmt_str_printf(out, "%s d=\"", dash_of(colour));
    for (int i = 0; i < count; i++)
        sbmt_str_printf(out, "%s%.1f %.1f", i == 0 ? "M" : " ", point[i][0], point[i][1]);
    sbmt_str_printf(out, "\"/>\n");
}

/* A disc, a square, a triangle, a diamond; within 4 units. */
static void shape(double x, double y, int colour, struct sbmt_str *out)
{
    static const char *const shapes[] = {
        "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        "m-3.5 -3.5h7v7h-7z",
        "m0 -4.5l4.5 8h-9z",
        "m0 -5l5 5l-5 5l-5 -5z",
    };
    sbmt_str_printf(out, "d=\"M%.1f %.1f%s\"", x, y, shapes[colour % 4]);
}

void sbmt_svg_marker(double x, double y, int colour, const char *text, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<path fill=\"%s\" class=\"m k%d\" ", colour_of(colour),
                    colour % SBMT_SVG_COLOURS);
    shape(x, y, colour, out);
    sbmt_str_printf(out, ">");
    if (text != NULL) {
        sbmt_str_printf(out, "<title>");
        sbmt_escape_html(text, out);
        sbmt_str_printf(out, "</title>");
    }
    sbmt_str_printf(out, "</path>\n");
}
