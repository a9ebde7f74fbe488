/* Charts: lines and points over two axes, with ticks and a legend, as SVG. */
#ifndef SBMT_BENCH_CHART_H
#define SBMT_BENCH_CHART_H

#include <stdbool.h>

#include "core/base/str.h"

/** Points of one kind. Those that are not finite, or not above 0 on a logarithmic axis, are left
 * out. */
struct sbmt_series {
    const char *name; /**< in the legend; series of one colour share the entry of the first */
    int colour;       /**< as bench/svg.h numbers them */
    bool line;        /**< joined by lines; else markers */
    int count;
    const double *x, *y;
    const char *const *label; /**< (count) of each point, or NULL */
};

struct sbmt_axis {
    const char *title;
    bool logarithmic;
    bool percent; /**< does not reach beyond 100 or below 0 unless values do */
};

/** A chart. All borrowed. */
struct sbmt_chart {
    const char *title;
    struct sbmt_axis x, y;
    int count;
    const struct sbmt_series *series;
};

/** Appends the chart; `name` is unique in its page, and `file` makes a file of its own. */
void sbmt_chart_write(const struct sbmt_chart *chart, const char *name, bool file,
                      struct sbmt_str *out);

/** Something of the chart can be drawn. */
bool sbmt_chart_has_points(const struct sbmt_chart *chart);

enum { SBMT_CHART_TICKS = 32 };

/** The ticks of an axis from `low` to `high` (low < high, above 0 on a logarithmic axis): multiples
 * of 1, 2 or 5 times a power of ten, the step such that there are three to eight; on a logarithmic
 * axis powers of ten and, over less than three of them, their doubles and fivefolds. They may lie
 * just outside. Returns how many. */
int sbmt_chart_ticks(double low, double high, bool logarithmic, double tick[SBMT_CHART_TICKS]);

#endif
